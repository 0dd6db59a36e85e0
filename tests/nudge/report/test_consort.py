import pytest

from nudge.analysis.deviations import CLOSED_EARLY
from nudge.analysis.result import Deviation
from nudge.errors import CampaignError
from nudge.report.compose import compose
from nudge.report.consort import checklist, checklist_json, final_blockers, read_complements

BLINDING = {"11a": "Les contrôleurs ne savaient pas quel groupe ils relevaient."}


def by_number(result, **settings):
    return {row.number: row.text for row in checklist(result, **settings)}


def test_items_run_from_title_to_results(benefit):
    rows = checklist(benefit)
    assert (rows[0].number, rows[-1].number, len(rows)) == ("1a", "17a", 30)
    texts = by_number(benefit)
    assert "randomisé en grappes (rues)" in texts["1a"]
    assert "20270517" in texts["8a"]
    assert "Corrélation intra-zone 0,041 (de 0,012 à 0,094)" in texts["17a"]
    assert "page internet du service" in texts["10c"]
    assert "20" in texts["13a"]


def test_what_nobody_wrote_is_to_complete_and_blocks_the_final_version(benefit):
    assert by_number(benefit)["11a"] == ""
    assert any("11a à compléter" in text for text in final_blockers(benefit))
    assert final_blockers(benefit, complements=BLINDING) == ()
    assert compose(benefit, complements=BLINDING).final
    assert not compose(benefit).final
    assert any("Version provisoire" in text for text in compose(benefit).warnings)


@pytest.mark.parametrize(
    ("change", "item"),
    [({"icc": None, "seed": None}, "8a"), ({"zones_sha256": ""}, "9"), ({"balance": None}, "15"),
     ({"flow": ()}, "13a"), ({"status": "en_cours"}, "14b")],
)  # fmt: skip
def test_each_absence_empties_its_item(benefit, changed, change, item):
    without = changed(benefit, **change)
    assert by_number(without)[item] == ""
    assert any(f"CONSORT {item} " in text for text in final_blockers(without))


def test_an_unlocked_or_simulated_campaign_is_never_final(benefit, three_arms, changed):
    unlocked = final_blockers(changed(benefit, plan_sha256=""), complements=BLINDING)
    assert "Le plan n'est pas verrouillé." in unlocked
    assert "Les données sont simulées." in final_blockers(three_arms, complements=BLINDING)


def test_a_campaign_without_draw_has_no_checklist(orange_county):
    assert checklist(orange_county) == ()
    told = checklist_json(orange_county)
    assert told["applicable"] is False
    assert told["final"] is True


def test_the_file_says_what_is_filled(benefit):
    told = checklist_json(benefit)
    assert told["final"] is False
    blind = next(item for item in told["items"] if item["item"] == "11a")
    assert (blind["texte"], blind["rempli"]) == ("à compléter", False)


def test_the_team_completes_in_a_file(tmp_path):
    assert read_complements(tmp_path) == {}
    (tmp_path / "consort.yaml").write_text("11a: à l'aveugle\n5: autre\n", encoding="utf-8")
    assert read_complements(tmp_path) == {"11a": "à l'aveugle", "5": "autre"}


@pytest.mark.parametrize(
    ("text", "told"),
    [("99z: x", "item inconnu"), ("11a: [1]", "texte attendu"), ("- a", "pas d'items"),
     ("11a: 'x", "illisible")],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_mend(tmp_path, text, told):
    (tmp_path / "consort.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CampaignError, match=told):
        read_complements(tmp_path)


def test_an_early_closing_is_no_end_at_the_planned_date(benefit, changed):
    assert by_number(benefit)["14b"] == "Fin à la date prévue au plan."
    text = f"{CLOSED_EARLY} : canicule."
    early = Deviation(kind="ecart", text=text, serious=True)
    assert by_number(changed(benefit, deviations=(early,)))["14b"] == text
