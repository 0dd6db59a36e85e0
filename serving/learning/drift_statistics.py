"""Distances between a week and the reference, with what chance alone would give.

Each p-value is that of the very sample sizes at hand. No threshold on a distance can do that, for
distances between samples grow as samples shrink.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri

from nlu.inference.prediction_reference import EmbeddingMoments, unit_length

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# Jeffreys' half a count keeps logarithms finite where a class is empty.
HALF = 0.5
# "By chance" is what one week in twenty exceeds without drift.
CHANCE = 0.95


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
    by_chance
        Index that one week in twenty exceeds without drift.
    """

    psi: float
    jensen_shannon: float
    low: float
    high: float
    p_value: float
    by_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingDistance:
    """How far the mean embedding has moved.

    Attributes
    ----------
    texts
        Messages of the week that were embedded.
    distance
        Distance between mean embeddings over the radius of the reference (root mean square
        distance from its mean), less what chance gives; at least 0. A share *s* of messages whose
        subject lies one radius away moves the mean by *s*.
    by_chance
        Distance that one week in twenty exceeds without drift.
    p_value
        Probability of as large a distance without drift.
    """

    texts: int
    distance: float
    by_chance: float
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
        by_chance=max(0.0, float(np.quantile(chance, CHANCE) - chance.mean())),
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


def embedding_distance(reference: EmbeddingMoments, embeddings: npt.ArrayLike) -> EmbeddingDistance:
    """Compare the mean embedding of a week with that of the reference.

    The squared distance is a maximum mean discrepancy with a linear kernel (Gretton et al., 2012)
    and the part of the Fréchet distance that is due to the mean. Without drift it is close to a
    scaled chi-square of the first two moments given by the covariance, whatever the number of
    dimensions (Zhang, Guo, Zhou and Cheng, 2020, "A simple two-sample test in high dimensions
    based on L2-norm"). A change that leaves the mean where it was is not seen.

    Parameters
    ----------
    reference
        Of the same model.
    embeddings
        Of the week, shape (n, hidden), n at least 1.
    """
    points = unit_length(embeddings)
    moved = points.mean(axis=0) - np.array(reference.mean)
    scale = (1 / len(points) + 1 / reference.texts) * reference.variance
    freedom = reference.variance**2 / reference.squared_covariance
    squared = float((moved**2).sum())
    limit = scale * float(chdtri(freedom, 1 - CHANCE)) / freedom
    radius = float(np.sqrt(reference.variance))
    return EmbeddingDistance(
        texts=len(points),
        distance=float(np.sqrt(max(0.0, squared - scale))) / radius,
        by_chance=float(np.sqrt(max(0.0, limit - scale))) / radius,
        p_value=float(chdtrc(freedom, freedom * squared / scale)),
    )


def _shares(counts: Counts) -> Floats:
    smooth = counts + HALF
    return np.asarray(smooth / smooth.sum(axis=1, keepdims=True))
