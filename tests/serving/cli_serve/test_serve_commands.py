import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from serving.cli import app
from serving.incidents.kept_requests import keep_request
from serving.incidents.request import Submission
from serving.incidents.service import load_services
from serving.settings import Settings
from serving.store.conversations import StoredMessage, save_turn
from serving.store.database import open_serving_store, recording
from serving.store.sessions import pseudonym_of

SESSION = "s_" + "a" * 32


@pytest.fixture
def run(tmp_path):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"

    def run(*arguments, code=0, **options):
        done = CliRunner().invoke(app, ["serve", *arguments, "--store", url], **options)
        assert done.exit_code == code, done.output
        return done

    run.url = url
    return run


@pytest.fixture
def message(run):
    kept = StoredMessage(
        identifier="m_" + "1" * 32, at=datetime.now(UTC) - timedelta(days=100), turn=1,
        channel="web", commune=None, text="vous prenez\nles canapés", intent="encombrants_info",
        confidence=0.5, margin=0.1, entropy=0.9, out_of_scope=0.0, decision="clarify",
        next_action="clarify", degraded=False, model_version="m",
    )  # fmt: skip
    store = open_serving_store(run.url)
    with recording(store) as connection:
        save_turn(connection, pseudonym_of(SESSION), state="{}", message=kept)
    store.engine.dispose()
    return kept


def test_the_life_of_a_key(run):
    assert "Aucune clé" in run("key", "list").output
    done = run("key", "create", "site", "--scope", "messages", "--scope", "feedback")
    text = done.stdout.strip().splitlines()[0]
    assert re.fullmatch(r"pouce_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", text)
    identifier = text.split("_")[1]
    listed = run("key", "list").output
    assert f"{identifier}  valable  feedback messages  site" in listed
    assert text not in listed
    run("key", "revoke", identifier)
    assert f"{identifier}  révoquée le" in run("key", "list").output


def test_what_is_wrong_is_told_in_french(run):
    refused = run("key", "create", "site", "--scope", "tout", code=2)
    assert "choisir parmi parse, messages" in refused.output
    assert "pouce serve key list" in run("key", "revoke", "0" * 12, code=2).output
    assert "ni un pseudonyme" in run("person", "export", "Mme Petit", code=2).output


def test_rights_by_session_or_pseudonym(run, message):
    held = json.loads(run("person", "export", SESSION).output)
    assert held["message"][0]["identifier"] == message.identifier
    assert "enregistrée" in run("person", "object", SESSION).output
    assert "déjà" in run("person", "object", pseudonym_of(SESSION)).output
    assert "2 lignes" in run("person", "erase", SESSION).output.replace("\u00a0", " ")
    assert set(json.loads(run("person", "export", SESSION).output)) == {"opt_out"}


def test_rights_by_the_pseudonym_of_an_imported_contact(run, tmp_path):
    export = tmp_path / "export.csv"
    export.write_text("pseudonyme,date,canal\nu1,2026-03-02,svi\n", encoding="utf-8")
    run("contacts", "import", str(export))
    assert json.loads(run("person", "export", "u1").output)["crm_contact"][0]["channel"] == "svi"
    assert "1 ligne" in run("person", "erase", "u1").output.replace("\u00a0", " ")
    assert json.loads(run("person", "export", "u1").output) == {}
    run("person", "erase", "s_court", code=2)


def test_a_report_is_listed_then_closed(run):
    assert "Aucun signalement" in run("requests", "list").output
    store = open_serving_store(run.url)
    report = Submission(
        service_code="pav_plein", channel="open311", address="plage de Deauville",
        contact={"email": "a@exemple.fr"},
    )  # fmt: skip
    kind = load_services(Settings().datasets / "services" / "services.yaml").find("pav_plein")
    with recording(store) as connection:
        number = keep_request(connection, report, kind, now=datetime.now(UTC)).identifier
    store.engine.dispose()
    assert "a@exemple.fr" not in run("requests", "list").output
    assert "a@exemple.fr" in run("requests", "list", "--contacts").output
    assert "clos" in run("requests", "status", number, "closed", "--notes", "Vidée.").output
    assert "Aucun signalement" in run("requests", "list").output
    assert number in run("requests", "list", "--status", "closed").output
    assert "inconnu" in run("requests", "status", "SIG-0", "closed", code=2).output


def test_drift_says_what_it_needs(run):
    assert "2026-W46" in run("drift", "check", "--week", "hier", code=2).output
    weeks = ("--first", "2026-W45", "--last", "2026-W46", "--model-version", "essai")
    assert "0 conversations" in run("drift", "reference-traffic", *weeks, code=2).output
    absent = run("drift", "reference", "absent.jsonl", "--model", "absent", code=2).output
    assert "absent.jsonl : fichier illisible" in absent


def test_purge_asks_first(run, message):
    assert run("purge", input="n\n", code=1)
    assert "1 texte" in run("purge", "--yes").output.replace("\u00a0", " ")
    assert "0 texte" in run("purge", "--yes").output.replace("\u00a0", " ")


def test_from_the_queue_to_a_file(run, message, tmp_path):
    listed = run("queue", "list").output
    assert f"{message.identifier}  [encombrants_info 0,50]  vous prenez les canapés" in listed
    run("queue", "label", message.identifier, "encombrants_info")
    file = tmp_path / "citoyens.jsonl"
    run("queue", "export", str(file))
    assert json.loads(file.read_text())["intent"] == "encombrants_info"
    assert "Aucun message" in run("queue", "list").output


def test_a_server_whose_store_cannot_be_opened_says_so_and_stops(tmp_path, monkeypatch):
    monkeypatch.setenv("POUCE_MODEL", str(tmp_path))
    url = f"sqlite:///{tmp_path}/absent/pouce.db"
    done = CliRunner().invoke(app, ["serve", "--store", url, "--port", "8099"])
    assert done.exit_code == 2
    assert "l'entrepôt ne s'ouvre pas" in done.output


def test_settings_of_the_environment_are_checked(monkeypatch):
    monkeypatch.setenv("POUCE_SERVE_BODY_LIMIT", "beaucoup")
    monkeypatch.setenv("POUCE_SERVE_NUDGES", "maybe")
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert "POUCE_SERVE_BODY_LIMIT" in done.output
    assert "oui ou non" in done.output
