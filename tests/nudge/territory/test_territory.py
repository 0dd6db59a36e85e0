import shutil
from pathlib import Path

import pytest

from nudge.errors import CampaignError, Problem
from nudge.territory.territory import load_territory


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(CampaignError) as caught:
        load_territory(folder)
    return caught.value.problems


def only_problem(folder: Path) -> Problem:
    problems = problems_of(folder)
    assert len(problems) == 1, [str(one) for one in problems]
    return problems[0]


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_types_follow_the_schemas(territory):
    assert territory.communes["code_insee"].map(type).eq(str).all()
    assert territory.zones["n_logements"].dtype == "int64"
    assert territory.zones["latitude"].dtype == "float64"
    assert territory.zones["synthetique"].dtype == bool
    assert territory.zones["date_maj"].dtype.kind == "M"
    assert territory.synthetic


def test_folder_comes_from_the_variable(folder, monkeypatch):
    monkeypatch.setenv("POUCE_TERRITORY", str(folder))
    assert load_territory().folder == str(folder)


def test_missing_folder_is_named(tmp_path):
    problem = only_problem(tmp_path / "absent")
    assert str(tmp_path / "absent") in problem.place


def test_missing_files_are_all_named(tmp_path):
    assert {one.place for one in problems_of(tmp_path)} == {
        "communes.csv", "alias.csv", "tournees.csv", "zones.csv", "voisinages.csv",
    }  # fmt: skip


def test_one_real_zone_among_invented_ones_is_still_synthetic(folder, edit):
    edit(
        "zones.csv",
        '49.34066,0.03958,oui,"générateur de zones de test (graine 2027), position schématique"',
        "49.34066,0.03958,non,service",
    )
    territory = load_territory(folder)
    assert territory.synthetic
    rewrite(folder / "zones.csv", ",oui,", ",non,")
    assert not load_territory(folder).synthetic


def test_fingerprint_follows_the_content_not_the_place(folder, tmp_path, edit):
    before = load_territory(folder).fingerprint
    shutil.copytree(folder, tmp_path / "copy")
    assert load_territory(tmp_path / "copy").fingerprint == before
    edit("zones.csv", "26,21,pavillonnaire,49.34066", "26,20,pavillonnaire,49.34066")
    assert load_territory(folder).fingerprint != before


def test_byte_order_mark_and_columns_in_another_order_are_read(folder):
    path = folder / "alias.csv"
    rows = [line.split(",", 3) for line in path.read_text(encoding="utf-8").splitlines()]
    turned = "\r\n".join(",".join([code, alias, doubt, rest]) for alias, code, doubt, rest in rows)
    path.write_text(turned, encoding="utf-8-sig")
    assert load_territory(folder).aliases["alias"].iloc[0] == "trouville"


def test_text_that_is_not_utf8_gives_its_line(folder):
    path = folder / "alias.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1", "replace"))
    problem = only_problem(folder)
    assert (problem.place, problem.row) == ("alias.csv", 5)
    assert "UTF-8" in problem.what


def test_semicolons_are_told_from_missing_columns(folder):
    rewrite(folder / "alias.csv", ",", ";")
    assert "point-virgule" in only_problem(folder).what


def test_header_faults_are_told_together(folder, edit):
    edit("alias.csv", "alias,code_insee,ambigu,remarque", "alias,insee,ambigu,ambigu")
    found = {(one.column, one.what) for one in problems_of(folder)}
    assert found == {
        ("code_insee", "la colonne manque"),
        ("remarque", "la colonne manque"),
        ("insee", "colonne inconnue"),
        ("ambigu", "colonne présente plusieurs fois"),
    }


