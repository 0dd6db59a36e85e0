"""Per-cluster cross-products: all that least squares and its cluster-robust variances need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.engine.design_columns import covariate_indices, design_columns, outcome_index
from experiments.engine.grouped_table import GroupedTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMoments:
    """Cross-products of a design matrix and one outcome, summed within each cluster.

    Attributes
    ----------
    clusters
        Labels, shape (G,).
    columns
        Names of the p design columns, the intercept first where there is one.
    xx
        ``X_g' W_g X_g`` for each cluster, shape (G, p, p).
    xy
        ``X_g' W_g y_g``, shape (G, p).
    yy
        ``y_g' W_g y_g``, shape (G,).
    n
        Units in each cluster, unweighted, shape (G,).
    """

    clusters: npt.NDArray[np.object_]
    columns: tuple[str, ...]
    xx: Floats
    xy: Floats
    yy: Floats
    n: Floats

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.n)


def cluster_moments(
    table: GroupedTable,
    *,
    outcome: str,
    control: str,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    stratum_dummies: bool = False,
    arms: Sequence[str] | None = None,
) -> ClusterMoments:
    """Cross-products of the regression of an outcome on arms and covariates.

    Columns are ``(intercept)``; a dummy per other arm, named by its label; ``stratum[level]``
    if asked; ``factor[level]``; numeric covariates by name. Outcome and numeric covariates
    enter about ``table.centre``: slopes and their variances are unchanged, but the intercept is
    the control mean of the centred outcome where centred covariates are 0.

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
        If a column, covariate or arm was not read.
    """
    y, covariates = outcome_index(table, outcome), covariate_indices(table, numeric)
    design = design_columns(
        table, control=control, factors=factors, stratum_dummies=stratum_dummies, arms=arms
    )
    dummies, start = design.values, design.start
    n, sums, products = table.n[design.kept], table.sums[design.kept], table.products[design.kept]
    q, p = dummies.shape[1], dummies.shape[1] + len(covariates)
    # Dummies are constant within a grouped row, so they multiply its sums.
    crosses = _cluster_products(
        dummies, np.hstack([n[:, None] * dummies, sums[:, [*covariates, y]]]), start
    )
    xx = np.empty((len(start) - 1, p, p))
    xx[:, :q] = crosses[:, :, :p]
    xx[:, q:, :q] = crosses[:, :, q:p].transpose(0, 2, 1)
    for j, covariate in enumerate(covariates, start=q):
        xx[:, j, q:] = np.add.reduceat(products[:, covariate, covariates], start[:-1])
    xy = np.empty((len(start) - 1, p))
    xy[:, :q] = crosses[:, :, p]
    xy[:, q:] = np.add.reduceat(products[:, y, covariates], start[:-1])
    return ClusterMoments(
        clusters=design.clusters,
        columns=(*design.names, *numeric),
        xx=xx,
        xy=xy,
        yy=np.add.reduceat(products[:, y, y], start[:-1]),
        n=np.add.reduceat(n, start[:-1]),
    )


def _cluster_products(
    left: Floats, right: Floats, start: npt.NDArray[np.int64], *, budget: int = 2**22
) -> Floats:
    """Left'right within each cluster, (R, q) and (R, p) into (G, q, p).

    Clusters of like size are padded to one size and multiplied together, about ``budget``
    numbers at a time.
    """
    sizes = np.diff(start)
    out = np.empty((len(sizes), left.shape[1], right.shape[1]))
    magnitude = np.ceil(np.log2(sizes))
    for like in np.unique(magnitude):
        members = np.flatnonzero(magnitude == like)
        size = sizes[members].max()
        numbers = len(members) * size * (left.shape[1] + right.shape[1])
        for part in np.array_split(members, numbers // budget + 1):
            rows = start[part, None] + np.arange(size)
            inside = rows < start[part + 1, None]
            rows[~inside] = 0
            padded = left[rows] * inside[:, :, None]
            out[part] = padded.transpose(0, 2, 1) @ right[rows]
    return out
