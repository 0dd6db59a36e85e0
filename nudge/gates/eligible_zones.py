"""Which zones take part: the rules of eligibility, then a sample that anyone can draw again."""

import hashlib
import json

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.campaign.randomisation import Eligibility
from nudge.errors import CampaignError, Problem
from nudge.territory.neighbours import neighbours_of
from nudge.territory.nesting import clusters_of
from nudge.territory.territory import Territory
from nudge.territory.unit import AGGREGATES, STREET


def eligible_zones(campaign: Campaign, territory: Territory) -> pd.DataFrame:
    """Return the units that meet the rules, columns and order of ``clusters_of``.

    Raises
    ------
    CampaignError
        A commune or a zone that the campaign names does not exist.
    """
    rules = campaign.randomisation.eligibility
    _check_communes(rules, territory)
    units = clusters_of(territory, unit=campaign.randomisation.unit)
    named = {*rules.zones, *rules.excluded, *placed_zones(campaign)}
    if named:
        clusters_of(territory, unit=campaign.randomisation.unit, zones=sorted(named))
    kept = units["n_logements"] >= rules.min_dwellings
    kept &= ~(units["part_residences_secondaires"] > rules.max_second_homes)
    kept &= ~units["zone_id"].isin(rules.excluded)
    for column, accepted in (
        ("code_insee", rules.communes),
        ("type_habitat", rules.dwelling_types),
        ("zone_id", rules.zones),
    ):
        if accepted:
            kept &= units[column].isin(accepted)
    return units[kept].reset_index(drop=True)


def zone_sample(campaign: Campaign, eligible: pd.DataFrame) -> pd.DataFrame:
    """Return the zones that take part: all eligible ones, or the declared number of them.

    Where groups name their own zones, those are the ones. Otherwise the sample holds the zones
    whose SHA-256 of ``<sample_key>:<zone_id>`` comes first, so that it can be drawn again with
    any software, and no one chooses it.
    """
    placed = placed_zones(campaign)
    if placed:
        return eligible[eligible["zone_id"].isin(placed)].reset_index(drop=True)
    number = campaign.randomisation.eligibility.sample
    if number is None or number >= len(eligible):
        return eligible
    key = sample_key(campaign)
    order = eligible["zone_id"].map(lambda zone: hashlib.sha256(f"{key}:{zone}".encode()).digest())
    chosen = order.sort_values().index[:number]
    return eligible.loc[chosen].sort_values("zone_id", ignore_index=True)


def placed_zones(campaign: Campaign) -> dict[str, str]:
    """Return the arm of each zone that a campaign without a draw names; empty otherwise."""
    return {zone: arm.identifier for arm in campaign.arms for zone in arm.zones}


def sample_key(campaign: Campaign) -> str:
    """SHA-256, in hexadecimal, of what a campaign says of its zones, and of its identifier.

    Only this part of the plan counts: accepting a detectable effect leaves the sample as it is.
    """
    content = {
        "identifiant": campaign.identifier,
        "tirage": campaign.randomisation.model_dump(mode="json", by_alias=True),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def neighbours_among(territory: Territory, *, unit: str, zones: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of ``zones`` that neighbour each other, in both directions."""
    pairs = neighbours_of(territory, unit=unit)
    inside = pairs["zone_id"].isin(zones["zone_id"]) & pairs["voisin_id"].isin(zones["zone_id"])
    return pairs[inside].reset_index(drop=True)


def places_of(territory: Territory, *, unit: str, zones: pd.DataFrame) -> frozenset[str]:
    """Return the streets that units cover, or the sites that they are."""
    column = "sous_secteur_id" if unit == "sous_secteur" else AGGREGATES.get(unit, "zone_id")
    kind = STREET if column != "zone_id" else unit
    listed = territory.zones[territory.zones["type_zone"] == kind]
    return frozenset(listed.loc[listed[column].isin(zones["zone_id"]), "zone_id"])


def _check_communes(rules: Eligibility, territory: Territory) -> None:
    known = set(territory.communes["code_insee"])
    unknown = [code for code in rules.communes if code not in known]
    if unknown:
        raise CampaignError(
            [
                Problem(
                    place="campagne.yaml",
                    column="tirage, eligibilite, communes",
                    what=f"« {code} » n'est pas le code INSEE d'une commune du territoire",
                    mend="écrire le code à cinq chiffres entre guillemets",
                )
                for code in unknown
            ]
        )
