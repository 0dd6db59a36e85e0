"""Rows that share cluster and covariates, as counts: what likelihood and GEE estimators need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.engine.design_columns import covariate_indices, design_columns, outcome_index
from experiments.engine.grouped_table import GroupedTable
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]


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
    """

    clusters: npt.NDArray[np.object_]
    columns: tuple[str, ...]
    start: npt.NDArray[np.int64]
    x: Floats
    n: Floats
    sum_y: Floats
    sum_yy: Floats

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
    values = table.centre[covariates] + sums[:, covariates] / n[:, None]
    centre, sum_y = table.centre[y], sums[:, y]
    return CovariatePatterns(
        clusters=design.clusters,
        columns=(*design.names, *numeric),
        start=design.start,
        x=np.hstack([design.values, values]),
        n=n,
        sum_y=sum_y + n * centre,
        sum_yy=table.products[design.kept, y, y] + centre * (2 * sum_y + n * centre),
    )


def constant_within_clusters(patterns: CovariatePatterns) -> npt.NDArray[np.bool_]:
    """Return which design columns take one value inside every cluster, shape (p,)."""
    start = patterns.start[:-1]
    low = np.minimum.reduceat(patterns.x, start, axis=0)
    high = np.maximum.reduceat(patterns.x, start, axis=0)
    constant: npt.NDArray[np.bool_] = np.all(low == high, axis=0)
    return constant
