"""A campaign's observations drawn from a known truth, with the effects that it implies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.campaign.wave import Wave
from nudge.errors import CampaignError, Problem
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.simulation.bin_tallies import tallies
from nudge.simulation.bin_visits import bin_checks_at
from nudge.simulation.deliveries import (
    consents_frame,
    draw_complaints,
    draw_consents,
    draw_deliveries,
)
from nudge.simulation.dwellings import Dwellings, draw_dwellings
from nudge.simulation.exposure import Exposure, all_in, exposure_of
from nudge.simulation.measure_effects import true_measure_effects
from nudge.simulation.measure_levels import zone_levels
from nudge.simulation.occasions import Occasion, occasions
from nudge.simulation.random_streams import stream
from nudge.simulation.readings import MEASURES_OF, ONE_A_DAY, readings_frame
from nudge.simulation.true_effects import BIN_OUTCOMES, TrueEffect, true_bin_effects
from nudge.simulation.truth import Truth

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

BIN_INSTRUMENTS = frozenset({"controle_bac", "comptage_bacs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedField:
    """Observations of a simulated campaign.

    Attributes
    ----------
    frames
        One table an instrument, with the columns of its template.
    effects
        True effects of the campaign's outcomes, primary first.
    truth_record
        Truth, seed and effects as plain JSON values.
    """

    frames: dict[str, pd.DataFrame]
    effects: tuple[TrueEffect, ...]
    truth_record: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What every part of one simulation shares."""

    campaign: Campaign
    zones: pd.DataFrame
    zone_ids: npt.NDArray[np.object_]
    exposure: Exposure | None
    truth: Truth
    seed: int
    units: int
    passages: int

    @property
    def measured_waves(self) -> tuple[Wave, ...]:
        """Waves to simulate: before the draw, reference waves only."""
        before, after = self.campaign.baseline_waves, self.campaign.follow_up_waves
        return before if self.exposure is None else (*before, *after)

    def visits(self, waves: tuple[Wave, ...], passages: int) -> list[Occasion]:
        """Return the visits of some waves, numbered within the whole campaign."""
        campaign = self.campaign
        return occasions(
            (*campaign.baseline_waves, *campaign.follow_up_waves),
            only={wave.name for wave in waves},
            start=campaign.start,
            n_zones=len(self.zones),
            season=self.truth.season,
            seed=self.seed,
            passages=passages,
        )


def simulate(
    campaign: Campaign,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    allocation: Mapping[str, str] | None,
    truth: Truth,
    *,
    seed: int,
    units_per_zone: int,
    passages: int = 1,
) -> SimulatedField:
    """Draw the observations of a campaign.

    Rows of the reference waves are the same before the draw and after it.

    Parameters
    ----------
    campaign
        Campaign; instruments of its outcomes are simulated, consents where a message is
        addressed, and after the draw deliveries and complaints.
    zones
        Zones of the campaign, with the columns of :func:`nudge.territory.nesting.clusters_of`.
    neighbours
        ``zone_id`` and ``voisin_id``, symmetric.
    allocation
        Zone to arm, without the zones that the draw left out; None before the draw: only
        reference waves are then simulated. A campaign of one arm needs none.
    truth
        What the observations are drawn from.
    seed
        Seed, not negative.
    units_per_zone
        Dwellings visited, loads, readings or samples, by zone and wave.
    passages
        Visits of the same dwellings within a wave, for bin checks.

    Raises
    ------
    CampaignError
        The truth or the allocation names an arm that the campaign has not.
    """
    _check(campaign, truth, units_per_zone)
    exposure = None
    if len(campaign.arms) == 1:
        exposure = all_in((campaign.arms[0].identifier,), 0, len(zones))
    elif allocation is not None:
        exposure = exposure_of(campaign, zones, neighbours, allocation, truth)
    setting = _Setting(
        campaign=campaign,
        zones=zones,
        zone_ids=zones["zone_id"].astype(str).to_numpy(dtype=object),
        exposure=exposure,
        truth=truth,
        seed=seed,
        units=units_per_zone,
        passages=passages,
    )
    dwellings = draw_dwellings(zones, truth, seed=seed, units_per_zone=units_per_zone)
    frames, received = _around(setting, dwellings)
    panel = dwellings.only(dwellings.checked)
    wanted = {outcome.instrument for outcome in campaign.outcomes}
    if wanted & BIN_INSTRUMENTS:
        checks = _bin_checks(setting, panel, received[dwellings.checked])
        known = {"controle_bac": lambda: checks, "comptage_bacs": lambda: tallies(checks)}
        frames |= {name: known[name]() for name in sorted(wanted & BIN_INSTRUMENTS)}
    for name in sorted(wanted - BIN_INSTRUMENTS):
        frames[name] = _readings(setting, name, panel)
    effects = _true_effects(setting, panel)
    return SimulatedField(
        frames={name: frames[name] for name in INSTRUMENTS if name in frames},
        effects=tuple(effects),
        truth_record=_record(setting, effects),
    )


