"""Levels of a measure in each zone and visit, and draws around them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nudge.simulation.exposure import Exposure, strengths
from nudge.simulation.levels import LOWEST, shift, spread
from nudge.simulation.measure_truth import UPPER, MeasureTruth
from nudge.simulation.occasions import Occasion
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import Truth

Floats = npt.NDArray[np.float64]

SMALLEST = 1e-6


def zone_levels(
    name: str,
    visits: Sequence[Occasion],
    exposure: Exposure | None,
    truth: Truth,
    *,
    n_zones: int,
    seed: int,
) -> Floats:
    """Return the mean of a measure in each visit and zone, in its unit, shape (V, Z).

    Bounded measures are spread over zones as beta variables, others as gamma ones; an effect
    moves the mean over zones by exactly its size, in proportion to each zone's level.
    """
    told = truth.measure(name)
    between = told.icc * told.sd**2
    rng = stream(seed, "zones of", name)
    upper = UPPER.get(name)
    changes = np.array([_changes(one, told, exposure, truth, n_zones) for one in visits])
    changes = changes.reshape(len(visits), n_zones)
    if upper is None:
        base = _gamma(np.full(n_zones, told.level), between, rng)
        moved: Floats = np.maximum(base * (1 + changes / told.level), SMALLEST * told.level)
        return moved
    mean = np.full(n_zones, told.level / upper)
    share = spread(mean, _icc(told.level / upper, between / upper**2), rng)
    shifted: Floats = np.array([upper * shift(share, mean, one / upper)[0] for one in changes])
    return shifted.reshape(len(visits), n_zones)


def draw_around(level: Floats, name: str, told: MeasureTruth, rng: np.random.Generator) -> Floats:
    """Draw one reading around each level, shape as ``level``."""
    within = (1 - told.icc) * told.sd**2
    upper = UPPER.get(name)
    if upper is None:
        return _gamma(level, within, rng)
    size = beta_size(level / upper, within / upper**2)
    share = np.clip(level / upper, LOWEST, 1 - LOWEST)
    drawn: Floats = upper * rng.beta(share * size, (1 - share) * size)
    return drawn


def draw_counts(
    level: Floats, variance: float, exposure: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw overdispersed counts whose rate has a mean and a variance (negative binomial).

    Parameters
    ----------
    level : array
        Mean rate for one unit of exposure.
    variance
        Variance of count over exposure; Poisson where it is smaller than chance alone gives.
    exposure
        Area or time counted.
    rng
        Source of randomness.
    """
    extra = np.maximum(variance - level / exposure, 0.0)
    return rng.poisson(_gamma(level, extra, rng) * exposure)


def beta_size(share: Floats, variance: float) -> Floats:
    """Return the sum of a beta's parameters with that mean and, where it can be, variance."""
    share = np.clip(share, LOWEST, 1 - LOWEST)
    icc = np.clip(variance / (share * (1 - share)), SMALLEST, 0.95)
    size: Floats = (1 - icc) / icc
    return size


def _icc(share: float, variance: float) -> float:
    return float(min(variance / (share * (1 - share)), 0.95)) if 0 < share < 1 else 0.0


def _changes(
    visit: Occasion, told: MeasureTruth, exposure: Exposure | None, truth: Truth, n_zones: int
) -> Floats:
    change: Floats = told.summer * (visit.season == "ete").astype(np.float64)
    if exposure is None:
        return change
    effects = np.array([told.effects.get(name, 0.0) for name in exposure.arms])
    added: Floats = (exposure.received * strengths(exposure.arms, truth, visit.weeks)) @ effects
    return change + added


def _gamma(mean: Floats, variance: Floats | float, rng: np.random.Generator) -> Floats:
    """Draw gamma variables; the mean itself where there is no variance."""
    spread_out = np.broadcast_to(np.asarray(variance, dtype=np.float64), mean.shape)
    scale = np.where(spread_out > 0, spread_out / np.maximum(mean, SMALLEST), 1.0)
    drawn: Floats = rng.gamma(np.maximum(mean / scale, SMALLEST), scale)
    drawn[spread_out <= 0] = mean[spread_out <= 0]
    return drawn
