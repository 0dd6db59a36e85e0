"""Differences in means and their variances for many allocations by one sparse product."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Studentiser = Literal["welch", "between_strata", "none"]

FEWEST_STRATA = 3
# Numbers held at once for a batch of allocations: 2 MiB, which stay in the processor's cache.
BATCH_NUMBERS = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticBasis:
    """Cluster-level columns whose sums over an arm give its means and their (co)variances.

    Attributes
    ----------
    projection
        Sparse, shape (D * S, G): for each of D different columns, one row a stratum.
    column_places
        Which of the D each of the M columns is, shape (M,).
    everyone
        Sums over all clusters, shape (M, S, 1).
    n_strata, n_values
        S, and the number K of value columns.
    pairs
        Pairs (i, j) of value columns whose covariance is wanted, length P.
    shares
        Weight of each stratum, shape (S, 1), summing to one.
    studentiser
        ``"welch"``: arm variances within strata. ``"between_strata"``: variance of the strata's
        differences, for pairs and strata with a single cluster in an arm. ``"none"``: no variance.
    """

    projection: Any
    column_places: npt.NDArray[np.intp]
    everyone: Floats
    n_strata: int
    n_values: int
    pairs: tuple[tuple[int, int], ...]
    shares: Floats
    studentiser: Studentiser

    @property
    def batch(self) -> int:
        """Allocations to take at a time."""
        rows, columns = self.projection.shape
        return int(max(1, BATCH_NUMBERS // max(rows, columns)))


def statistic_basis(
    values: Floats,
    *,
    pairs: Sequence[tuple[int, int]],
    stratum_codes: npt.NDArray[np.int64],
    weights: Floats,
    studentiser: Studentiser,
) -> StatisticBasis:
    """Lay out the sums that the statistic needs.

    Parameters
    ----------
    values : array, shape (G, K)
        Value columns, centred within strata where they are outcomes, to keep precision.
    pairs : sequence of (int, int)
        Value columns whose covariances are wanted.
    stratum_codes : array, shape (G,)
        0 to S - 1.
    weights : array, shape (G,)
        Cluster weights; a stratum counts by the sum of its weights.
    studentiser : {"welch", "between_strata", "none"}
        How variances are estimated.
    """
    n_clusters, n_values = values.shape
    n_strata = int(stratum_codes.max()) + 1
    columns = [np.ones(n_clusters), weights, *(weights * column for column in values.T)]
    if studentiser == "welch":
        columns += [weights**2, *(weights**2 * column for column in values.T)]
        columns += [weights**2 * values[:, i] * values[:, j] for i, j in pairs]
    # With equal weights half of the columns repeat others.
    contents = [column.tobytes() for column in columns]
    different = dict(zip(contents, columns, strict=True))
    column_places = np.array([list(different).index(content) for content in contents])
    table = np.stack(list(different.values()))
    row = np.arange(len(table))[:, None] * n_strata + stratum_codes
    place = np.broadcast_to(np.arange(n_clusters), table.shape)
    projection = sparse.csr_array(
        (table.ravel(), (row.ravel(), place.ravel())),
        shape=(len(table) * n_strata, n_clusters),
    )
    summed = projection @ np.ones((n_clusters, 1))
    total = np.bincount(stratum_codes, weights=weights)
    return StatisticBasis(
        projection=projection,
        column_places=column_places,
        everyone=summed.reshape(-1, n_strata, 1)[column_places],
        n_strata=n_strata,
        n_values=n_values,
        pairs=tuple(pairs),
        shares=(total / total.sum())[:, None],
        studentiser=studentiser,
    )


def choose_studentiser(
    in_arms: Sequence[npt.NDArray[np.bool_]], *, stratum_codes: npt.NDArray[np.int64]
) -> Studentiser:
    """The variance that the observed arms allow.

    Parameters
    ----------
    in_arms : sequence of bool arrays, each of shape (G,)
        Membership of each arm.
    stratum_codes : array, shape (G,)
        0 to S - 1.
    """
    n_strata = int(stratum_codes.max()) + 1
    fewest = min(
        np.bincount(stratum_codes[members], minlength=n_strata).min() for members in in_arms
    )
    if fewest >= 2:
        return "welch"
    return "between_strata" if n_strata >= FEWEST_STRATA else "none"


def batches(allocations: Codes | Iterable[Codes], *, size: int) -> Iterator[Codes]:
    """Allocations in runs of at most ``size`` rows, from one array or an iterable of them."""
    blocks = [allocations] if isinstance(allocations, np.ndarray) else allocations
    for block in blocks:
        if block.ndim != 2:
            raise InputError(
                f"allocations have {block.ndim} dimensions: give one row an allocation, one "
                "column a cluster"
            )
        for start in range(0, len(block), size):
            yield block[start : start + size]


def arm_sums(basis: StatisticBasis, members: npt.NDArray[np.bool_]) -> Floats:
    """Sums over an arm's clusters, shape (M, S, a), for its members, shape (a, G).

    Each allocation's sums are accumulated in the order of the clusters, whatever the others in
    the batch: results do not depend on how allocations are batched.
    """
    # Transposing bytes and then casting is faster than casting out of order.
    dense = np.ascontiguousarray(members.T).astype(np.float64)
    sums: Floats = (basis.projection @ dense).reshape(-1, basis.n_strata, len(members))
    return sums[basis.column_places]


def contrast(basis: StatisticBasis, treated: Floats, control: Floats) -> tuple[Floats, Floats]:
    r"""Differences in stratum-weighted means, and their covariances, for a batch.

    With shares :math:`w_s`: :math:`D = \sum_s w_s (m_{1s} - m_{0s})`. Welch's variance is
    :math:`\sum_s w_s^2 (v_{1s} + v_{0s})` with ``v = n / (n - 1) * sum(w^2 (y - m)^2) / sum(w)^2``
    in each arm (s^2 / n with equal weights); between strata it is
    :math:`\frac{S}{S-1} \sum_s w_s^2 (m_{1s} - m_{0s} - D)^2`.

    Parameters
    ----------
    basis : StatisticBasis
        Layout of the sums.
    treated, control : arrays, shape (M, S, a)
        From :func:`arm_sums`.

    Returns
    -------
    tuple of arrays
        Differences, shape (K, a), and covariances of the ``pairs``, shape (P, a); the latter are
        one where there is no studentiser.

    Raises
    ------
    AssumptionError
        An allocation leaves too few clusters in an arm for the statistic to exist.
    """
    needed = 2 if basis.studentiser == "welch" else 1
    if min(treated[0].min(), control[0].min()) < needed:
        message = (
            f"an allocation has fewer than {needed} clusters in an arm, or in an arm of a "
            "stratum, so the statistic does not exist for it; give the allocations that keep the "
            "observed number of clusters in each arm"
        )
        raise AssumptionError(message)
    stop = 2 + basis.n_values
    means = [sums[2:stop] / sums[1] for sums in (treated, control)]
    gap = means[0] - means[1]
    difference = (basis.shares * gap).sum(axis=1)
    if basis.studentiser == "none":
        return difference, np.ones((len(basis.pairs), difference.shape[1]))
    if basis.studentiser == "welch":
        cells = _mean_covariance(basis, treated, means[0]) + _mean_covariance(
            basis, control, means[1]
        )
        return difference, (basis.shares**2 * cells).sum(axis=1)
    off = basis.shares * (gap - difference[:, None])
    scale = basis.n_strata / (basis.n_strata - 1)
    return difference, np.stack([scale * (off[i] * off[j]).sum(axis=0) for i, j in basis.pairs])


def _mean_covariance(basis: StatisticBasis, sums: Floats, means: Floats) -> Floats:
    """Covariances of weighted means in each stratum, shape (P, S, a)."""
    n, total = sums[0], sums[1]
    squared = sums[2 + basis.n_values :]
    crossed = squared[1 + basis.n_values :]
    factor = n / (n - 1) / total**2
    return np.stack(
        [
            factor
            * (
                crossed[place]
                - means[i] * squared[1 + j]
                - means[j] * squared[1 + i]
                + means[i] * means[j] * squared[0]
            )
            for place, (i, j) in enumerate(basis.pairs)
        ]
    )