def test_row_with_too_many_cells_is_one_problem(folder, edit):
    line = edit("zones.csv", "26,21,pavillonnaire", "26,21,,pavillonnaire")
    problem = only_problem(folder)
    assert (problem.place, problem.row) == ("zones.csv", line)
    assert "15 cellules au lieu de 14" in problem.what


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "word"),
    [
        ("communes.csv", "14059,Benerville-sur-Mer,14910", "14059,Benerville-sur-Mer,1491",
         "code_postal", "forme"),
        ("communes.csv", "14059,Benerville-sur-Mer,", "14059,,", "nom", "vide"),
        ("communes.csv", "14910,389,", "14910,trois cents,", "population_municipale", "entier"),
        ("communes.csv", "14910,389,", "14910,-389,", "population_municipale", "petit"),
        ("communes.csv", "241400415,0.75,", "241400415,75,",
         "part_residences_secondaires", "grand"),
        ("communes.csv", "241400415,,,", "241400415,0.4,,", "source_residences_secondaires",
         "source"),
        ("zones.csv", "49.34066,0.03958", "49.34066,0°3", "longitude", "nombre"),
        ("zones.csv", "49.34066,0.03958", "49.34066,", "latitude, longitude", "une seule"),
        ("zones.csv", "49.34066,0.03958", "0.03958,49.34066", "latitude, longitude", "hors"),
        ("zones.csv", "49.34066,0.03958", "48.85,2.35", "latitude, longitude", "hors"),
        ("zones.csv", "26,21,pavillonnaire,49.34066", "26,27,pavillonnaire,49.34066",
         "n_residences_secondaires", "27 résidences secondaires pour 26"),
        ("zones.csv", "26,21,pavillonnaire,49.34066", "26,21,maisons,49.34066",
         "type_habitat", "admise"),
        ("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26",
         "rue,14060,,tournee-14059-1,26", "code_insee", "communes.csv"),
        ("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26",
         "rue,14059,secteur-14059-01,tournee-14059-9,26", "tournee_id", "tournees.csv"),
        ("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26",
         "rue,14059,,,26", "tournee_id", "pas de tournée"),
        ("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26",
         "rue,14059,secteur-14079-01,tournee-14059-1,26", "sous_secteur_id", "autre commune"),
        ("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26",
         "rue,14059,rue-14059-002,tournee-14059-1,26", "sous_secteur_id", "contenir"),
        ("tournees.csv", "emballages,jeudi,impaire,oui", "emballages,jeudy,impaire,oui",
         "jour", "forme"),
        ("alias.csv", "villers,14754,oui", "villers,14754,non", "ambigu", "plusieurs communes"),
        ("alias.csv", "blonville,14079,non", "blonville,14079,jamais", "ambigu", "admise"),
        ("voisinages.csv", "rue-14059-001,rue-14059-002,", "rue-14059-001,rue-14059-001,",
         "voisin_id", "propre voisine"),
        ("voisinages.csv", "rue-14059-001,rue-14059-002,", "rue-14059-001,cendrier-14059-01,",
         "voisin_id", "même type"),
        ("voisinages.csv", "rue-14059-001,rue-14059-002,", "rue-14059-001,rue-99,",
         "voisin_id", "zones.csv"),
    ],
)  # fmt: skip
def test_faulty_row_gives_file_line_column_and_mend(folder, edit, file, old, new, column, word):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    at = text.index(old)
    line = text[:at].count("\n") + 1
    path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    told = [one for one in problems_of(folder) if one.row == line and one.column == column]
    assert len(told) == 1, [str(one) for one in problems_of(folder)]
    assert told[0].place == file
    assert word in told[0].what
    assert told[0].mend


def test_row_with_too_few_cells_is_one_problem(folder, edit):
    line = edit("zones.csv", "rue,14059,secteur-14059-01,tournee-14059-1,26", "rue,26")
    problem = only_problem(folder)
    assert (problem.place, problem.row) == ("zones.csv", line)


def test_swapped_coordinates_are_recognised(folder, edit):
    edit("zones.csv", "49.34066,0.03958", "0.03958,49.34066")
    assert only_problem(folder).mend == "échanger latitude et longitude"


@pytest.mark.parametrize("wrong", ["23/11/2026", "2026-02-30", "2026-11", "2026-1-3"])
def test_dates_are_iso(folder, wrong):
    rewrite(folder / "zones.csv", "2026-11-23", wrong)
    problems = problems_of(folder)
    assert problems[0].column == "date_maj"
    assert wrong in problems[0].what
    assert "AAAA-MM-JJ" in problems[0].mend


def test_repeated_row_gives_the_second_line(folder):
    path = folder / "tournees.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*rows, rows[1]]) + "\n", encoding="utf-8")
    problem = only_problem(folder)
    assert problem.row == len(rows) + 1
    assert "tournee-14059-1" in problem.what


def test_neighbours_need_both_directions_at_one_distance(folder):
    path = folder / "voisinages.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([rows[0], *rows[2:]]) + "\n", encoding="utf-8")
    one, other = rows[1].split(",")[:2]
    problem = only_problem(folder)
    assert f"« {one} »" in problem.what
    assert f"« {other} »" in problem.what
    assert "ligne inverse" in problem.mend


def test_faults_of_all_files_are_told_at_once_in_order(folder, edit):
    edit("communes.csv", "14910,389,", "14910,beaucoup,")
    edit("alias.csv", "blonville,14079,non", "blonville,14079,jamais")
    edit("zones.csv", "26,21,pavillonnaire,49.34066", "26,27,pavillonnaire,49.34066")
    places = [one.place for one in problems_of(folder)]
    assert places == ["communes.csv", "alias.csv", "zones.csv"]


def test_fifty_faults_are_shown_and_the_others_counted(folder):
    rewrite(folder / "zones.csv", ",oui,", ",peut-être,")
    problems = problems_of(folder)
    assert len(problems) == 51
    assert problems[-1].what == "et 190 autres anomalies"


def test_line_numbers_count_line_breaks_inside_cells(folder, edit):
    edit("zones.csv", "Rue synthétique n° 001 (Benerville-sur-Mer)", '"Rue\nen deux lignes"')
    line = edit("zones.csv", "37,29,mixte", "37,38,mixte")
    assert only_problem(folder).row == line


def test_box_is_not_applied_to_another_intercommunality(folder):
    rewrite(folder / "communes.csv", "241400415", "200000000")
    edited = folder / "zones.csv"
    rewrite(edited, "49.34066,0.03958", "48.85,2.35")
    territory = load_territory(folder)
    assert territory.zones["latitude"].min() == 48.85


def test_unknown_coordinates_are_accepted(folder, edit):
    edit("zones.csv", "49.34066,0.03958", ",")
    assert load_territory(folder).zones["latitude"].isna().sum() == 1
