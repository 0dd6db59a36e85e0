from pathlib import Path

import pytest

from nudge.imports.import_file import import_file
from nudge.store.database import writing
from nudge.store.observations import count_observations
from nudge.store.persons import object_person

ZONE = "rue-14220-001"
CHECK = {
    "controle_id": "c1", "zone_id": ZONE, "foyer_id": "f1", "vague": "reference",
    "date": "2027-05-12", "presente": "oui", "couleur": "vert", "codes_erreur": "",
    "controleur": "agent-1", "rang": "1", "meteo": "",
}  # fmt: skip
COUNT = {
    "zone_id": ZONE, "vague": "reference", "date": "2027-05-12", "n_controles": "10",
    "n_non_presentes": "3", "n_vert": "4", "n_orange": "2", "n_rouge": "1",
}  # fmt: skip
LOAD = {
    "pesee_id": "p1", "zone_id": ZONE, "vague": "reference", "date": "2027-05-12",
    "flux": "emballages", "masse_recue_kg": "100", "masse_refusee_kg": "100",
}  # fmt: skip
CONSENT = {
    "consentement_id": "k1", "zone_id": ZONE, "foyer_id": "f1", "finalite": "conseils",
    "version_texte": "1", "canal": "mail", "donne_le": "2027-05-01", "retire_le": "2027-05-01",
}  # fmt: skip
DELIVERY = {
    "remise_id": "m1", "zone_id": ZONE, "foyer_id": "f1", "date": "2027-06-02",
    "bras": "carte", "canal": "carte_porte", "remis": "oui", "motif_non_remis": "",
}  # fmt: skip


@pytest.fixture
def told(store, write_csv, refusal, tmp_path):
    """Line, column, what and mend of every problem of rows that must be refused."""

    def problems(rows):
        report = refusal(store, write_csv(tmp_path / "a.csv", rows))
        assert count_observations(store, campaign="bacs-jaunes") == {}
        return [(one.row, one.column, one.what, one.mend) for one in report.problems]

    return problems


@pytest.fixture
def taken(store, write_csv, tmp_path):
    """Number of rows of a file that come in."""

    def new(rows):
        path = write_csv(tmp_path / "a.csv", rows)
        return import_file(store, campaign="bacs-jaunes", path=path).n_new

    return new


@pytest.mark.parametrize(
    ("column", "value", "what", "mend"),
    [
        ("controleur", "", "cellule vide", "remplir"),
        ("presente", "peut-être", "« peut-être » n'est pas oui ou non", "oui ou non"),
        ("couleur", "Rouge", "« Rouge » n'est pas admis", "écrire « rouge »"),
        ("couleur", "bleu", "« bleu » n'est pas admis", "vert, orange ou rouge"),
        ("rang", "3", "« 3 » est hors limites", "entre 1 et 2"),
        ("rang", "1.5", "n'est pas un nombre entier", "entier"),
        ("rang", "9" * 30, "n'est pas un nombre entier", "entier"),
        ("date", "2027-02-30", "n'est pas une date", "AAAA-MM-JJ"),
        ("date", "2027-05-22", "hors de la vague « reference »", "au 21\u00a0mai 2027"),
        ("date", "2027-05-09", "hors de la vague « reference »", "du 10\u00a0mai 2027"),
        ("vague", "référence", "n'est pas une vague", "écrire « reference »"),
        ("zone_id", "rue-14220-0001", "n'est pas une zone de la campagne", "« rue-14220-001 »"),
        ("zone_id", "XYZ", "n'est pas une zone de la campagne", "rue-14220-001, rue-14220-002"),
        ("controle_id", "é1", "n'a pas la forme voulue", "lettres sans accent"),
        ("controle_id", "a" * 65, "n'a pas la forme voulue", "64 signes"),
        ("codes_erreur", "verre|plastique", "n'a pas la forme voulue", "barre verticale"),
        ("meteo", "se\x07c", "caractère invisible", "saisir de nouveau"),
        ("foyer_id", "Jeanne Martin", "donnée personnelle", "pseudonyme"),
        ("foyer_id", "MARTIN Jean-Noël", "donnée personnelle", "pseudonyme"),
        ("foyer_id", "0612345678", "donnée personnelle", "pseudonyme"),
        ("foyer_id", "+33 6 12 34 56 78", "donnée personnelle", "pseudonyme"),
        ("controleur", "jeanne@exemple.fr", "donnée personnelle", "pseudonyme"),
    ],
)
def test_a_faulty_cell_is_told_with_its_mend(checks, told, column, value, what, mend):
    rows = checks(3)
    rows[1] |= {column: value}
    found = told(rows)
    assert [(line, name) for line, name, *_ in found] == [(3, column)]
    assert what in found[0][2]
    assert mend in found[0][3]


