from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import to_excel

from nudge.imports.import_file import import_file
from nudge.store.observations import observations

ZONE = "rue-14220-001"
HEADER = b"zone_id,vague,date,n_controles,n_non_presentes,n_vert,n_orange,n_rouge\n"
SITE = {
    "comptage_id": "s1", "zone_id": ZONE, "vague": "reference", "date": "2027-05-12",
    "megots_sol": "12", "megots_cendrier": "3", "bulletins": "", "carre_m2": "2.5",
    "duree_h": "24", "frequentation": "",
}  # fmt: skip


def stored(store, instrument="controle_bac"):
    return observations(store, campaign="bacs-jaunes", instrument=instrument)


def take_in(store, path, **options):
    return import_file(store, campaign="bacs-jaunes", path=path, **options)


def write_xlsx(path, rows, *, sheet="Feuille1", before=None):
    book = openpyxl.Workbook()
    book.active.title = before or sheet
    target = book.create_sheet(sheet) if before else book.active
    target.append(list(rows[0]))
    for row in rows:
        target.append(list(row.values()))
    book.save(path)
    return path


def typed(rows):
    return [
        row
        | {"date": date.fromisoformat(row["date"]), "presente": row["presente"] == "oui",
           "rang": int(row["rang"])}
        for row in rows
    ]  # fmt: skip


def test_every_format_gives_the_same_observations(make, checks, write_csv, tmp_path):
    rows = [*checks(5), *checks(1, controle_id="absent", presente="non", couleur="", meteo="")]
    french = [
        row | {"date": "/".join(reversed(row["date"].split("-"))), "presente": truth}
        for row, truth in zip(rows, ("true", "VRAI", "1", "Oui", "oui", "0"), strict=True)
    ]
    parquet = tmp_path / "e.parquet"
    pd.DataFrame(typed(rows)).to_parquet(parquet)
    stamps = tmp_path / "f.parquet"
    frame = pd.DataFrame(typed(rows)).assign(rang=1.0)
    frame.assign(date=pd.to_datetime(frame["date"])).to_parquet(stamps)
    files = [
        write_csv(tmp_path / "a.csv", rows),
        write_csv(tmp_path / "b.csv", french, delimiter=";", encoding="utf-8-sig"),
        write_csv(tmp_path / "c.csv", list(reversed(rows)), delimiter=";", encoding="cp1252"),
        write_xlsx(tmp_path / "d.xlsx", typed(rows)),
        parquet,
        stamps,
        write_xlsx(tmp_path / "g.xlsx", french),
    ]
    tables = []
    for place, path in enumerate(files):
        store = make(tmp_path / str(place))
        assert take_in(store, path).n_new == 6
        tables.append(stored(store))
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
    assert tables[0].loc[0, "controle_id"] == "absent"
    assert pd.isna(tables[0].loc[0, "couleur"])
    assert not tables[0].loc[0, "presente"]
    assert (tables[0]["date"] == pd.Timestamp("2027-05-12")).all()


