"""Leverage of clusters in least squares, its powers and the traces that follow, all p x p."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from experiments.analysis.absorption import AbsorbedGroups, group_sums
from experiments.engine.cluster_moments import ClusterMoments

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

# Eigenvalues of a leverage above this are 1: I - H has no inverse in that direction.
FULL_LEVERAGE = 1 - 1e-8
# A contrast touches a direction when its cosine with it is above this.
TOUCHES = 1e-6
# Eigenvectors are computed for this many clusters at once, to bound memory.
BATCH = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterLeverage:
    """Hat matrix of each cluster as ``H_gg = Z_g Z_g'``, known through ``Z_g' Z_g`` alone.

    With ``(X'X)^-1 = L L'``, ``Z_g = X_g L``; where groups of clusters are absorbed, the first
    column of ``Z_g`` is ``1 / sqrt(N_group)`` and X holds deviations from group means. Then
    ``f(I - H_gg) Z_g = Z_g f(I - Z_g' Z_g)`` for any f, so that no n_g x n_g matrix is needed.

    Attributes
    ----------
    whitening
        L, shape (p, p).
    gram
        ``Z_g' Z_g``, shape (G, k, k), k = p or p + 1.
    scores
        ``Z_g' e_g`` of the residuals, shape (G, k).
    codes
        Absorbed group of each cluster, shape (G,), or None.
    """

    whitening: Floats
    gram: Floats
    scores: Floats
    codes: Codes | None

    @property
    def p(self) -> int:
        """Number of slopes."""
        return len(self.whitening)

    def across(self, vectors: Floats) -> Floats:
        """Inner products summed over all clusters and groups, for vectors of shape (G, k, q).

        Returns ``sum_gh (v_sg' J_gh v_th) (v_ug' J_gh v_wh)`` over pairs of clusters, shape
        (q, q, q, q) indexed by s, t, u, w, where ``J_gh`` is the identity on the p coordinates
        of slopes, and on that of the group for clusters of one group.
        """
        slopes = vectors[:, -self.p :, :]
        flat = slopes.reshape(len(slopes), -1)
        pairs = (flat.T @ flat).reshape(2 * slopes.shape[1:])
        total: Floats = np.einsum("isju,itjw->stuw", pairs, pairs)
        if self.codes is not None:
            total += self._across_groups(slopes, vectors[:, 0, :], self.codes)
        return total

    def _across_groups(self, slopes: Floats, own: Floats, codes: Codes) -> Floats:
        count, _, q = slopes.shape
        mixed = np.einsum("gis,gu->gisu", slopes, own).reshape(count, -1)
        by_group = group_sums(mixed, codes).reshape(-1, self.p, q, q)
        squares = np.einsum("gs,gu->gsu", own, own).reshape(count, -1)
        within = group_sums(squares, codes).reshape(-1, q, q)
        half = np.einsum("bisu,bitw->stuw", by_group, by_group)
        total: Floats = half + half.transpose(2, 3, 0, 1)
        total += np.einsum("bsu,btw->stuw", within, within)
        return total


def cluster_leverage(
    moments: ClusterMoments,
    coefficients: Floats,
    whitening: Floats,
    absorbed: AbsorbedGroups | None,
) -> ClusterLeverage:
    """Leverages and residual scores of a fit.

    Parameters
    ----------
    moments : ClusterMoments
        Of the p columns fitted.
    coefficients : array, shape (p,)
        Least-squares coefficients.
    whitening : array, shape (p, p)
        L with ``L L' = (X'X)^-1``.
    absorbed : AbsorbedGroups or None
        Groups swept out, whose moments hold the intercept and then the same p columns.

    Returns
    -------
    ClusterLeverage
    """
    p = len(coefficients)
    gram = np.matmul(whitening.T, moments.xx) @ whitening
    scores = (moments.xy - moments.xx @ coefficients) @ whitening
    if absorbed is None:
        return ClusterLeverage(whitening=whitening, gram=gram, scores=scores, codes=None)
    root = np.sqrt(absorbed.totals[absorbed.codes])
    totals = absorbed.moments.xx[:, 0, :]
    full = np.empty((len(gram), p + 1, p + 1))
    full[:, 0, 0] = totals[:, 0] / root**2
    full[:, 0, 1:] = full[:, 1:, 0] = totals[:, 1:] @ whitening / root[:, None]
    full[:, 1:, 1:] = gram
    residual = (absorbed.moments.xy[:, 0] - totals[:, 1:] @ coefficients) / root
    return ClusterLeverage(
        whitening=whitening,
        gram=full,
        scores=np.column_stack([residual, scores]),
        codes=absorbed.codes,
    )


def adjustments(leverage: ClusterLeverage, *, power: float) -> Floats:
    """Last p columns of ``(I - Z_g' Z_g)^power``, shape (G, k, p).

    The power is 0, -1/2 or -1. Directions of leverage 1 get 0 (Moore-Penrose): residuals have
    no component there.
    """
    count, k, _ = leverage.gram.shape
    p = leverage.p
    if power == 0.0:
        return np.broadcast_to(np.eye(k)[:, k - p :], (count, k, p))
    adjusted = np.empty((count, k, p))
    for start in range(0, count, BATCH):
        part = slice(start, start + BATCH)
        values, vectors = np.linalg.eigh(leverage.gram[part])
        kept = values < FULL_LEVERAGE
        scale = np.where(kept, np.where(kept, 1 - values, 1.0) ** power, 0.0)
        adjusted[part] = (vectors * scale[:, None, :]) @ vectors[:, k - p :, :].transpose(0, 2, 1)
    return adjusted


def working_moments(
    leverage: ClusterLeverage, adjusted: Floats, directions: Floats
) -> tuple[Floats, Floats]:
    """Mean and squared variation of a sandwich under independent errors of variance 1.

    The sandwich of contrasts s and t is ``d_st = sum_g (y' p_sg)(y' p_tg)`` with
    ``p_sg = (I - H) A_g X_g (X'X)^-1 c_s`` (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018,
    sect. 2.3 and 3.2). With ``P_st,gh = p_sg' p_th`` its mean is ``sum_g P_st,gg`` and its
    covariances ``sum_gh P_su,gh P_tw,gh + P_sw,gh P_tu,gh``. P is a diagonal less a product of
    thin matrices, so its squared norm is had without a G x G matrix.

    Parameters
    ----------
    leverage : ClusterLeverage
    adjusted : array, shape (G, k, p)
        From `adjustments`.
    directions : array, shape (p, q)
        ``L' c_s`` for each contrast.

    Returns
    -------
    mean : array, shape (q, q)
        Of ``d_st``.
    products : array, shape (q, q, q, q)
        ``sum_gh P_st,gh P_uw,gh`` indexed by s, t, u, w.
    """
    inner = adjusted @ directions
    outer = leverage.gram @ inner
    diagonal = np.einsum("gis,git->gst", inner, outer)
    overlap = np.einsum("gis,git->gst", outer, outer)
    mean = (diagonal - overlap).sum(axis=0)
    mixed = np.einsum("gst,guw->stuw", diagonal, overlap)
    products = np.einsum("gst,guw->stuw", diagonal, diagonal)
    products -= mixed + mixed.transpose(2, 3, 0, 1)
    products += leverage.across(outer)
    return mean, products


def identifying_clusters(leverage: ClusterLeverage, direction: Floats) -> tuple[int, ...]:
    """Clusters, at most two, without which a contrast could not be estimated.

    Parameters
    ----------
    leverage : ClusterLeverage
    direction : array, shape (p,)
        ``L' c`` of the contrast.

    Returns
    -------
    tuple of int
        One index where that cluster alone carries the contrast (the only one of an arm), two
        where a pair does, none otherwise.
    """
    unit = direction / np.linalg.norm(direction)
    # The largest eigenvalue is at most the trace, which spares most decompositions.
    heavy = np.flatnonzero(np.einsum("gii->g", leverage.gram) >= FULL_LEVERAGE)
    for cluster in heavy:
        if _carries(leverage, (int(cluster),), unit):
            return (int(cluster),)
    slopes = leverage.gram[:, -leverage.p :, -leverage.p :]
    share = np.einsum("i,gij,j->g", unit, slopes, unit, optimize=True)
    top = np.argsort(-share, kind="stable")[:4]
    pairs = combinations(sorted(int(cluster) for cluster in top), 2)
    return next((pair for pair in pairs if _carries(leverage, pair, unit)), ())


def _carries(leverage: ClusterLeverage, clusters: tuple[int, ...], unit: Floats) -> bool:
    """Whether deleting the clusters makes the contrast inestimable (``c`` leaves the row space)."""
    p = leverage.p
    own = [] if leverage.codes is None else [int(leverage.codes[g]) for g in clusters]
    groups = list(dict.fromkeys(own))
    total = np.zeros((len(groups) + p, len(groups) + p))
    for place, cluster in enumerate(clusters):
        gram = leverage.gram[cluster]
        total[-p:, -p:] += gram[-p:, -p:]
        if own:
            row = groups.index(own[place])
            total[row, row] += gram[0, 0]
            total[row, -p:] += gram[0, 1:]
            total[-p:, row] += gram[1:, 0]
    values, vectors = np.linalg.eigh(total)
    if values[-1] < FULL_LEVERAGE:
        return False
    lost = vectors[-p:, values >= FULL_LEVERAGE]
    return bool(np.any(np.abs(unit @ lost) > TOUCHES))
