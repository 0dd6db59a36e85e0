"""Simulating the field of a campaign that is in the store."""

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.errors import CampaignError, Problem
from nudge.gates.eligible_zones import eligible_zones, neighbours_among, zone_sample
from nudge.simulation.simulate import SimulatedField, simulate
from nudge.simulation.truth import Truth
from nudge.simulation.truth_file import assumed_truth, load_truth
from nudge.simulation.write_field import write_field
from nudge.store.campaigns import allocation, campaign_zones, stored_campaign
from nudge.store.database import Store
from nudge.territory.territory import Territory

USUAL_UNITS = 25.0
AMONG_SET_OUT = frozenset({"bac_bien_trie", "bac_sans_rouge", "bac_bien_trie_agrege"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFiles:
    """What was written.

    Attributes
    ----------
    folder
        Where.
    files
        CSV file of each instrument.
    field
        The simulated field.
    n_zones
        Zones simulated.
    drawn
        Whether arms were drawn: if not, only reference waves were written.
    units_per_zone
        Units by zone and wave.
    """

    folder: Path
    files: dict[str, Path]
    field: SimulatedField
    n_zones: int
    drawn: bool
    units_per_zone: int


def simulate_stored(
    store: Store,
    identifier: str,
    territory: Territory,
    *,
    truth_path: Path | None,
    seed: int,
    effect: float | None = None,
    folder: Path | None = None,
    units_per_zone: int | None = None,
) -> SimulatedFiles:
    """Simulate the field of a stored campaign and write its files.

    Parameters
    ----------
    store, identifier
        Where the campaign is, and which.
    territory
        For neighbours, and for the zones of a campaign that has none yet.
    truth_path
        ``verite.yaml``; assumptions by default.
    seed
        Seed, not negative.
    effect
        True effect of each nudged arm in place of the assumed one: see
        :func:`nudge.simulation.truth_file.assumed_truth`.
    folder
        Where to write; ``simulation`` in the campaign's folder by default.
    units_per_zone
        Dwellings visited or readings by zone and wave; by default what the campaign plans.

    Raises
    ------
    CampaignError
        The campaign is not declared as a simulation, the truth does not fit it, or the effect is
        said twice.
    """
    stored = stored_campaign(store, identifier)
    campaign = campaign_from_yaml(stored.yaml, source=f"{identifier}/campagne.yaml")
    _refuse_real(campaign)
    zones = campaign_zones(store, identifier)
    if zones.empty:
        zones = zone_sample(campaign, eligible_zones(campaign, territory))
    if zones.empty:
        raise CampaignError(
            Problem(
                place="campagne.yaml",
                column="tirage, eligibilite",
                what="aucune zone ne convient",
                mend="élargir l'éligibilité",
            )
        )
    arms = allocation(store, identifier) or None
    truth = _truth(campaign, truth_path, effect)
    units = units_per_zone or planned_units(campaign, truth, zones)
    field = simulate(
        campaign,
        zones,
        neighbours_among(territory, unit=campaign.randomisation.unit, zones=zones),
        arms,
        truth,
        seed=seed,
        units_per_zone=units,
    )
    place = folder or Path(stored.folder) / "simulation"
    return SimulatedFiles(
        folder=place,
        files=write_field(field, truth, place),
        field=field,
        n_zones=len(zones),
        drawn=arms is not None or len(campaign.arms) == 1,
        units_per_zone=units,
    )


def _truth(campaign: Campaign, path: Path | None, effect: float | None) -> Truth:
    if path is not None and effect is not None:
        raise CampaignError("--truth et --effect disent tous deux l'effet : garder l'un des deux")
    if path is not None:
        return load_truth(path)
    return assumed_truth(campaign, effect=effect)


def planned_units(campaign: Campaign, truth: Truth, zones: pd.DataFrame) -> int:
    """Return the units by zone and wave that give, on average, the number that is planned.

    Where the outcome is measured on bins that are set out, more dwellings must be visited, the
    more so where second homes are many; a zone that has fewer dwellings gives fewer bins.
    """
    planned = USUAL_UNITS if campaign.power is None else campaign.power.units
    if campaign.primary in AMONG_SET_OUT:
        away = zones["part_residences_secondaires"].fillna(0).astype(float).mean()
        out = truth.set_out
        planned /= (1 - away) * out.main_home + away * out.second_home
    return max(1, math.ceil(planned))


def _refuse_real(campaign: Campaign) -> None:
    if not campaign.simulation:
        raise CampaignError(
            Problem(
                place="campagne.yaml",
                column="simulation",
                what="la campagne n'est pas une simulation : aucune donnée simulée n'y entre",
                mend="créer une autre campagne avec « simulation: oui »",
            )
        )
