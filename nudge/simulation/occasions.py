"""When zones are visited: dates, seasons and weeks since the start of the nudge."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nudge.campaign.wave import Wave
from nudge.simulation.random_streams import stream
from nudge.simulation.season import SeasonTruth, seasons_of

Dates = npt.NDArray[np.datetime64]
DAYS_OF_A_WEEK = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One visit of every zone.

    Attributes
    ----------
    index
        Number of the occasion, from 0.
    wave
        Name of the wave.
    follow_up
        Whether the wave comes after the start of the nudge.
    dates : array of datetime64[D], shape (Z,)
        Day of the visit of each zone.
    season : array of str, shape (Z,)
        ``hors_saison``, ``vacances`` or ``ete``.
    weeks : array, shape (Z,)
        Weeks since the start of the nudge.
    """

    index: int
    wave: str
    follow_up: bool
    dates: Dates
    season: npt.NDArray[np.str_]
    weeks: npt.NDArray[np.float64]


def occasions(
    waves: Sequence[Wave],
    *,
    start: date,
    n_zones: int,
    season: SeasonTruth,
    seed: int,
    passages: int = 1,
    only: Set[str] | None = None,
) -> list[Occasion]:
    """Return the occasions of all waves in order, ``passages`` in each.

    Parameters
    ----------
    waves
        Waves in order of date.
    start
        First day of the nudge.
    n_zones
        Number of zones; each is visited on one day of each passage.
    season
        Seasons of the territory.
    seed
        Seed of the simulation.
    passages
        Visits of each zone within a wave, at equal intervals.
    only
        Names of the waves whose occasions are returned; all by default.
    """
    turn = stream(seed, "turns").permutation(n_zones)
    found: list[Occasion] = []
    for number, wave in enumerate(waves):
        if only is not None and wave.name not in only:
            continue
        days = (wave.end - wave.start).days + 1
        for passage in range(passages):
            first = days * passage // passages
            length = max(days * (passage + 1) // passages - first, 1)
            later = (first + turn % length).astype("timedelta64[D]")
            dates = np.datetime64(wave.start, "D") + later
            found.append(
                _occasion(number * passages + passage, wave, dates, start=start, season=season)
            )
    return found


def _occasion(
    index: int, wave: Wave, dates: Dates, *, start: date, season: SeasonTruth
) -> Occasion:
    days, where = np.unique(dates, return_inverse=True)
    seasons = np.array(seasons_of(days.tolist(), season))
    elapsed = (dates - np.datetime64(start, "D")).astype(np.float64)
    return Occasion(
        index=index,
        wave=wave.name,
        follow_up=wave.kind == "suivi",
        dates=dates,
        season=seasons[where],
        weeks=elapsed / DAYS_OF_A_WEEK,
    )
