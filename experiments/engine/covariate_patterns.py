"""Rows that share cluster and covariates, as counts: what likelihood and GEE estimators need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.engine.design_columns import covariate_indices, design_columns, outcome_index
from experiments.engine.grouped_table import GroupedTable
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]

# A product, a quotient, two sums: each rounds by half of 2.2e-16 at most.
_KEY_ROUNDING = 1e-15
# Mean over spread from which a fit loses more than eight digits to the intercept.
_DISTANT = 1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariatePatterns:
    """Grouped rows, sorted by cluster; one pattern is one distinct design row in one cluster.

    Attributes
    ----------
    clusters
        Labels, shape (G,).
    columns
        Names of the p design columns, the intercept first.
    start
        Index of each cluster's first pattern, then R, shape (G + 1,).
    x
        Design rows, shape (R, p).
    n
        Units in each pattern, shape (R,).
    sum_y, sum_yy
        Sum and sum of squares of the outcome in each pattern, shape (R,).
    within
        Sum of squares of the outcome about its mean in each pattern, shape (R,), where it is
        known better than ``sum_yy - sum_y^2 / n`` gives it.
    """

    clusters: npt.NDArray[np.object_]
    columns: tuple[str, ...]
    start: npt.NDArray[np.int64]
    x: Floats
    n: Floats
    sum_y: Floats
    sum_yy: Floats
    within: Floats | None = None

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.start) - 1

    @property
    def cluster(self) -> npt.NDArray[np.int64]:
        """Cluster code of each pattern, shape (R,)."""
        return np.repeat(np.arange(self.n_clusters), np.diff(self.start))


def covariate_patterns(
    table: GroupedTable,
    *,
    outcome: str,
    control: str,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    stratum_dummies: bool = False,
    arms: Sequence[str] | None = None,
) -> CovariatePatterns:
    """Counts and outcome sums of each distinct design row in each cluster.

    Columns are those of ``cluster_moments``. Outcome and covariates are not centred.
    Rows that the table tells apart by a column that is not asked for stay apart: likelihoods
    and estimating equations come out the same.

    Parameters
    ----------
    control
        Arm without a dummy.
    factors, numeric
        Covariates, among those the table was read with.
    arms
        Arms to keep, the control among them; clusters without rows in them are left out.

    Raises
    ------
    InputError
        If a column, covariate or arm was not read, or numeric covariates were summed and not
        kept as keys.
    """
    y, covariates = outcome_index(table, outcome), covariate_indices(table, numeric)
    if numeric and not table.numeric_as_keys:
        raise InputError(
            f"Numeric covariates ({', '.join(numeric)}) were summed over rows, but this analysis "
            "needs their values: read the data with numeric_as_keys=True."
        )
    design = design_columns(
        table, control=control, factors=factors, stratum_dummies=stratum_dummies, arms=arms
    )
    n, sums = table.n[design.kept], table.sums[design.kept]
    keys = [_key_values(table.centre[j], sums[:, j], n) for j in covariates]
    centre, sum_y, sum_yy = table.centre[y], sums[:, y], table.products[design.kept, y, y]
    return CovariatePatterns(
        clusters=design.clusters,
        columns=(*design.names, *numeric),
        start=design.start,
        x=np.column_stack([design.values, *keys]),
        n=n,
        sum_y=sum_y + n * centre,
        sum_yy=sum_yy + centre * (2 * sum_y + n * centre),
        within=np.maximum(sum_yy - sum_y**2 / n, 0.0),
    )


def _key_values(centre: float, sums: Floats, n: Floats) -> Floats:
    """Values of a covariate that rows were grouped by, equal wherever the keys were.

    Sums over different numbers of rows give one key back with different last bits, which would
    make a column of the cluster level vary inside clusters. Values closer than that rounding
    become the value of the smallest group among them, which is rounded least.
    """
    values = centre + sums / n
    rounding = _KEY_ROUNDING * (np.abs(values) + abs(centre))
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order], prepend=-np.inf)
    first = np.flatnonzero(gaps > rounding[order])
    key = np.empty(len(values), dtype=np.int64)
    key[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(values)))
    smallest = np.lexsort([n, key])[first]
    exact: Floats = values[smallest][key]
    return exact


def centred_covariates(patterns: CovariatePatterns) -> CovariatePatterns:
    """Take its mean off each column that the mean would make collinear with the intercept.

    Coefficients but the intercept stay the same, and so does every fitted value. Columns whose
    mean is less than 10,000 times their spread stay as they are, since the Fay-Graubard
    covariance depends on how columns are coded.
    """
    share = patterns.n / patterns.n.sum()
    mean = share @ patterns.x
    spread = np.sqrt(share @ (patterns.x - mean) ** 2)
    distant = (np.ptp(patterns.x, axis=0) > 0) & (np.abs(mean) > _DISTANT * spread)
    return replace(patterns, x=patterns.x - np.where(distant, mean, 0.0))


def constant_within_clusters(patterns: CovariatePatterns) -> npt.NDArray[np.bool_]:
    """Return which design columns take one value inside every cluster, shape (p,)."""
    start = patterns.start[:-1]
    low = np.minimum.reduceat(patterns.x, start, axis=0)
    high = np.maximum.reduceat(patterns.x, start, axis=0)
    constant: npt.NDArray[np.bool_] = np.all(low == high, axis=0)
    return constant