def _check(campaign: Campaign, truth: Truth, units_per_zone: int) -> None:
    arms = [arm.identifier for arm in campaign.arms]
    stated = dict.fromkeys(truth.arms, "groupes")
    for name, measure in truth.measures.items():
        stated |= dict.fromkeys(measure.effects, f"criteres, {name}, effets")
    problems = [
        Problem(
            place="verite.yaml",
            column=where,
            what=f"groupe inconnu : « {name} »",
            mend=f"choisir parmi {', '.join(arms)}",
        )
        for name, where in stated.items()
        if name not in arms
    ]
    problems += [
        Problem(
            place="verite.yaml",
            column=f"groupes, {arm.identifier}",
            what="un groupe témoin n'a pas d'effet",
            mend="ne lui donner que « reclamations_pour_100_logements »",
        )
        for arm in campaign.arms
        if arm.control and _has_effect(truth, arm.identifier)
    ]
    if units_per_zone < 1:
        problems.append(Problem(what="il faut au moins une unité par zone et par vague"))
    if problems:
        raise CampaignError(problems)


def _has_effect(truth: Truth, arm: str) -> bool:
    told = truth.arms.get(arm)
    of_bins = told is not None and (told.effect != 0 or told.set_out_effect != 0)
    return of_bins or any(one.effects.get(arm, 0.0) != 0 for one in truth.measures.values())


def _around(setting: _Setting, dwellings: Dwellings) -> tuple[dict[str, pd.DataFrame], Floats]:
    """Return deliveries, complaints and consents, and what reaches each dwelling."""
    campaign, truth, seed = setting.campaign, setting.truth, setting.seed
    consents = draw_consents(dwellings, truth, seed=seed)
    frames = {}
    if any(arm.addressed for arm in campaign.arms):
        frames["consentement"] = consents_frame(
            campaign, dwellings, setting.zone_ids, consents=consents, seed=seed
        )
    if setting.exposure is None:
        return frames, np.ones(len(dwellings.zone))
    delivered = draw_deliveries(
        campaign,
        dwellings,
        setting.exposure,
        truth,
        setting.zone_ids,
        consents=consents,
        seed=seed,
    )
    frames["distribution"] = delivered.distribution
    frames["reclamation"] = draw_complaints(
        campaign, setting.zones, setting.exposure, truth, seed=seed
    )
    return frames, delivered.received


def _measured(setting: _Setting, visits: list[Occasion]) -> Bools:
    """Zones that are still measured at each visit, shape (V, Z); lost ones do not come back.

    Those that the draw left out are measured in the reference waves only.
    """
    rate = setting.truth.attrition.zones_per_wave
    held = np.ones(len(setting.zones), dtype=np.bool_)
    rows, wave = [], ""
    for visit in visits:
        if visit.follow_up and visit.wave != wave:
            draw = stream(setting.seed, "lost zones", visit.wave).random(len(held))
            held = held & (draw >= rate)
            held = held if setting.exposure is None else held & setting.exposure.drawn
        wave = visit.wave
        rows.append(held)
    return np.array(rows).reshape(len(visits), len(setting.zones))


