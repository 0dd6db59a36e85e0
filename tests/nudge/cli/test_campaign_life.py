import json
import re

import pytest
from typer.testing import CliRunner

from nudge.cli.app import app
from nudge.store.database import open_store
from nudge.store.event_log import events


@pytest.fixture
def pouce(tmp_path, monkeypatch):
    """The command line in a clean folder with a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POUCE_STORE", f"sqlite:///{tmp_path / 'pouce.db'}")
    runner = CliRunner()

    def run(*arguments):
        return runner.invoke(app, list(arguments))

    return run


@pytest.fixture
def locked(pouce):
    pouce("new", "tri", "--example", "comparaison")
    assert pouce("check", "tri").exit_code == 0
    result = pouce("lock", "tri")
    assert result.exit_code == 0, result.output
    return pouce


def test_a_campaign_goes_from_its_file_to_a_verified_draw(locked, tmp_path):
    drawn = locked("draw", "tri")
    assert drawn.exit_code == 0, drawn.output
    assert "Carte de comparaison : 20" in drawn.stdout
    seed = re.search(r"graine (\d+)", drawn.stdout).group(1)
    for name in ("tri", "comparaison-tri", "tri/tirage"):
        verified = locked("verify", name)
        assert verified.exit_code == 0, verified.output
        assert "Identique" in verified.stdout
        assert f"graine {seed}" in verified.stdout
    kinds = [event.kind for event in events(open_store())]
    assert kinds == ["creation", "validation", "verrouillage", "tirage"]


def test_a_draw_that_was_touched_ends_with_status_one(locked, tmp_path):
    locked("draw", "tri", "--seed", "3")
    path = tmp_path / "tri" / "tirage" / "allocation.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",temoin,", ",comparaison,", 1), encoding="utf-8")
    found = locked("verify", "tri")
    assert found.exit_code == 1
    assert "Diffère : attribution : rue-" in found.stderr


def test_a_shut_gate_ends_check_with_status_one_and_the_mend(pouce, tmp_path):
    pouce("new", "tri", "--example", "comparaison")
    path = tmp_path / "tri" / "campagne.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("effet_detectable_accepte: 0.0831", ""), encoding="utf-8")
    found = pouce("check", "tri")
    assert found.exit_code == 1
    assert "effet_detectable_accepte: 0.0831" in found.stdout
    assert "REFUSE Effet détectable" in found.stdout
    refused = pouce("lock", "tri")
    assert refused.exit_code == 2
    assert not (tmp_path / "tri" / "verrou").exists()


def test_new_writes_over_nothing(pouce, tmp_path):
    assert pouce("new", "tri", "--lever", "comparaison_sociale").exit_code == 0
    before = (tmp_path / "tri" / "campagne.yaml").read_bytes()
    again = pouce("new", "tri", "--example", "eau")
    assert again.exit_code == 2
    assert (tmp_path / "tri" / "campagne.yaml").read_bytes() == before
    checked = pouce("check", "tri")
    assert checked.exit_code == 2
    assert "champ à remplir" in checked.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--example", "rien"),
        ("--family", "rien"),
        ("--lever", "rien"),
        ("--example", "eau", "--family", "quantite"),
    ],
)
def test_new_refuses_what_it_does_not_know(pouce, tmp_path, arguments):
    assert pouce("new", "tri", *arguments).exit_code == 2
    assert not (tmp_path / "tri").exists()


def test_a_file_that_departs_from_the_locked_plan_is_said(locked, tmp_path):
    path = tmp_path / "tri" / "campagne.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("fin: 2027-05-21", "fin: 2027-05-30"), encoding="utf-8")
    drawn = locked("draw", "tri")
    assert drawn.exit_code == 0
    assert "fin : 2027-05-21 → 2027-05-30" in drawn.stderr
    amended = locked("amend", "tri", "--reason", "Pluie")
    assert amended.exit_code == 0, amended.output
    assert "Avenant n° 1" in amended.stdout
    assert "diffère" not in locked("close", "tri").stderr


def test_serious_changes_are_marked_and_deviations_noted(locked, tmp_path):
    locked("draw", "tri")
    path = tmp_path / "tri" / "campagne.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("passages: 3", "passages: 2"), encoding="utf-8")
    refused = locked("amend", "tri", "--reason", "Moins de cartes")
    assert refused.exit_code == 2
    assert "--serious" in refused.stderr
    assert (
        "(écart grave)" in locked("amend", "tri", "--reason", "Moins de cartes", "--serious").stdout
    )
    assert locked("amend", "tri", "--reason", "Rue oubliée", "--deviation").exit_code == 0
    assert [event.kind for event in events(open_store())][-2:] == ["avenant", "ecart"]


def test_a_simulated_campaign_is_closed_but_not_published_without_a_report(locked):
    locked("draw", "tri")
    assert locked("close", "tri").exit_code == 0
    refused = locked("publish", "tri")
    assert refused.exit_code == 2
    assert "pouce campaign report" in refused.stderr


def test_exports_go_to_the_screen_or_a_file(locked, tmp_path):
    assert json.loads(locked("export", "tri", "--format", "aea").stdout)["country"] == "France"
    assert locked("export", "tri", "--format", "osf", "-o", "osf.md").exit_code == 0
    assert "Plan verrouillé" in (tmp_path / "osf.md").read_text(encoding="utf-8")
    assert "Base légale" in locked("export", "tri", "--format", "registre").stdout
    assert locked("export", "tri", "--format", "pdf").exit_code == 2


def test_the_schema_goes_to_the_screen_or_a_file(pouce, tmp_path):
    assert "critere_principal" in json.loads(pouce("schema").stdout)["properties"]
    assert pouce("schema", "-o", "s.json").exit_code == 0
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["title"]


def test_rights_of_a_person_by_pseudonym(locked):
    assert json.loads(locked("person", "export", "f-1").stdout) == {}
    assert locked("person", "object", "f-1").exit_code == 0
    held = json.loads(locked("person", "export", "f-1").stdout)
    assert [row["campaign"] for row in held["opposition"]] == ["comparaison-tri"]
    erased = locked("person", "erase", "f-1", "--reason", "Demande")
    assert erased.exit_code == 0
    assert "0" in erased.stdout
    assert locked("person", "object", "f-1", "--campaign", "rien").exit_code == 2


def test_a_purge_is_confirmed(locked):
    declined = locked("purge", "tri")
    assert declined.exit_code == 1
    done = locked("purge", "tri", "--before", "2027-01-01", "--yes")
    assert done.exit_code == 0
    assert "avant le 1er" in done.stdout
