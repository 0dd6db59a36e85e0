"""Fixed effects swept out of per-cluster moments: blocks of clusters, or groups inside clusters."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

INTERCEPTS = ("(intercept)", "intercept", "const", "constant", "cons", "_cons")


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedGroups:
    """Moments of deviations from the means of groups that hold whole clusters.

    Attributes
    ----------
    moments
        Of deviations from group means, except the intercept, which is kept: its row of ``xx``
        holds the cluster totals of the deviations, which leverages need.
    codes
        Group of each cluster, 0 to n_groups - 1, shape (G,).
    totals
        Units (or their weights) in each group, shape (n_groups,).
    """

    moments: ClusterMoments
    codes: Codes
    totals: Floats

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.totals)


def absorb_groups(moments: ClusterMoments, groups: npt.ArrayLike) -> AbsorbedGroups:
    """Sweep out one fixed effect per group of whole clusters (block, stratum, school).

    Least squares on the deviations has the slopes of explicit dummies (Frisch & Waugh 1933).
    Its cluster leverage is that of the deviations plus ``1 1' / N_group``, which
    `experiments.analysis.cluster_robust` adds: CR2 and its degrees of freedom equal those with
    explicit dummies, which CR2 computed on the deviations alone would not (Pustejovsky &
    Tipton 2018, JBES 36:672-683, sect. 3.1).

    Parameters
    ----------
    moments : ClusterMoments
        With the intercept as first column.
    groups : array_like, shape (G,)
        Group label of each cluster.

    Returns
    -------
    AbsorbedGroups

    Raises
    ------
    InputError
        No intercept, or not one label per cluster.
    """
    labels = np.asarray(groups)
    if labels.shape != (moments.n_clusters,):
        message = f"absorbed: {moments.n_clusters} labels are needed, one per cluster"
        raise InputError(message)
    codes: Codes = np.unique(labels, return_inverse=True)[1].astype(np.int64).reshape(-1)
    _require_intercept(moments)
    sums = group_sums(np.column_stack([moments.xx[:, 0, :], moments.xy[:, 0]]), codes)
    totals = sums[:, 0]
    means = sums / totals[:, None]
    return AbsorbedGroups(
        moments=_deviations(moments, means[codes, :-1], means[codes, -1]),
        codes=codes,
        totals=totals,
    )


def absorb_within(cells: ClusterMoments, *, clusters: npt.ArrayLike) -> ClusterMoments:
    """Sweep out one fixed effect per group that lies inside a cluster, then add up by cluster.

    Cells are taken as deviations from their own means, so that the moments may be treated as
    any others: with effects nested in clusters the adjusted variances of the deviations equal
    those with explicit dummies (Pustejovsky & Tipton 2018, theorem 2), weights included when
    the working variance is their inverse. CR1S does not count the swept effects as parameters
    unless told so by ``n_absorbed``.

    Parameters
    ----------
    cells : ClusterMoments
        One entry per group, the intercept as first column.
    clusters : array_like, shape (n_cells,)
        Cluster label of each group.

    Returns
    -------
    ClusterMoments
        Without the intercept; clusters in the order of their labels.

    Raises
    ------
    InputError
        No intercept, or not one cluster label per group.
    """
    labels = np.asarray(clusters)
    if labels.shape != (cells.n_clusters,):
        message = f"clusters: {cells.n_clusters} labels are needed, one per group"
        raise InputError(message)
    _require_intercept(cells)
    totals = cells.xx[:, 0, 0]
    within = _deviations(cells, cells.xx[:, 0, :] / totals[:, None], cells.xy[:, 0] / totals)
    names, codes = np.unique(labels, return_inverse=True)
    p = len(cells.columns) - 1
    return ClusterMoments(
        clusters=names.astype(object),
        columns=cells.columns[1:],
        xx=group_sums(within.xx[:, 1:, 1:].reshape(-1, p * p), codes).reshape(-1, p, p),
        xy=group_sums(within.xy[:, 1:], codes),
        yy=group_sums(within.yy[:, None], codes)[:, 0],
        n=group_sums(within.n[:, None], codes)[:, 0],
    )


def group_sums(values: Floats, codes: Codes) -> Floats:
    """Column sums by group, shape (n_groups, m), of values of shape (G, m)."""
    rows = sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    return np.asarray(rows @ values, dtype=np.float64)


def _deviations(moments: ClusterMoments, x_means: Floats, y_means: Floats) -> ClusterMoments:
    """Moments about the given means, the intercept left as it is; means have shape (G, p)."""
    centre = x_means.copy()
    centre[:, 0] = 0.0
    totals, weight = moments.xx[:, 0, :], moments.xx[:, 0, 0]
    xx = moments.xx - totals[:, :, None] * centre[:, None, :]
    xx -= centre[:, :, None] * (totals - weight[:, None] * centre)[:, None, :]
    xy = moments.xy - centre * moments.xy[:, :1]
    xy -= y_means[:, None] * (totals - weight[:, None] * centre)
    yy = moments.yy - 2 * y_means * moments.xy[:, 0] + y_means**2 * weight
    return replace(moments, xx=xx, xy=xy, yy=yy)


def _require_intercept(moments: ClusterMoments) -> None:
    if moments.columns[0].lower() not in INTERCEPTS:
        message = (
            f"absorbing fixed effects needs the intercept as first column, not "
            f"'{moments.columns[0]}': name it '{INTERCEPTS[0]}'"
        )
        raise InputError(message)