@pytest.mark.parametrize("value", ["f-0612", "A.b:c_d-9", "75008-12"])
def test_a_pseudonym_that_says_nothing_is_admitted(checks, taken, value):
    assert taken(checks(1, foyer_id=value)) == 1


@pytest.mark.parametrize("codes", ["verre", "verre|sac_ferme", ""])
def test_error_codes_are_admitted_alone_or_together(checks, taken, codes):
    assert taken(checks(1, codes_erreur=codes)) == 1


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        (CHECK | {"couleur": ""}, "couleur", "sans couleur"),
        (CHECK | {"presente": "non"}, "couleur", "non présenté"),
        (COUNT | {"n_vert": "5"}, "n_controles", "somme"),
        (LOAD | {"masse_refusee_kg": "100.5"}, "masse_refusee_kg", "plus grande"),
        (CONSENT | {"retire_le": "2027-04-30"}, "retire_le", "antérieur"),
        (DELIVERY | {"bras": "lettre"}, "bras", "n'est pas un groupe"),
    ],
)
def test_cells_that_contradict_each_other_or_the_campaign(told, row, column, what):
    found = told([row])
    assert [(line, name) for line, name, *_ in found] == [(2, column)]
    assert what in found[0][2]


@pytest.mark.parametrize("row", [COUNT, LOAD, CONSENT, DELIVERY])
def test_rows_at_the_edge_of_a_rule_come_in(taken, row):
    assert taken([row]) == 1


def test_first_and_last_day_of_a_wave_are_inside(checks, taken):
    rows = checks(2)
    rows[0] |= {"date": "2027-05-10"}
    rows[1] |= {"date": "2027-05-21"}
    assert taken(rows) == 2


def test_an_identifier_used_twice_names_the_first_line(checks, told):
    rows = checks(4)
    rows[3] |= {"controle_id": "c1"}
    found = told(rows)
    assert [(line, name) for line, name, *_ in found] == [(5, "controle_id")]
    assert "déjà en ligne 2" in found[0][2]


def test_a_key_of_two_columns_is_repeated_only_as_a_whole(told):
    rows = [COUNT, COUNT | {"zone_id": "rue-14220-002"}, COUNT | {"n_rouge": "0", "n_vert": "5"}]
    found = told(rows)
    assert [line for line, *_ in found] == [4]


def test_all_problems_of_a_file_are_told_in_the_order_of_its_lines(checks, told):
    rows = checks(3)
    rows[2] |= {"couleur": "bleu", "rang": "0"}
    rows[0] |= {"zone_id": "nulle-part"}
    found = told(rows)
    assert [(line, name) for line, name, *_ in found] == [
        (2, "zone_id"), (4, "couleur"), (4, "rang"),
    ]  # fmt: skip


def test_rows_of_persons_who_object_are_refused(store, checks, told):
    with writing(store) as connection:
        object_person(connection, "bacs-jaunes", "f2")
    found = told(checks(3))
    assert [(line, name) for line, name, *_ in found] == [(3, "foyer_id")]
    assert "opposée" in found[0][2]


def test_personal_data_are_not_copied_into_the_list_of_errors(
    store, checks, write_csv, refusal, tmp_path
):
    report = refusal(store, write_csv(tmp_path / "a.csv", checks(1, foyer_id="Jeanne Martin")))
    assert "Martin" not in str(report.problems)
    assert "Martin" not in Path(report.error_file).read_text(encoding="utf-8-sig")
