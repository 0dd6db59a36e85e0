"""Distances between a week and the reference, with what chance alone would give.

Each p-value is that of the very sample sizes at hand: the same numbers of texts are drawn again
and again without any drift. No threshold on a distance can do that, for distances between
samples grow as samples shrink.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# Jeffreys' half a count keeps logarithms finite where a class is empty.
HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDistance:
    """How far two tables of counts are.

    Attributes
    ----------
    psi
        Population stability index less what chance gives on average; at least 0.
    jensen_shannon, low, high
        Jensen-Shannon distance (base 2) in [0, 1], corrected for the bias of small samples, and
        its 95 % interval by basic multinomial bootstrap.
    p_value
        Probability of as large an index without drift, by permutation.
    """

    psi: float
    jensen_shannon: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudDistance:
    """How far two clouds of points are: squared maximum mean discrepancy, and its p-value."""

    mmd: float
    p_value: float


def category_distance(
    reference: Counts, week: Counts, *, draws: int, rng: np.random.Generator
) -> CategoryDistance:
    """Compare two tables of counts over the same classes.

    Parameters
    ----------
    reference, week
        Counts, shape (k,), each with at least one text.
    draws
        Draws of the null distribution and of the bootstrap.
    rng
        Random generator.
    """
    sizes = int(reference.sum()), int(week.sum())
    pooled = reference + week
    # Without drift, every way of dealing the texts out to the two samples is as likely.
    dealt = rng.multivariate_hypergeometric(pooled, sizes[1], size=draws, method="marginals")
    chance = stability_index(pooled - dealt, dealt)
    observed = float(stability_index(reference[None, :], week[None, :])[0])
    again = [
        rng.multinomial(size, counts / size, size=draws)
        for size, counts in zip(sizes, (reference, week), strict=True)
    ]
    plain = float(jensen_shannon(reference[None, :], week[None, :])[0])
    spread = jensen_shannon(again[0], again[1])
    # The distance between samples is too large on average, and more so in the bootstrap.
    centre, low, high = np.clip(
        2 * plain - np.array([spread.mean(), *np.quantile(spread, (0.975, 0.025))]), 0.0, 1.0
    )
    return CategoryDistance(
        psi=max(0.0, observed - float(chance.mean())),
        jensen_shannon=float(centre),
        low=float(low),
        high=float(high),
        p_value=float((1 + np.count_nonzero(chance >= observed - 1e-12)) / (1 + draws)),
    )


def stability_index(reference: Counts, week: Counts) -> Floats:
    """Return the population stability index of each row, shape (n, k) to (n,)."""
    p, q = _shares(reference), _shares(week)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=1))


def jensen_shannon(reference: Counts, week: Counts) -> Floats:
    """Return the Jensen-Shannon distance of each row, base 2 (Endres and Schindelin, 2003)."""
    p = reference / reference.sum(axis=1, keepdims=True)
    q = week / week.sum(axis=1, keepdims=True)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.nan_to_num(p * np.log2(p / middle)) + np.nan_to_num(q * np.log2(q / middle))
    return np.asarray(np.sqrt(np.clip(terms.sum(axis=1) / 2, 0.0, 1.0)))


def cloud_distance(
    reference: Floats, week: Floats, *, draws: int, rng: np.random.Generator
) -> CloudDistance:
    """Compare two clouds by a kernel two-sample test (Gretton et al., 2012).

    Gaussian kernel as wide as the median distance; the p-value is by permutation.

    Parameters
    ----------
    reference, week
        Points, shapes (n, d) and (m, d); n and m at least 2.
    """
    points = np.concatenate([reference, week])
    n, m = len(reference), len(week)
    squares = (points**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0.0)
    width = np.median(distances[np.triu_indices(n + m, k=1)])
    kernel = np.exp(-distances / (width if width > 0 else 1.0))
    labels = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)])
    shuffled = rng.permuted(np.tile(labels, (draws, 1)), axis=1)
    observed = float(labels @ kernel @ labels)
    chance = ((shuffled @ kernel) * shuffled).sum(axis=1)
    as_large = np.count_nonzero(chance >= observed - 1e-12)
    return CloudDistance(
        mmd=max(0.0, observed - float(chance.mean())),
        p_value=float((1 + as_large) / (1 + draws)),
    )


def _shares(counts: Counts) -> Floats:
    smooth = counts + HALF
    return np.asarray(smooth / smooth.sum(axis=1, keepdims=True))
