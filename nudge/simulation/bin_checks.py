"""What assessors note at one visit: set out or not, colour seen, errors, second ratings."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.simulation.bin_truth import AssessorTruth
from nudge.simulation.dwellings import Dwellings
from nudge.simulation.labels import labels, repeated
from nudge.simulation.occasions import Occasion
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import Truth

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

COLOURS = ("vert", "orange", "rouge")
GREEN, ORANGE, RED = range(3)
REFERENCE = "referent"
WEATHER = ("sec", "pluie", "vent")
WEATHER_CHANCES = (0.6, 0.3, 0.1)
ERRORS = (
    "verre",
    "sac_ferme",
    "dechets_alimentaires",
    "textile",
    "encombrant",
    "electronique",
    "dangereux",
    "imbriques",
    "autre",
)
# An orange bin shows one or two errors, a red one more.
ERROR_CODES = (
    *ERRORS,
    *("|".join((one, ERRORS[k - 1])) for k, one in enumerate(ERRORS)),
    *("|".join((one, ERRORS[k - 1], ERRORS[k - 2])) for k, one in enumerate(ERRORS)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Rows of one visit, by number: the first ratings, then the second ones.

    Attributes
    ----------
    dwelling : array of int, shape (N,)
        Row of the dwelling.
    out : array of bool, shape (N,)
        Whether the bin was set out.
    colour : array of int, shape (N,)
        Colour seen, in :data:`COLOURS`; -1 where the bin was not set out.
    assessor : array of int, shape (N,)
        Number of the assessor; the number of assessors stands for the reference one.
    rank : array of int, shape (N,)
        1 or 2.
    """

    dwelling: Ints
    out: Bools
    colour: Ints
    assessor: Ints
    rank: Ints


def see_bins(
    dwellings: Dwellings,
    occasion: Occasion,
    truth: Truth,
    *,
    green: Floats,
    out: Floats,
    measured: Bools,
    seed: int,
) -> Seen:
    """Draw what is noted at one visit.

    Parameters
    ----------
    dwellings
        Dwellings of the panel.
    occasion
        Visit.
    truth
        Assessors and losses.
    green, out : array, shape (H,)
        Chances from :mod:`nudge.simulation.bin_shares`.
    measured : array of bool, shape (Z,)
        Zones that are visited.
    seed
        Seed of the simulation.
    """
    who, n = truth.assessors, len(dwellings.zone)
    rng = stream(seed, "bins", occasion.index)
    draws = rng.random((7, n))
    out_now = draws[0] < out
    true = np.where(draws[1] < green, GREEN, np.where(draws[2] < truth.bins.red, RED, ORANGE))
    lenient = leniency(who, seed)
    turn = stream(seed, "turns of assessors").permutation(len(measured))[dwellings.zone]
    first = (turn + occasion.index) % who.number
    colour = _noted(true, first, draws[3], draws[4], who, lenient, truth)
    met = measured[dwellings.zone] & (rng.random(n) >= truth.attrition.unseen)
    again = met & out_now & (draws[5] < who.double_share)
    if who.second == "referent":
        second, second_colour = np.full(n, who.number), true
    else:
        second = (first + 1) % who.number
        second_colour = _noted(true, second, draws[6], rng.random(n), who, lenient, truth)
    rows = np.concatenate([np.flatnonzero(met), np.flatnonzero(again)])
    once = int(met.sum())
    rank = np.where(np.arange(len(rows)) < once, 1, 2)
    return Seen(
        dwelling=rows,
        out=out_now[rows],
        colour=np.where(out_now[rows], np.where(rank == 1, colour[rows], second_colour[rows]), -1),
        assessor=np.where(rank == 1, first[rows], second[rows]),
        rank=rank,
    )


def leniency(who: AssessorTruth, seed: int) -> Floats:
    """Return the bias of each assessor on the green share, centred, shape (K,)."""
    drawn = who.bias * stream(seed, "leniency").standard_normal(who.number)
    centred: Floats = drawn - drawn.mean()
    return centred


def confusion_of(who: AssessorTruth) -> Floats:
    """Return the chances of each colour seen (column) by true colour (row)."""
    return np.array([who.confusion.green, who.confusion.orange, who.confusion.red])


def seen_share(green: Floats, truth: Truth, *, not_red: bool = False) -> Floats:
    """Return the chance to be seen green (or not red) by that of being green."""
    chances = confusion_of(truth.assessors)
    kept = chances[:, :RED].sum(axis=1) if not_red else chances[:, GREEN]
    red = truth.bins.red
    wrong: float = (1 - red) * kept[ORANGE] + red * kept[RED]
    share: Floats = green * kept[GREEN] + (1 - green) * wrong
    return share


def checks_frame(
    seen: Seen,
    occasion: Occasion,
    dwellings: Dwellings,
    zone_ids: npt.NDArray[np.object_],
    *,
    n_assessors: int,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of ``controle_bac`` of one visit."""
    rng = stream(seed, "notes of visits", occasion.index)
    zone = dwellings.zone[seen.dwelling]
    dwelling = pd.Series(dwellings.identifier[seen.dwelling], dtype="str")
    weather = rng.choice(len(WEATHER), size=len(zone_ids), p=WEATHER_CHANCES)
    errors = np.where(
        seen.colour == RED,
        rng.integers(2 * len(ERRORS), 3 * len(ERRORS), size=len(seen.colour)),
        rng.integers(0, 2 * len(ERRORS), size=len(seen.colour)),
    )
    errors[seen.colour <= GREEN] = -1
    people = [f"controleur-{k + 1:02d}" for k in range(n_assessors)] + [REFERENCE]
    return pd.DataFrame(
        {
            "controle_id": f"p{occasion.index + 1}-"
            + dwelling
            + labels(["-1", "-2"], seen.rank - 1),
            "zone_id": labels(zone_ids, zone),
            "foyer_id": dwelling,
            "vague": repeated(occasion.wave, len(dwelling)),
            "date": occasion.dates[zone].astype("datetime64[s]"),
            "presente": seen.out,
            "couleur": labels(COLOURS, seen.colour),
            "codes_erreur": labels(ERROR_CODES, errors),
            "controleur": labels(people, seen.assessor),
            "rang": seen.rank,
            "meteo": labels(WEATHER, weather[zone]),
        }
    )


def _noted(
    true: Ints,
    assessor: Ints,
    draw: Floats,
    second_draw: Floats,
    who: AssessorTruth,
    lenient: Floats,
    truth: Truth,
) -> Ints:
    limits = np.cumsum(confusion_of(who), axis=1)[true]
    colour = (draw[:, None] >= limits[:, :RED]).sum(axis=1)
    usual = float(seen_share(np.array([truth.bins.green]), truth)[0])
    bias = lenient[assessor]
    raised = (colour > GREEN) & (second_draw < bias / max(1 - usual, 1e-9))
    lowered = (colour == GREEN) & (second_draw < -bias / max(usual, 1e-9))
    return np.where(raised, GREEN, np.where(lowered, ORANGE, colour))
