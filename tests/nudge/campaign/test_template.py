from datetime import date, timedelta

import pytest
import yaml

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import (
    AT_ONCE,
    EXAMPLES,
    campaign_template,
    example,
    identifier_from,
)
from nudge.errors import CampaignError
from nudge.levers.catalogue import levers

ANSWERS = {
    "debut: À REMPLIR": "debut: 2027-03-01",
    "fin: À REMPLIR": "fin: 2027-05-30",
    "effet_boomerang: À REMPLIR": "effet_boomerang: 0.5",
    "niveau_attendu: À REMPLIR": "niveau_attendu: 0.7",
    "base_legale: À REMPLIR": "base_legale: mission_interet_public",
    "conservation_mois: À REMPLIR": "conservation_mois: 12",
    "relu_le: À REMPLIR": "relu_le: 2026-11-16",
}
WAVES = ("2027-02-01", "2027-03-15", "2027-04-12", "2027-05-10")


def filled(text: str) -> str:
    head, waves = text.split("vagues:\n")
    for day in WAVES:
        for field in ("debut", "fin"):
            waves = waves.replace(f"    {field}: À REMPLIR", f"    {field}: {day}", 1)
    text = f"{head}vagues:\n{waves}"
    for asked, answer in ANSWERS.items():
        text = text.replace(asked, answer)
    return text


@pytest.mark.parametrize("lever", sorted(levers()))
def test_the_template_is_valid_once_its_manager_has_answered(lever):
    campaign = campaign_from_yaml(filled(campaign_template("Tri d'été", lever=lever)))
    assert campaign.nudged[0].lever == lever
    assert campaign.identifier == "tri-d-ete"
    assert campaign.nudged[0].tidier is not None


def test_only_what_the_manager_knows_is_left_open():
    with pytest.raises(CampaignError) as caught:
        campaign_from_yaml(campaign_template("tri", lever="comparaison_sociale"))
    assert all("à remplir" in problem.what for problem in caught.value.problems)


def test_every_field_comes_with_its_help():
    text = campaign_template("tri", lever="comparaison_sociale").replace("\u00a0", " ")
    told = " ".join(line.strip(" #") for line in text.splitlines() if line.strip().startswith("#"))
    for field in Campaign.model_fields.values():
        assert f"{field.title} : {field.description}" in told
    assert "Mois après lesquels les données de terrain sont effacées" in told


def test_help_of_groups_is_told_once():
    text = campaign_template("tri", lever="comparaison_sociale")
    assert text.count("Nom court du groupe") == 1


def test_the_family_chooses_the_outcome_and_the_unit():
    content = yaml.safe_load(campaign_template("plage", family="incivilites"))
    assert content["critere_principal"] == "megots_au_sol"
    assert content["tirage"]["unite"] == "cendrier"


def test_an_unknown_lever_is_refused():
    with pytest.raises(CampaignError, match="n'existe pas"):
        campaign_template("tri", lever="amende")


def test_identifiers_are_made_of_plain_letters():
    assert identifier_from("Été à Deauville !") == "ete-a-deauville"
    assert identifier_from("…") == "campagne"


def test_an_unknown_example_is_refused():
    with pytest.raises(KeyError):
        example("rien")


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - AT_ONCE))
@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2027, 2, 15), date(2031, 8, 3)])
def test_an_example_lies_ahead_whenever_it_is_taken(name: str, today: date) -> None:
    packaged, moved = (
        campaign_from_yaml(text) for text in (example(name), example(name, today=today))
    )
    first = min(wave.start for wave in moved.waves)
    assert today + timedelta(days=30) <= first <= today + timedelta(days=400)
    assert moved.ethics.reviewed_on is not None
    assert moved.ethics.reviewed_on < today
    before = [(wave.start.month, wave.start.day) for wave in packaged.waves]
    assert [(wave.start.month, wave.start.day) for wave in moved.waves] == before


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2028, 2, 29), date(2031, 8, 3)])
def test_an_example_without_field_work_begins_on_the_day_it_is_taken(today: date) -> None:
    packaged, moved = (
        campaign_from_yaml(text)
        for text in (example("eco_geste"), example("eco_geste", today=today))
    )
    assert moved.start == moved.waves[0].start == today
    assert moved.end - moved.start == packaged.end - packaged.start
    assert [wave.end - wave.start for wave in moved.waves] == [
        wave.end - wave.start for wave in packaged.waves
    ]
    assert moved.ethics.reviewed_on is not None
    assert moved.ethics.reviewed_on < today