def _bin_checks(setting: _Setting, panel: Dwellings, received: Floats) -> pd.DataFrame:
    visits = setting.visits(setting.measured_waves, setting.passages)
    measured = _measured(setting, visits)
    return pd.concat(
        [
            bin_checks_at(
                panel,
                visit,
                setting.exposure if visit.follow_up else None,
                setting.truth,
                setting.zone_ids,
                measured=measured[k],
                received=received,
                seed=setting.seed,
            )
            for k, visit in enumerate(visits)
        ],
        ignore_index=True,
    )


def _readings(setting: _Setting, instrument: str, panel: Dwellings) -> pd.DataFrame:
    each_day = instrument in ONE_A_DAY
    visits = setting.visits(setting.measured_waves, setting.units if each_day else 1)
    measured = _measured(setting, visits)
    n_zones = len(setting.zones)
    levels = {
        name: zone_levels(
            name, visits, setting.exposure, setting.truth, n_zones=n_zones, seed=setting.seed
        )
        for name in MEASURES_OF[instrument]
    }
    return pd.concat(
        [
            readings_frame(
                instrument,
                visit,
                {name: level[k] for name, level in levels.items()},
                setting.truth,
                setting.zone_ids,
                measured=measured[k],
                each=1 if each_day else setting.units,
                dwellings=panel,
                seed=setting.seed,
            )
            for k, visit in enumerate(visits)
        ],
        ignore_index=True,
    )


def _true_effects(setting: _Setting, panel: Dwellings) -> list[TrueEffect]:
    campaign, truth, seed = setting.campaign, setting.truth, setting.seed
    control = next((k for k, arm in enumerate(campaign.arms) if arm.control), None)
    arms = tuple(arm.identifier for arm in campaign.arms)
    doses = [arm.doses for arm in campaign.arms]
    exposure = setting.exposure
    effects: list[TrueEffect] = []
    for outcome in campaign.outcomes:
        if outcome.name in BIN_OUTCOMES:
            effects += true_bin_effects(
                panel,
                setting.visits(campaign.follow_up_waves, setting.passages),
                truth,
                outcome=outcome.name,
                arms=arms,
                control=control,
                doses=doses,
                exposure=exposure,
                seed=seed,
            )
            continue
        passages = setting.units if outcome.instrument in ONE_A_DAY else 1
        effects += true_measure_effects(
            setting.visits(campaign.follow_up_waves, passages),
            truth,
            outcome=outcome.name,
            arms=arms,
            control=control,
            exposure=exposure,
            n_zones=len(setting.zones),
            seed=seed,
        )
    return effects


def _record(setting: _Setting, effects: list[TrueEffect]) -> dict[str, Any]:
    return {
        "simulation": True,
        "campagne": setting.campaign.identifier,
        "graine": setting.seed,
        "unites_par_zone": setting.units,
        "passages": setting.passages,
        "apres_tirage": setting.exposure is not None,
        "effets": [_in_french(effect) for effect in effects],
        "verite": setting.truth.model_dump(mode="json", by_alias=True),
    }


def _in_french(effect: TrueEffect) -> dict[str, Any]:
    return {
        "critere": effect.outcome,
        "groupe": effect.arm,
        "effet_zone_moyenne": effect.on_average_zone,
        "effet_unite_moyenne": effect.on_average_unit,
        "effet_zone_moyenne_tel_que_vu": effect.on_average_zone_as_seen,
        "effet_unite_moyenne_tel_que_vu": effect.on_average_unit_as_seen,
        "niveau_temoin": effect.control_level,
        "niveau_temoin_tel_que_vu": effect.control_level_as_seen,
        "debordement_moyen_temoin": effect.spilled,
        "effet_zone_moyenne_par_vague": effect.by_wave,
    }
