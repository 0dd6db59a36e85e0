from datetime import date

import pytest

from nudge.campaign.load import campaign_from_yaml, campaign_to_yaml, load_campaign
from nudge.campaign.template import example
from nudge.errors import CampaignError

MINIMAL = """
version: 1
identifiant: essai
titre: Essai
objectif: Savoir
famille: qualite
critere_principal: bac_bien_trie
population: Logements
tirage: {unite: rue}
groupes:
  - {identifiant: temoin, titre: Témoin, temoin: oui}
  - {identifiant: carte, titre: Carte, levier: comparaison_sociale, canal: carte_porte}
debut: 2027-03-01
fin: 2027-05-30
vagues:
  - {nom: avant, type: reference, debut: 2027-02-01, fin: 2027-02-21}
  - {nom: apres, type: suivi, debut: 2027-03-15, fin: 2027-04-04}
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(CampaignError) as caught:
        campaign_from_yaml(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_small_campaign_is_read_with_its_french_names():
    campaign = campaign_from_yaml(MINIMAL)
    assert campaign.control is not None
    assert campaign.control.identifier == "temoin"
    assert [wave.name for wave in campaign.follow_up_waves] == ["apres"]
    assert campaign.start == date(2027, 3, 1)


@pytest.mark.parametrize("name", ["comparaison", "cendrier", "eau"])
def test_written_campaigns_are_read_back_unchanged(name):
    campaign = campaign_from_yaml(example(name))
    assert campaign_from_yaml(campaign_to_yaml(campaign)) == campaign


def test_a_simulated_campaign_says_so_in_its_title():
    campaign = campaign_from_yaml(MINIMAL.replace("titre: Essai", "titre: Essai\nsimulation: oui"))
    assert campaign.shown_title.startswith("SIMULATION")


def test_every_problem_is_told_at_once_in_french():
    text = MINIMAL.replace("debut: 2027-03-01", "debut: lundi").replace("unite: rue", "unite: quai")
    told = "\n".join(problems_of(text))
    assert "« debut » : une date est attendue (trouvé : lundi) → l'écrire AAAA-MM-JJ" in told
    assert "« tirage, unite » : valeur inconnue (trouvé : quai) → choisir parmi" in told


def test_a_decimal_comma_is_explained():
    told = problems_of(MINIMAL + "puissance: {niveau_attendu: '0,75'}\n")
    assert "écrire 0.05 (avec un point)" in told[0]


def test_wrong_items_of_a_list_are_not_also_called_too_few():
    told = problems_of(MINIMAL.replace("debut: 2027-02-01", "debut: x"))
    assert told == [
        "campagne.yaml, « vagues n° 1, debut » : une date est attendue (trouvé : x) → l'écrire "
        "AAAA-MM-JJ"
    ]


def test_what_is_still_to_fill_in_is_called_so():
    assert (
        "champ à remplir : une date est attendue"
        in problems_of(MINIMAL.replace("fin: 2027-05-30", "fin: À REMPLIR"))[0]
    )


def test_unknown_fields_and_families_that_do_not_match_are_refused():
    assert "champ inconnu" in problems_of(MINIMAL + "budget: 12\n")[0]
    told = problems_of(MINIMAL.replace("famille: qualite", "famille: participation"))
    assert "relève de la famille qualité du tri, pas de participation" in told[0]


def test_a_field_written_twice_is_refused():
    assert "« titre » est écrit deux fois" in problems_of(MINIMAL + "titre: Autre\n")[0]


def test_a_follow_up_before_the_nudge_is_refused():
    told = problems_of(MINIMAL.replace("debut: 2027-03-15", "debut: 2027-02-25"))
    assert "commence avant le début du nudge" in told[0]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CampaignError, match="fichier illisible"):
        load_campaign(tmp_path / "rien.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "campagne.yaml"
    path.write_bytes(MINIMAL.encode("latin-1"))
    with pytest.raises(CampaignError, match="UTF-8"):
        load_campaign(path)
