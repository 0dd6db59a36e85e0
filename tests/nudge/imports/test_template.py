import openpyxl
import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_yaml
from nudge.errors import CampaignError
from nudge.imports.import_file import import_file
from nudge.imports.template import write_template
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.store.campaigns import campaign_zones, stored_campaign

NAME = "bacs-jaunes"
CHECKS = INSTRUMENTS["controle_bac"]


@pytest.fixture
def given(store):
    campaign = campaign_from_yaml(stored_campaign(store, NAME).yaml)
    return {"campaign": campaign, "zones": campaign_zones(store, NAME)}


def filled(path, **cells):
    table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    for name, values in cells.items():
        table[name] = table[name].where(
            table.index >= len(values), [*values, *table[name]][: len(table)]
        )
    table.to_csv(path, sep=";", index=False)
    return path


def test_a_blank_csv_filled_in_as_it_stands_is_imported(store, given, tmp_path):
    path = tmp_path / "a.csv"
    numbers = dict.fromkeys(given["zones"]["zone_id"], (1, 2, 3))
    write_template(CHECKS, path, **given, wave="reference", numbers=numbers)
    n = 36
    filled(path, foyer_id=[f"f{place}" for place in range(n)], date=["12/05/2027"] * n,
           presente=["oui"] * n, couleur=["vert"] * n, controleur=["agent-1"] * n)  # fmt: skip
    report = import_file(store, campaign=NAME, path=path)
    assert report.n_new == n
    assert not any("sans observation" in notice for notice in report.notices)


def test_rows_that_were_not_filled_in_are_left_out_and_counted(store, given, tmp_path):
    path = tmp_path / "a.csv"
    write_template(INSTRUMENTS["comptage_bacs"], path, **given, wave="reference")
    filled(path, date=["12/05/2027"], n_controles=["3"], n_non_presentes=["1"], n_vert=["1"],
           n_orange=["1"], n_rouge=["0"])  # fmt: skip
    report = import_file(store, campaign=NAME, path=path)
    assert (report.n_rows, report.n_new) == (1, 1)
    assert report.notices[0].startswith("11\u00a0lignes préparées sans observation")


def test_a_blank_file_alone_is_refused(store, given, refusal, tmp_path):
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"a.{ending}"
        write_template(CHECKS, path, **given, wave="reference")
        assert "aucune observation" in refusal(store, path).problems[0].what


def test_first_and_second_ratings_have_identifiers_of_their_own(given, tmp_path):
    found = []
    for rank in (1, 2):
        path = tmp_path / f"{rank}.csv"
        write_template(CHECKS, path, **given, wave="suivi", rank=rank)
        table = pd.read_csv(path, sep=";", dtype=str)
        assert set(table["rang"]) == {str(rank)}
        assert set(table["vague"]) == {"suivi"}
        found += list(table["controle_id"])
    assert len(set(found)) == len(found) == 24
    assert all(len(name) <= 64 for name in found)


def test_a_workbook_offers_choices_help_and_limits(given, tmp_path):
    path = tmp_path / "a.xlsx"
    write_template(INSTRUMENTS["distribution"], path, **given)
    book = openpyxl.load_workbook(path)
    sheet = book["distribution"]
    titles = {cell.value: cell for cell in sheet[1]}
    assert list(titles) == list(INSTRUMENTS["distribution"].column_names)
    assert all(cell.comment.text for cell in titles.values())
    rules = {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}
    letter = {name: cell.column_letter for name, cell in titles.items()}
    assert rules[letter["remis"]].formula1 == '"oui,non"'
    assert "carte_porte" in rules[letter["canal"]].formula1
    assert rules[letter["date"]].type == "date"
    choices = [[cell.value for cell in column] for column in book["listes"].columns]
    assert choices[0] == ["zone_id", *given["zones"]["zone_id"]]
    assert choices[1][:3] == ["bras", "temoin", "carte"]
    assert rules[letter["bras"]].formula1.startswith("listes!$B$2")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_has_both_kinds_of_blank_file(given, tmp_path, name):
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"a.{ending}"
        write_template(INSTRUMENTS[name], path, **given, wave="reference")
        assert path.stat().st_size > 0
    header = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(";")
    assert header[0] == "zone_id"
    assert sorted(header) == sorted(INSTRUMENTS[name].column_names)


def test_another_ending_is_refused(given, tmp_path):
    with pytest.raises(CampaignError, match=r"\.csv ou en \.xlsx"):
        write_template(CHECKS, tmp_path / "a.ods", **given)
    assert not list(tmp_path.glob("*.ods"))
