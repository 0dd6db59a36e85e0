import os
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from nudge.errors import CampaignError
from nudge.imports.import_file import import_file
from nudge.store.audit import audit
from nudge.store.campaigns import set_status
from nudge.store.database import open_store, writing
from nudge.store.event_log import events
from nudge.store.observations import count_observations, observations

NAME = "bacs-jaunes"
KILLED = """
import os, signal, sys
from pathlib import Path
from nudge.imports.import_file import import_file
from nudge.store.database import open_store

def die_while_writing(done, total):
    if done > total / 2:
        os.kill(os.getpid(), signal.SIGKILL)

import_file(open_store(sys.argv[1]), campaign="bacs-jaunes", path=Path(sys.argv[2]),
            progress=die_while_writing)
"""
PLAIN = """
import sys
from pathlib import Path
from nudge.imports.import_file import import_file
from nudge.store.database import open_store
import_file(open_store(sys.argv[1]), campaign="bacs-jaunes", path=Path(sys.argv[2]))
"""


def kinds(store):
    return [event.kind for event in events(store, campaign=NAME) if "import" in event.kind]


def counted(store):
    return count_observations(store, campaign=NAME).get("controle_bac", 0)


def process(code, store, path):
    return subprocess.Popen(
        [sys.executable, "-c", code, store.engine.url.render_as_string(), str(path)],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_import_is_recognised_counted_and_logged(store, checks, write_csv, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(7))
    steps = []
    report = import_file(store, campaign=NAME, path=path, progress=lambda *step: steps.append(step))
    assert (report.instrument, report.recognised) == ("controle_bac", True)
    assert (report.n_rows, report.n_new, report.n_known) == (7, 7, 0)
    assert steps[-1] == (14, 14)
    event = events(store, campaign=NAME, kind="import")[-1]
    assert event.payload["n_new"] == 7
    assert event.payload["file_sha256"] == report.sha256
    assert audit(store).intact


def test_the_same_file_again_brings_nothing_and_logs_nothing(store, checks, write_csv, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(7))
    first = import_file(store, campaign=NAME, path=path)
    again = import_file(store, campaign=NAME, path=path)
    assert (again.n_new, again.n_known, again.batch_id) == (0, 7, first.batch_id)
    assert kinds(store) == ["import"]


def test_known_rows_are_counted_and_new_ones_come_in(store, checks, write_csv, tmp_path):
    import_file(store, campaign=NAME, path=write_csv(tmp_path / "a.csv", checks(7)))
    report = import_file(store, campaign=NAME, path=write_csv(tmp_path / "b.csv", checks(9)))
    assert (report.n_new, report.n_known) == (2, 7)
    assert counted(store) == 9


def test_a_known_row_with_other_content_refuses_the_file(
    store, checks, write_csv, refusal, tmp_path
):
    import_file(store, campaign=NAME, path=write_csv(tmp_path / "a.csv", checks(3)))
    changed = checks(5)
    changed[1] |= {"couleur": "rouge"}
    report = refusal(store, write_csv(tmp_path / "b.csv", changed))
    assert [(one.row, one.column) for one in report.problems] == [(3, "controle_id")]
    assert report.n_problems == 1
    assert "import n° 1" in report.problems[0].what
    assert report.problems[0].mend.startswith("corriger par")
    assert counted(store) == 3
    table = observations(store, campaign=NAME, instrument="controle_bac")
    assert set(table["couleur"]) == {"vert"}
    assert audit(store).intact


def test_one_faulty_row_keeps_all_others_out(store, checks, write_csv, refusal, tmp_path):
    rows = checks(50)
    rows[40] |= {"couleur": "bleu"}
    report = refusal(store, write_csv(tmp_path / "a.csv", rows))
    assert (report.n_rows, report.n_problems, report.batch_id) == (50, 1, None)
    assert counted(store) == 0
    rejected = events(store, campaign=NAME, kind="rejet_import")
    assert [event.payload["n_problems"] for event in rejected] == [1]


def test_what_is_left_beside_a_refused_file_leads_to_its_import(
    store, checks, write_csv, refusal, tmp_path
):
    rows = checks(6)
    rows[2] |= {"couleur": "=bleu"}
    rows[4] |= {"rang": "7", "meteo": "soleil"}
    report = refusal(store, write_csv(tmp_path / "a.csv", rows), errors=tmp_path / "erreurs")
    lines = Path(report.error_file).read_text(encoding="utf-8-sig").splitlines()
    assert report.error_file == str(tmp_path / "erreurs" / "a-erreurs.csv")
    assert lines[0] == "ligne;colonne;valeur;probleme;remede"
    assert [line.split(";")[:3] for line in lines[1:]] == [
        ["4", "couleur", "'=bleu"], ["6", "rang", "7"], ["6", "meteo", "soleil"],
    ]  # fmt: skip
    book = openpyxl.load_workbook(report.template_file)
    sheet = book["controle_bac"]
    titles = [cell.value for cell in sheet[1]]
    faulty = {
        (row[0].value, titles[cell.column - 1]): cell
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.comment
    }
    assert set(faulty) == {("4", "couleur"), ("6", "rang"), ("6", "meteo")}
    assert "entre 1 et 2" in faulty["6", "rang"].comment.text
    assert all(cell.fill.fgColor.rgb == "00FFD966" for cell in faulty.values())
    assert faulty["4", "couleur"].data_type == "s"
    assert all(cell.comment for cell in sheet[1])
    faulty["4", "couleur"].value = "rouge"
    faulty["6", "rang"].value = 1
    faulty["6", "meteo"].value = "vent"
    book.save(tmp_path / "corrige.xlsx")
    assert import_file(store, campaign=NAME, path=tmp_path / "corrige.xlsx").n_new == 2
    sound = [row for place, row in enumerate(rows) if place not in {2, 4}]
    assert import_file(store, campaign=NAME, path=write_csv(tmp_path / "b.csv", sound)).n_new == 4


def test_all_problems_are_counted_but_ten_thousand_are_kept(
    store, checks, write_csv, refusal, tmp_path
):
    rows = checks(60_000, couleur="bleu")
    for place, row in enumerate(rows):
        row["zone_id"] = f"nulle-part-{place}"
    report = refusal(store, write_csv(tmp_path / "a.csv", rows))
    assert report.n_problems == 120_000
    assert len(report.problems) == 10_000
    assert report.problems[-1].row == 5_001
    last = Path(report.error_file).read_text(encoding="utf-8-sig").splitlines()[-1]
    assert "110000 autres problèmes" in last


def test_nothing_is_imported_before_the_lock_or_after_the_end(make, checks, write_csv, tmp_path):
    store = make(tmp_path)
    path = write_csv(tmp_path / "a.csv", checks(1))
    with writing(store) as connection:
        set_status(connection, NAME, "close")
    with pytest.raises(CampaignError, match="close"):
        import_file(store, campaign=NAME, path=path)
    with pytest.raises(CampaignError, match="inconnue"):
        import_file(store, campaign="autre", path=path)


def test_before_the_draw_only_reference_waves_come_in(make, checks, write_csv, refusal, tmp_path):
    store = make(tmp_path, drawn=False)
    late = checks(3)
    late[2] |= {"vague": "suivi", "date": "2027-06-15"}
    report = refusal(store, write_csv(tmp_path / "a.csv", late))
    assert [(one.row, one.column) for one in report.problems] == [(4, "vague")]
    assert "tirage" in report.problems[0].what
    path = write_csv(tmp_path / "b.csv", late[:2])
    assert import_file(store, campaign=NAME, path=path).n_new == 2
    delivery = {
        "remise_id": "m1", "zone_id": "rue-14220-001", "date": "2027-06-02", "bras": "carte",
        "canal": "carte_porte", "remis": "oui",
    }  # fmt: skip
    report = refusal(store, write_csv(tmp_path / "c.csv", [delivery]))
    assert [one.column for one in report.problems] == ["bras"]


def test_a_campaign_without_a_draw_waits_for_none(make, checks, write_csv, tmp_path):
    store = make(tmp_path, drawn=False, conception="avant_apres")
    path = write_csv(tmp_path / "a.csv", checks(1, vague="suivi", date="2027-06-15"))
    assert import_file(store, campaign=NAME, path=path).n_new == 1


def test_an_unknown_instrument_names_those_there_are(store, checks, write_csv, refusal, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(1))
    report = refusal(store, path, instrument="controle_bacs")
    assert "controle_bac, comptage_bacs" in report.problems[0].mend
    assert report.error_file is None
    assert kinds(store) == ["rejet_import"]


def test_a_killed_import_leaves_nothing_and_the_next_one_works(store, checks, write_csv, tmp_path):
    path = write_csv(tmp_path / "a.csv", checks(90_000))
    killed = process(KILLED, store, path)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    store = open_store(store.engine.url.render_as_string())
    assert counted(store) == 0
    assert kinds(store) == []
    assert audit(store).intact
    assert import_file(store, campaign=NAME, path=path).n_new == 90_000
    assert {found.name for found in tmp_path.iterdir()} <= {
        "a.csv", "pouce.db", "pouce.db-wal", "pouce.db-shm",
    }  # fmt: skip


def test_files_imported_at_once_all_come_in(store, checks, write_csv, tmp_path):
    rows = checks(20_000)
    halves = [
        write_csv(tmp_path / "a.csv", rows[:12_000]),
        write_csv(tmp_path / "b.csv", rows[8_000:]),
    ]
    running = [process(PLAIN, store, path) for path in halves]
    for one in running:
        _, said = one.communicate()
        assert one.returncode == 0, said
    assert counted(store) == 20_000
    assert kinds(store) == ["import", "import"]
    assert audit(store).intact
