"""The dwellings of a simulated campaign: where they stand and how they sort and set out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.simulation.levels import spread, spread_within
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import Truth

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwellings:
    """All dwellings, zone after zone; those that are checked come first in each zone.

    Attributes
    ----------
    zone : array of int, shape (H,)
        Row of the zone.
    identifier : array of str, shape (H,)
        Pseudonym.
    second_home : array of bool, shape (H,)
        Whether it is a second home.
    checked : array of bool, shape (H,)
        Whether it belongs to the panel that is visited.
    green : array, shape (H,)
        Chance that a bin set out is green, for a main home out of season without message.
    green_of_zone : array, shape (Z,)
        The same on average in each zone.
    out : array, shape (H,)
        Chance that the bin is set out off season without message.
    """

    zone: Ints
    identifier: npt.NDArray[np.object_]
    second_home: Bools
    checked: Bools
    green: Floats
    green_of_zone: Floats
    out: Floats

    def only(self, kept: Bools) -> "Dwellings":
        """Return the dwellings that are kept."""
        return Dwellings(
            zone=self.zone[kept],
            identifier=self.identifier[kept],
            second_home=self.second_home[kept],
            checked=self.checked[kept],
            green=self.green[kept],
            green_of_zone=self.green_of_zone,
            out=self.out[kept],
        )


def draw_dwellings(
    zones: pd.DataFrame, truth: Truth, *, seed: int, units_per_zone: int
) -> Dwellings:
    """Draw the dwellings of each zone.

    Parameters
    ----------
    zones
        One row a zone: ``zone_id``, ``tournee_id``, ``n_logements``,
        ``part_residences_secondaires``.
    truth
        What they are drawn from.
    seed
        Seed of the simulation.
    units_per_zone
        Dwellings that are visited in each zone; all of them where there are fewer.
    """
    size = zones["n_logements"].fillna(0).to_numpy(dtype=np.int64)
    zone = np.repeat(np.arange(len(zones)), size)
    rank = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    share = zones["part_residences_secondaires"].fillna(0).to_numpy(dtype=np.float64)
    second = stream(seed, "second homes").random(len(zone)) < share[zone]
    green_of_zone = _green_of_zones(zones, truth, seed)
    bins, out = truth.bins, truth.set_out
    above = bins.icc_round + bins.icc_zone
    mean_out = np.where(second, out.second_home, out.main_home)
    out_of_zone = stream(seed, "set-out of zones")
    # One draw a zone, at both means: a zone that sets out more does so for all its dwellings.
    rank_of_zone = spread(np.full(len(zones), out.main_home), out.icc_zone, out_of_zone)
    mean_out = _moved(mean_out, out.main_home, rank_of_zone[zone])
    return Dwellings(
        zone=zone,
        identifier=_pseudonyms(len(zone), seed),
        second_home=second,
        checked=rank < units_per_zone,
        green=spread_within(
            green_of_zone[zone], bins.icc_household, above, stream(seed, "green of dwellings")
        ),
        green_of_zone=green_of_zone,
        out=spread_within(
            mean_out, out.icc_household, out.icc_zone, stream(seed, "set-out of dwellings")
        ),
    )


def _green_of_zones(zones: pd.DataFrame, truth: Truth, seed: int) -> Floats:
    bins = truth.bins
    rounds, _ = pd.factorize(zones["tournee_id"].astype("str").fillna(""))
    mean = np.full(rounds.max(initial=-1) + 1, bins.green)
    of_round = spread(mean, bins.icc_round, stream(seed, "green of rounds"))
    return spread_within(
        of_round[rounds], bins.icc_zone, bins.icc_round, stream(seed, "green of zones")
    )


def _moved(mean: Floats, centre: float, drawn: Floats) -> Floats:
    """Move each mean as far, in proportion, as its zone lies from the centre."""
    up = drawn > centre
    return np.where(up, 1 - (1 - mean) * (1 - drawn) / (1 - centre), mean * drawn / centre)


def _pseudonyms(number: int, seed: int) -> npt.NDArray[np.object_]:
    """Return pseudonyms whose order says nothing about the address."""
    codes = stream(seed, "pseudonyms").permutation(number)
    return np.array([f"f{code:06d}" for code in codes], dtype=object)