def test_a_decimal_comma_is_read_where_semicolons_separate_and_nowhere_else(
    store, write_csv, refusal, tmp_path
):
    comma = SITE | {"carre_m2": "2,5"}
    path = write_csv(tmp_path / "a.csv", [comma], delimiter=";")
    assert take_in(store, path).n_new == 1
    assert stored(store, "comptage_site").loc[0, "carre_m2"] == 2.5
    report = refusal(store, write_csv(tmp_path / "b.csv", [comma | {"comptage_id": "s2"}]))
    assert [problem.column for problem in report.problems] == ["carre_m2"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_dates_with_slashes_are_read_day_first_and_that_is_said(
    store, checks, write_csv, delimiter, tmp_path
):
    rows = [*checks(1, date="19/05/2027"), *checks(1, controle_id="c2", date="12/5/2027")]
    report = take_in(store, write_csv(tmp_path / "a.csv", rows, delimiter=delimiter))
    assert sorted(stored(store)["date"].dt.strftime("%Y-%m-%d")) == ["2027-05-12", "2027-05-19"]
    told = "dates lues jour/mois/année : dans « date », 12/5/2027 est le 12\u00a0mai 2027"
    assert told in report.notices


def test_nothing_is_said_of_dates_that_can_be_read_in_one_way_only(
    store, checks, write_csv, tmp_path
):
    assert take_in(store, write_csv(tmp_path / "a.csv", checks(2))).notices == ()


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_date_that_can_only_be_month_first_is_never_guessed(
    store, checks, write_csv, refusal, delimiter, tmp_path
):
    path = write_csv(tmp_path / "a.csv", checks(1, date="05/19/2027"), delimiter=delimiter)
    (problem,) = refusal(store, path).problems
    assert (problem.row, problem.column) == (2, "date")
    assert "met le mois avant le jour" in problem.what
    assert "19\u00a0mai 2027" in problem.what
    assert "19/05/2027" in problem.mend
    assert "toute la colonne" in problem.mend


@pytest.mark.parametrize(
    ("cell", "what", "mend"),
    [
        (46519, "« 46519 » est un numéro de jour d'Excel", "format Date"),
        (46519.75, "qui y vaut le 12\u00a0mai 2027", "12/05/2027"),
        (datetime(2027, 5, 12, 9, 30), "porte une heure", "12/05/2027"),
        ("31/04/2027", "n'existe pas au calendrier", "JJ/MM/AAAA"),
        (2027, "« 2027 » n'est pas une date", "AAAA-MM-JJ"),
    ],
)
def test_a_cell_that_is_no_date_names_row_column_and_the_day_that_it_would_mean(
    store, checks, refusal, cell, what, mend, tmp_path
):
    rows = typed(checks(3))
    rows[2]["date"] = cell
    (problem,) = refusal(store, write_xlsx(tmp_path / "a.xlsx", rows)).problems
    assert (problem.row, problem.column) == (4, "date")
    assert what in problem.what
    assert mend in problem.mend


def test_a_serial_number_means_what_the_same_cell_shows_as_a_date(
    store, checks, write_csv, refusal, tmp_path
):
    day = date(2027, 5, 12)
    serial = str(int(to_excel(day)))
    path = write_csv(tmp_path / "a.csv", checks(1, date=serial), delimiter=";")
    assert "12\u00a0mai 2027" in refusal(store, path).problems[0].what
    assert take_in(store, write_xlsx(tmp_path / "b.xlsx", typed(checks(1)))).n_new == 1
    assert stored(store)["date"].dt.date.tolist() == [day]


def test_windows_text_is_read_with_a_notice(store, write_csv, tmp_path):
    consent = {
        "consentement_id": "k1", "zone_id": ZONE, "foyer_id": "f1",
        "finalite": "conseils personnalisés", "version_texte": "été", "canal": "mail",
        "donne_le": "2027-05-01", "retire_le": "",
    }  # fmt: skip
    report = take_in(store, write_csv(tmp_path / "a.csv", [consent], encoding="cp1252"))
    assert any("Windows-1252" in notice for notice in report.notices)
    assert stored(store, "consentement").loc[0, "finalite"] == "conseils personnalisés"


def test_the_sheet_named_after_the_instrument_is_read_before_the_first(store, checks, tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", checks(2), sheet="controle_bac", before="notes")
    assert take_in(store, path).n_new == 2


def test_lines_are_those_that_an_editor_shows(store, checks, write_csv, refusal, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(4))
    lines = path.read_text().splitlines()
    lines[1:1] = ["", ",,,,,,,,,,"]
    lines[5] += ",de trop"
    lines[6] = lines[6].replace("vert", "bleu")
    path.write_text("\n".join(lines))
    report = refusal(store, path)
    assert [(problem.row, problem.column) for problem in report.problems] == [
        (6, ""), (7, "couleur"),
    ]  # fmt: skip
    assert "12 cellules au lieu de 11" in report.problems[0].what


def test_line_breaks_and_separators_within_quotes_stay_in_their_cell(store, refusal, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "reclamation_id,zone_id,date,motif,canal\n"
        f'r1,{ZONE},2027-06-02,"mes,sage",mail\nr2,{ZONE},2027-06-02,message,mail\n'
    )
    report = refusal(store, path)
    assert [(problem.row, problem.column) for problem in report.problems] == [(2, "motif")]
    assert "« mes,sage »" in report.problems[0].what


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "titres"),
        ("a.csv", "zone_id;vague".encode("utf-16"), "UTF-16"),
        ("a.csv", HEADER + b"\x81\x8d,,,,,,,\n", "Windows-1252"),
        ("a.xlsx", b"not a workbook", "classeur illisible"),
        ("a.parquet", b"not parquet", "Parquet illisible"),
    ],
)
def test_a_damaged_file_is_refused_in_french(store, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        take_in(store, path, instrument="comptage_bacs")


def test_an_unknown_format_or_a_missing_file_is_told(store, tmp_path):
    with pytest.raises(ValueError, match=r"\.csv, \.xlsx ou \.parquet"):
        take_in(store, tmp_path / "a.ods")
    with pytest.raises(ValueError, match="vérifier le chemin"):
        take_in(store, tmp_path / "absent.csv")


def test_a_file_without_observations_is_refused(store, checks, write_csv, refusal, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(1))
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert "aucune observation" in refusal(store, path).problems[0].what
