"""Sums and sums of squares of units' outcomes in cells, given the cells' parameters.

A cell is the units of one cluster in one period with one value of the unit-level covariate. In a
cohort the units of a cluster are the same in all periods, and a unit's own deviations in two
periods correlate by the individual autocorrelation ``kept``; 0 gives repeated cross-sections.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Sums = tuple[Floats, Floats]


def normal_sums(
    *, n: Floats, mean: Floats, variance: float, kept: float, rng: np.random.Generator
) -> Sums:
    """Sums of normal outcomes, exact in law without drawing a unit.

    Squares about the mean are split along and across the units' lasting deviations, whose own
    squares are common to all periods.

    Parameters
    ----------
    n, mean
        Units and their mean, shape (..., T, X).
    variance
        Variance of a unit about its cell's mean.
    """
    lasting_shape = (*n.shape[:-2], 1, n.shape[-1])
    lasting, fresh = np.sqrt(kept), np.sqrt(1 - kept)
    noise = lasting * rng.standard_normal(lasting_shape) + fresh * rng.standard_normal(n.shape)
    sums = n * mean + np.sqrt(n * variance) * noise
    # Cohort members are as many in all periods; cross-sections never see what lasts.
    members = n.max(axis=-2, keepdims=True)
    common = np.sqrt(2 * rng.standard_gamma(np.maximum(members - 1, 0) / 2))
    along = lasting * common + fresh * rng.standard_normal(n.shape)
    across = 2 * rng.standard_gamma(np.maximum(n - 2, 0) / 2)
    squares = variance * np.where(n > 1, along**2 + fresh**2 * across, 0.0)
    return sums, squares + sums**2 / np.maximum(n, 1)


def category_sums(*, n: Floats, above: Floats, kept: float, rng: np.random.Generator) -> Sums:
    """Sums of scores 0, 1, 2… of units in ordered categories.

    In a cohort each unit has a lasting rank; in each period, with chance ``sqrt(kept)``, its
    category is the one of its rank, else a fresh one. The correlation of its deviations in two
    periods is ``kept`` where shares are equal and somewhat lower where they differ.

    Parameters
    ----------
    n
        Units, shape (..., T, X).
    above
        Share that reaches category 1, 2…, falling, shape (..., T, X, K - 1).
    """
    shares = _between(above)
    units = n.astype(np.int64)
    counts = np.zeros(shares.shape)
    if kept > 0:
        held = rng.binomial(_ranked(units, above, rng), np.sqrt(kept))
        counts += held
        units = units - held.sum(axis=-1)
    counts += rng.multinomial(units, shares)
    scores = np.arange(shares.shape[-1], dtype=np.float64)
    return counts @ scores, counts @ scores**2


def count_sums(
    *, n: Floats, mean: Floats, dispersion: float, kept: float, rng: np.random.Generator
) -> Sums:
    """Sums of Poisson counts, or of negative binomial ones with variance ``dispersion x mean``.

    A cohort member's count is the sum of a lasting part, with the share ``kept`` of the mean,
    and a fresh one: both laws add up at fixed dispersion. The correlation of its deviations in
    two periods is ``kept`` times the root of the ratio of the smaller mean to the larger.

    Parameters
    ----------
    n, mean
        Units and their mean count, shape (..., T, X).
    dispersion
        At least 1.
    """
    if kept == 0:
        return _summed(n, _counts(_by_unit(mean, n), dispersion, rng))
    members = np.moveaxis(n, -2, -1).max(axis=-1)
    means = np.moveaxis(mean, -2, -1)
    rates = np.repeat(means.reshape(-1, means.shape[-1]), members.ravel().astype(int), axis=0)
    order = np.argsort(rates, axis=1)
    steps = np.diff(np.take_along_axis(rates, order, axis=1), axis=1, prepend=0.0)
    lasting = np.empty_like(rates)
    held = np.cumsum(_counts(kept * steps, dispersion, rng), axis=1)
    np.put_along_axis(lasting, order, held, axis=1)
    counts = lasting + _counts((1 - kept) * rates, dispersion, rng)
    cell = np.repeat(np.arange(members.size), members.ravel().astype(int))
    totals = [
        np.stack([np.bincount(cell, column, minlength=members.size) for column in part.T], axis=-1)
        for part in (counts, counts**2)
    ]
    sums, squares = (np.moveaxis(part.reshape(means.shape), -1, -2) for part in totals)
    observed = n > 0
    return np.where(observed, sums, 0.0), np.where(observed, squares, 0.0)


def _between(above: Floats) -> Floats:
    """Shares of the categories from the shares that reach them, shape (..., K)."""
    edge = np.ones((*above.shape[:-1], 1))
    shares = -np.diff(np.concatenate([edge, above, 0 * edge], axis=-1), axis=-1)
    shares = np.maximum(shares, 0.0)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _ranked(
    units: npt.NDArray[np.int64], above: Floats, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Units of lasting rank in each category of each period, shape (..., T, X, K).

    Ranks are uniform; their counts between all the periods' thresholds are one multinomial draw.
    """
    below = np.moveaxis(1 - above, -3, -2)
    thresholds = below.reshape(*below.shape[:-2], -1)
    order = np.argsort(thresholds, axis=-1)
    edges = np.take_along_axis(thresholds, order, axis=-1)
    members = units.max(axis=-2)
    between = np.diff(edges, axis=-1, prepend=0.0, append=1.0)
    inside = rng.multinomial(members, np.maximum(between, 0.0))
    under = np.empty(thresholds.shape, dtype=np.int64)
    np.put_along_axis(under, order, np.cumsum(inside, axis=-1)[..., :-1], axis=-1)
    reached = np.moveaxis(under.reshape(below.shape), -2, -3)
    edge = np.zeros((*reached.shape[:-1], 1), dtype=np.int64)
    everyone = np.broadcast_to(members[..., None, :, None], edge.shape)
    ranked = np.diff(np.concatenate([edge, reached, everyone], axis=-1), axis=-1)
    return ranked * (units[..., None] > 0)


def _counts(mean: Floats, dispersion: float, rng: np.random.Generator) -> Floats:
    if dispersion == 1:
        return rng.poisson(mean).astype(np.float64)
    scale = dispersion - 1
    return rng.poisson(rng.standard_gamma(mean / scale) * scale).astype(np.float64)


def _by_unit(mean: Floats, n: Floats) -> Floats:
    return np.repeat(mean.ravel(), n.ravel().astype(np.int64))


def _summed(n: Floats, rows: Floats) -> Sums:
    cell = np.repeat(np.arange(n.size), n.ravel().astype(np.int64))
    sums = np.bincount(cell, rows, minlength=n.size).astype(np.float64)
    squares = np.bincount(cell, rows**2, minlength=n.size).astype(np.float64)
    return sums.reshape(n.shape), squares.reshape(n.shape)
