import pytest

from nudge.errors import CampaignError
from nudge.simulation.truth import ArmTruth, Boomerang, Truth
from nudge.simulation.truth_file import assumed_truth, load_truth, truth_to_yaml


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "verite.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_truth_is_read_back_unchanged(written):
    truth = Truth.model_validate(
        {
            "groupes": {"carte": {"effet": 0.08, "demi_vie_semaines": 12}},
            "saison": {"vacances_scolaires": [{"debut": "2027-02-13", "fin": "2027-03-01"}]},
            "boomerang": {"seuil": 0.9, "effet": -0.02},
            "criteres": {
                "taux_refus": {"niveau": 0.2, "ecart_type": 0.1, "effets": {"carte": -0.02}}
            },
        }
    )  # fmt: skip

    assert load_truth(written(truth_to_yaml(truth))) == truth


def test_every_field_of_the_file_is_explained():
    text = truth_to_yaml(Truth(arms={"a1": ArmTruth()}, boomerang=Boomerang(threshold=1, effect=0)))
    lines = text.splitlines()

    assert "SIMULATION" in lines[0]
    fields = [k for k, line in enumerate(lines) if ":" in line and "#" not in line]
    unexplained = [lines[k] for k in fields if not lines[k - 1].lstrip().startswith("#")]
    assert unexplained == ["  a1:"]


def test_all_faults_are_told_at_once_in_french(written):
    path = written(
        "groupes: {carte: {effet: 2}}\nbacs: {part_vert: beaucoup}\ndebordemant: 0.2\n"
        "controleurs: {confusion: {vert: [0.5, 0.2, 0.2]}}\n"
    )

    with pytest.raises(CampaignError) as caught:
        load_truth(path)

    texts = [str(one) for one in caught.value.problems]
    assert len(texts) == 4
    assert any("valeur hors limites" in text and "effet" in text for text in texts)
    assert any("un nombre est attendu" in text and "part_vert" in text for text in texts)
    assert any("champ inconnu" in text and "debordemant" in text for text in texts)
    assert any("font 1 ensemble" in text for text in texts)


def test_an_unknown_measure_is_named(written):
    with pytest.raises(CampaignError, match="critère non simulé : « bruit »"):
        load_truth(written("criteres: {bruit: {niveau: 1, ecart_type: 1}}"))


def test_correlations_leave_some_variance(written):
    with pytest.raises(CampaignError, match="en dessous de 1"):
        load_truth(written("bacs: {icc_tournee: 0.4, icc_zone: 0.4, icc_foyer: 0.3}"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CampaignError, match=r"absente\.yaml"):
        load_truth(tmp_path / "absente.yaml")


def test_assumed_effects_improve_the_outcome_whatever_its_direction(make_campaign):
    quality = assumed_truth(make_campaign())
    refusals = assumed_truth(make_campaign(primary="taux_refus"))

    assert quality.arms["comparaison"].effect == pytest.approx(0.03)
    assert quality.arms["temoin"].effect == 0
    assert refusals.measure("taux_refus").effects["comparaison"] < 0
    assert refusals.measure("masse_collectee").effects == {}


def test_a_stated_effect_reaches_every_kind_of_outcome_in_its_direction(make_campaign):
    worse = assumed_truth(make_campaign(primary="taux_refus"), effect=-0.2)
    told = worse.measure("taux_refus")

    assert told.effects["comparaison"] == pytest.approx(0.2 * told.level)
    assert worse.arms["comparaison"].effect == pytest.approx(-0.2)
