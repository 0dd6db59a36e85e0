"""The effects that a truth implies in given zones and waves: what an analysis ought to find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nudge.simulation.bin_checks import seen_share
from nudge.simulation.bin_shares import green_shares, set_out_shares
from nudge.simulation.dwellings import Dwellings
from nudge.simulation.exposure import Exposure, all_in, untouched
from nudge.simulation.occasions import Occasion
from nudge.simulation.truth import ArmTruth, Truth

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEffect:
    """True effect of an arm on an outcome, every zone in that arm against none.

    Attributes
    ----------
    outcome, arm
        Outcome and arm identifiers.
    on_average_zone, on_average_unit
        Effect over all follow-up waves together, in the outcome's unit, with assessors who do
        not err.
    on_average_zone_as_seen, on_average_unit_as_seen
        The same as assessors see it: what an analysis of the data aims at.
    control_level, control_level_as_seen
        Level of the average zone were no zone nudged.
    spilled
        Effect, as seen, that the average control zone receives from its neighbours under the
        allocation: an estimate aims at ``on_average_zone_as_seen - spilled``. It counts all arms.
    by_wave
        ``on_average_zone_as_seen`` of each follow-up wave.
    """

    outcome: str
    arm: str
    on_average_zone: float
    on_average_unit: float
    on_average_zone_as_seen: float
    on_average_unit_as_seen: float
    control_level: float
    control_level_as_seen: float
    spilled: float
    by_wave: dict[str, float]


# Weight of each dwelling and its chance of a 1, from chances of being green and of being out.
_Sums = Callable[[Floats, Floats, Truth, bool], tuple[Floats, Floats]]


def _well_sorted(green: Floats, out: Floats, truth: Truth, seen: bool) -> tuple[Floats, Floats]:
    return out, out * (seen_share(green, truth) if seen else green)


def _not_red(green: Floats, out: Floats, truth: Truth, seen: bool) -> tuple[Floats, Floats]:
    perfect = 1 - (1 - green) * truth.bins.red
    return out, out * (seen_share(green, truth, not_red=True) if seen else perfect)


def _both(green: Floats, out: Floats, truth: Truth, seen: bool) -> tuple[Floats, Floats]:
    return np.ones(len(out)), _well_sorted(green, out, truth, seen)[1]


def _out(green: Floats, out: Floats, truth: Truth, seen: bool) -> tuple[Floats, Floats]:
    return np.ones(len(out)), out


BIN_OUTCOMES: dict[str, _Sums] = {
    "bac_bien_trie": _well_sorted,
    "bac_sans_rouge": _not_red,
    "logement_bac_bien_trie": _both,
    "bac_presente": _out,
    "bac_bien_trie_agrege": _well_sorted,
    "bac_presente_agrege": _out,
}


def delivery_chance(arm: ArmTruth, doses: int) -> float:
    """Chance that at least one of an arm's messages reaches a dwelling."""
    return 1 - (1 - arm.delivered) ** doses


def true_bin_effects(
    dwellings: Dwellings,
    visits: Sequence[Occasion],
    truth: Truth,
    *,
    outcome: str,
    arms: tuple[str, ...],
    control: int | None,
    doses: Sequence[int],
    exposure: Exposure | None,
    seed: int,
) -> list[TrueEffect]:
    """Return the true effect of each nudged arm on a bin outcome, in these dwellings.

    Parameters
    ----------
    dwellings
        Dwellings of the panel.
    visits
        Visits of the follow-up waves.
    truth
        What the campaign is simulated from.
    outcome
        Name in :data:`BIN_OUTCOMES`.
    arms, control, doses
        Arm identifiers, place of the control arm (None without one) and messages planned in
        each arm.
    exposure
        Under the allocation, for what spills over; None before the draw.
    seed
        Seed of the simulation.
    """
    n_zones = len(dwellings.green_of_zone)

    def sums(found: Exposure, reached: float, *, seen: bool) -> Floats:
        return _sums(
            dwellings, visits, found, truth, outcome=outcome, reached=reached, seen=seen, seed=seed
        )

    nobody = untouched(arms, n_zones)
    bare = {seen: sums(nobody, 0.0, seen=seen) for seen in (False, True)}
    spilled = 0.0
    if exposure is not None and control is not None and truth.spillover > 0:
        mine = exposure.arm == control
        under = sums(exposure, 1.0, seen=True)
        spilled = _of_zones(under[:, :, mine]) - _of_zones(bare[True][:, :, mine])
    effects = []
    for place, name in enumerate(arms):
        if place == control:
            continue
        reached = delivery_chance(truth.arms.get(name, ArmTruth()), doses[place])
        full = {seen: sums(all_in(arms, place, n_zones), reached, seen=seen) for seen in bare}
        gain = {seen: _of_zones(full[seen]) - _of_zones(bare[seen]) for seen in bare}
        unit = {seen: _of_units(full[seen]) - _of_units(bare[seen]) for seen in bare}
        effects.append(
            TrueEffect(
                outcome=outcome,
                arm=name,
                on_average_zone=gain[False],
                on_average_unit=unit[False],
                on_average_zone_as_seen=gain[True],
                on_average_unit_as_seen=unit[True],
                control_level=_of_zones(bare[False]),
                control_level_as_seen=_of_zones(bare[True]),
                spilled=spilled,
                by_wave=_by_wave(full[True], bare[True], visits),
            )
        )
    return effects


def _sums(
    dwellings: Dwellings,
    visits: Sequence[Occasion],
    exposure: Exposure,
    truth: Truth,
    *,
    outcome: str,
    reached: float,
    seen: bool,
    seed: int,
) -> Floats:
    """Expected units and ones of each zone and visit, shape (T, 2, Z)."""
    n_zones = len(dwellings.green_of_zone)
    rows = []
    for visit in visits:
        # Delivery is all or nothing, so chances are averaged, not effects.
        missed, arrived = (
            np.stack(
                BIN_OUTCOMES[outcome](
                    green_shares(dwellings, visit, found, truth, seed=seed),
                    set_out_shares(dwellings, visit, found, truth),
                    truth,
                    seen,
                )
            )
            for found in (None, exposure)
        )
        both = missed + reached * (arrived - missed)
        rows.append(
            [np.bincount(dwellings.zone, one, minlength=n_zones).astype(float) for one in both]
        )
    return np.array(rows)


def _of_zones(sums: Floats) -> float:
    units, ones = sums.sum(axis=0)
    held = units > 0
    return float(np.mean(ones[held] / units[held])) if held.any() else 0.0


def _of_units(sums: Floats) -> float:
    units, ones = sums.sum(axis=(0, 2))
    return float(ones / units) if units else 0.0


def _by_wave(full: Floats, bare: Floats, visits: Sequence[Occasion]) -> dict[str, float]:
    waves = np.array([visit.wave for visit in visits])
    return {
        wave: _of_zones(full[waves == wave]) - _of_zones(bare[waves == wave])
        for wave in dict.fromkeys(waves.tolist())
    }
