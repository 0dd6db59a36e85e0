"""Chances that each dwelling sets its bin out and that the bin is green, at one visit."""

import numpy as np
import numpy.typing as npt

from nudge.simulation.dwellings import Dwellings
from nudge.simulation.exposure import Exposure, strengths
from nudge.simulation.levels import shift
from nudge.simulation.occasions import Occasion
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import ArmTruth, Truth

Floats = npt.NDArray[np.float64]


def green_shares(
    dwellings: Dwellings,
    occasion: Occasion,
    exposure: Exposure | None,
    truth: Truth,
    *,
    seed: int,
    received: Floats | None = None,
) -> Floats:
    """Return the chance that each bin, if set out, is truly green, shape (H,).

    Parameters
    ----------
    dwellings
        Dwellings.
    occasion
        Visit.
    exposure
        What reaches each zone; None where nothing does yet.
    truth
        Effects and levels.
    seed
        Seed of the simulation, for the noise of the visit.
    received : array, shape (H,), optional
        Part of its zone's effect that reaches each dwelling; all of it by default.
    """
    share, mean = _green_without_message(dwellings, occasion, truth, seed)
    if exposure is None:
        return share
    change = _effects(dwellings, occasion, exposure, truth, field="effect")
    change *= _response(dwellings, truth) * (1.0 if received is None else received)
    if truth.boomerang is not None:
        level = dwellings.green
        if truth.boomerang.level == "zone":
            level = dwellings.green_of_zone[dwellings.zone]
        reversed_ = _reach(dwellings, occasion, exposure, truth) * truth.boomerang.effect
        reversed_ *= 1.0 if received is None else received
        change = np.where(level >= truth.boomerang.threshold, reversed_, change)
    return shift(share, mean, change)[0]


def set_out_shares(
    dwellings: Dwellings,
    occasion: Occasion,
    exposure: Exposure | None,
    truth: Truth,
    *,
    received: Floats | None = None,
) -> Floats:
    """Return the chance that each bin is set out, shape (H,); see :func:`green_shares`."""
    out = truth.set_out
    season = occasion.season[dwellings.zone]
    level = np.select(
        [season == "ete", season == "vacances"],
        [out.second_home_summer, out.second_home_holidays],
        out.second_home,
    )
    mean = np.where(dwellings.second_home, out.second_home, out.main_home)
    away = np.where(dwellings.second_home, level - out.second_home, 0.0)
    share, mean = shift(dwellings.out, mean, away)
    if exposure is None:
        return share
    change = _effects(dwellings, occasion, exposure, truth, field="set_out_effect")
    change *= _response(dwellings, truth) * (1.0 if received is None else received)
    return shift(share, mean, change)[0]


def _green_without_message(
    dwellings: Dwellings, occasion: Occasion, truth: Truth, seed: int
) -> tuple[Floats, Floats]:
    bins = truth.bins
    summer, holidays = occasion.season == "ete", occasion.season == "vacances"
    season: Floats = bins.summer * summer + bins.holidays * holidays
    noise = stream(seed, "noise of visits", occasion.index)
    drawn = noise.standard_normal(len(season) + 1)
    change: Floats = bins.week_noise * drawn[0] + bins.zone_wave_noise * drawn[1:]
    mean = np.full(len(dwellings.zone), bins.green)
    second_home = np.where(dwellings.second_home, bins.second_home, 0.0)
    share, mean = shift(dwellings.green, mean, -second_home)
    share, mean = shift(share, mean, -season[dwellings.zone])
    return shift(share, mean, change[dwellings.zone])


def _effects(
    dwellings: Dwellings, occasion: Occasion, exposure: Exposure, truth: Truth, *, field: str
) -> Floats:
    nothing = ArmTruth()
    full = np.array([getattr(truth.arms.get(name, nothing), field) for name in exposure.arms])
    of_zone = (exposure.received * strengths(exposure.arms, truth, occasion.weeks)) @ full
    effect: Floats = of_zone[dwellings.zone]
    return effect


def _reach(dwellings: Dwellings, occasion: Occasion, exposure: Exposure, truth: Truth) -> Floats:
    """Part of a whole effect, of any arm that has one, which reaches each dwelling."""
    active = np.array(
        [name in truth.arms and truth.arms[name].effect != 0 for name in exposure.arms]
    )
    strong = strengths(exposure.arms, truth, occasion.weeks) * active
    reach: Floats = (exposure.received * strong).sum(axis=1)[dwellings.zone]
    return reach


def _response(dwellings: Dwellings, truth: Truth) -> Floats:
    return np.where(dwellings.second_home, truth.second_home_response, 1.0)
