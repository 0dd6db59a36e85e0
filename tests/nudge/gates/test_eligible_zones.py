import hashlib

import pytest

from nudge.errors import CampaignError
from nudge.gates.eligible_zones import eligible_zones, places_of, sample_key, zone_sample


def test_rules_of_eligibility_hold(territory, campaign_of):
    rules = {
        "communes": ["14220", "14715"],
        "types_habitat": ["pavillonnaire"],
        "logements_min": 29,
        "part_residences_secondaires_max": 0.6,
    }
    zones = eligible_zones(campaign_of(tirage__eligibilite=rules), territory)
    assert len(zones) > 3
    assert set(zones["code_insee"]) == {"14220", "14715"}
    assert set(zones["type_habitat"]) == {"pavillonnaire"}
    assert zones["n_logements"].min() == 29
    assert zones["part_residences_secondaires"].max() <= 0.6


def test_excluded_zones_are_left_out_and_unknown_ones_refused(territory, campaign_of):
    out = "rue-14059-002"
    zones = eligible_zones(campaign_of(tirage__eligibilite={"zones_exclues": [out]}), territory)
    assert out not in set(zones["zone_id"])
    with pytest.raises(CampaignError, match="rue-0"):
        eligible_zones(campaign_of(tirage__eligibilite={"zones": ["rue-0"]}), territory)


def test_an_unknown_commune_is_refused(territory, campaign_of):
    with pytest.raises(CampaignError, match="75056"):
        eligible_zones(campaign_of(tirage__eligibilite={"communes": ["75056"]}), territory)


def test_anyone_can_draw_the_sample_again(territory, campaign_of):
    campaign = campaign_of()
    eligible = eligible_zones(campaign, territory)
    key = sample_key(campaign)
    by_hash = sorted(
        eligible["zone_id"], key=lambda zone: hashlib.sha256(f"{key}:{zone}".encode()).hexdigest()
    )
    assert sorted(by_hash[:40]) == zone_sample(campaign, eligible)["zone_id"].tolist()


def test_accepting_an_effect_leaves_the_sample_as_it_is(territory, campaign_of):
    other = campaign_of(puissance__effet_detectable_accepte=0.5, titre="Autre essai randomisé")
    assert sample_key(other) == sample_key(campaign_of())
    assert sample_key(campaign_of(tirage__part_gardee=0.3)) != sample_key(campaign_of())


def test_a_round_covers_its_streets(territory, campaign_of):
    rounds = eligible_zones(campaign_of(tirage={"unite": "tournee"}), territory)
    covered = places_of(territory, unit="tournee", zones=rounds.head(1))
    assert len(covered) == rounds["n_zones"].iloc[0]
    assert all(zone.startswith("rue-") for zone in covered)
