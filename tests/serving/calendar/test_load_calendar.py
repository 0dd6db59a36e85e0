import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from nudge.errors import CampaignError
from serving.calendar.calendar import Sector, Service, ServiceException, Stream
from serving.calendar.load import REPOSITORY_FOLDER, load_calendar
from serving.calendar.opening_hours import SchoolHoliday

TERRITORY = REPOSITORY_FOLDER.parent / "territory"
MODELS = {
    "secteurs": Sector,
    "flux": Stream,
    "calendrier": Service,
    "exceptions": ServiceException,
    "vacances_scolaires": SchoolHoliday,
}


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(REPOSITORY_FOLDER, tmp_path / "calendar"))


def add(folder, name, line):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_household_round_of_the_territory_has_a_sector_with_its_days():
    calendar = load_calendar()
    rounds = {
        row["tournee_id"]: row
        for row in rows(TERRITORY / "tournees.csv")
        if row["flux"] == "emballages"
    }
    assert {sector.round for sector in calendar.sectors.values()} == set(rounds)
    for sector in calendar.sectors.values():
        round_ = rounds[sector.round]
        packaging = [s for s in calendar.services[sector.identifier] if s.flux == "emballages"]
        assert [one.parity for one in packaging] == [round_["semaine"]]
        days = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
        assert [days[day] for day in packaging[0].weekdays] == round_["jour"].split("+")


def test_every_commune_has_a_sector_and_invented_rows_say_so():
    calendar = load_calendar()
    for row in rows(TERRITORY / "communes.csv"):
        found = calendar.sectors_of(row["code_insee"])
        assert found
        assert all(one.name.startswith(row["nom"]) for one in found)
    assert all(one.synthetic for one in calendar.sectors.values())
    assert all(one.synthetic for kept in calendar.services.values() for one in kept)


def test_the_published_schemas_describe_the_columns_that_are_read():
    for name, model in MODELS.items():
        schema = json.loads((REPOSITORY_FOLDER / f"{name}.schema.json").read_text("utf-8"))
        columns = [field["name"] for field in schema["fields"]]
        assert set(columns) == {field.alias or key for key, field in model.model_fields.items()}
        header = (REPOSITORY_FOLDER / f"{name}.csv").read_text("utf-8").splitlines()[0].split(",")
        assert header == columns
        assert all(field["description"].strip() for field in schema["fields"])


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("exceptions.csv", "inconnu-omr,2027-01-04,ajout,essai,", "service_id"),
        ("exceptions.csv", "deauville-1-omr,2027-01-05,suppression,essai,", "aucune collecte"),
        ("exceptions.csv", "deauville-1-omr,2027-01-04,ajout,essai,", "déjà prévue"),
        ("exceptions.csv", "deauville-1-omr,2027-01-06,ajout,essai,2027-01-04", "date_origine"),
        ("exceptions.csv", "deauville-1-omr,06/01/2027,ajout,essai,", "AAAA-MM-JJ"),
        ("exceptions.csv", "deauville-1-omr,2027-01-06,ajout,", "cellules"),
        ("flux.csv", "omr,Ordures,bac gris,oui,essai", "déjà plus haut"),
        ("flux.csv", "verre,Verre,borne,peut-être,essai", "synthetique"),
        (
            "calendrier.csv",
            "x-omr,deauville-1,omr,0,0,0,0,0,0,0,toutes,2027-01-01,2027-12-31,oui,essai",
            "aucun jour de collecte",
        ),
        (
            "calendrier.csv",
            "x-omr,ailleurs-1,omr,1,0,0,0,0,0,0,toutes,2027-01-01,2027-12-31,oui,essai",
            "ailleurs-1",
        ),
    ],
)
def test_a_faulty_row_is_told_with_its_file_line_and_mend(folder, name, line, told):
    add(folder, name, line)
    number = len((folder / name).read_text("utf-8").splitlines())
    with pytest.raises(CampaignError) as raised:
        load_calendar(folder)
    message = str(raised.value)
    assert f"{name}, ligne {number}" in message
    assert told in message


def test_a_missing_column_and_an_unknown_one_are_told(folder):
    path = folder / "secteurs.csv"
    path.write_text(path.read_text("utf-8").replace("nom,", "libelle,", 1), encoding="utf-8")
    with pytest.raises(CampaignError, match=r"(?s)« nom ».*manque.*« libelle ».*inconnue"):
        load_calendar(folder)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CampaignError, match=r"secteurs\.csv : fichier illisible"):
        load_calendar(tmp_path)


def test_dates_are_days_not_texts():
    calendar = load_calendar()
    assert calendar.services["deauville-1"][0].first_day == date(2026, 1, 1)
