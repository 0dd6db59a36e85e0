"""What leaves for a spreadsheet, a terminal, an agenda or the corpus."""

import csv
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from nudge.cli.console import say, say_error
from serving.calendar.ics import ics
from serving.cli import app
from serving.learning.queue import fill_queue, label_message
from serving.store.conversations import StoredMessage, save_turn
from serving.store.database import open_serving_store, recording
from serving.store.plain_text import plain_text
from serving.store.sessions import pseudonym_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FORMULAS = ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1",
            "=cmd|' /C calc'!A0",
            "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)",
            '=HYPERLINK("http://x";"y")']  # fmt: skip
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEADER = ["pseudonyme", "date", "canal", "commune", "theme", "delai_heures", "texte"]


def serve(*arguments):
    return CliRunner().invoke(app, ["serve", *map(str, arguments)])


def written(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return path


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_list_of_faults_holds_no_formula(tmp_path, formula):
    rows = [["u1", formula, formula, formula, formula, formula, "x"]]
    store = f"sqlite:///{tmp_path / 'pouce.db'}"
    file = written(tmp_path / "=export.csv", rows)
    assert serve("contacts", "import", file, "--store", store).exit_code == 2
    with (tmp_path / "=export-erreurs.csv").open(encoding="utf-8-sig", newline="") as stream:
        faults = list(csv.reader(stream, delimiter=";"))[1:]
    assert len(faults) >= 4
    for cell in (cell for fault in faults for cell in fault):
        assert not cell.startswith(STARTS), cell


def test_a_hostile_export_is_refused_or_imported_harmlessly(api, everything_kept):
    texts = [
        "a\x1b[2Jb",
        "{{7*7}}",
        "<script>",
        "je m'appelle Marie Durand",
        "'; DROP TABLE message",
    ]
    rows = [f'u{place},2026-03-02,svi,,,,"{text}"' for place, text in enumerate(texts)]
    csv_text = "\n".join([",".join(HEADER), *rows])
    for content, statuses in (
        (csv_text.encode(), (200,)),
        (csv_text.encode("utf-16"), (200, 422)),
        (b"\xff\xfe" + csv_text.encode(), (422,)),
        (b"\x00" * 10_000, (422,)),
        (b"PK\x03\x04" + b"a" * 1_000, (422,)),
        (b'"' * 100_001, (422,)),
        (b"," * 100_000, (422,)),
        (b"pseudonyme,date,canal\n" + b"a" * 1_000_000, (422,)),
        (b"pseudonyme,date,canal\nMme Durand,2026-03-02,svi\n", (422,)),
        (b"pseudonyme,date,canal\nu1,9999999999-01-01,svi\n", (422,)),
        (b"pseudonyme,date,canal,delai_heures\nu1,2026-01-01,svi,1e999\n", (422,)),
        (b"pseudonyme,date,canal,delai_heures\nu1,2026-01-01,svi,NaN\n", (422,)),
        (b"pseudonyme,pseudonyme,date,canal\nu1,u2,2026-01-01,svi\n", (422,)),
    ):  # fmt: skip
        answer = api.call("POST", "/v1/contacts", "contacts", content=content,
                          headers={"Content-Type": "text/csv"})  # fmt: skip
        assert answer.status_code in statuses, (content[:60], answer.text[:300])
        assert "Durand" not in answer.text
        assert len(answer.content) < 100_000
    kept = everything_kept(api.store)
    assert "Durand" not in kept
    assert "DROP TABLE" not in kept


def kept_message(number, text):
    return StoredMessage(
        identifier=f"m_{number:032x}", at=NOW, turn=1, channel="web", commune=None,
        text=plain_text(text), intent="encombrants_info", confidence=0.5, margin=0.1, entropy=0.9,
        out_of_scope=0.0, decision="clarify", next_action="clarify", degraded=False,
        model_version="m",
    )  # fmt: skip


def test_the_corpus_rows_are_one_line_each_and_give_the_words_back(tmp_path):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    store = open_serving_store(url)
    texts = [*FORMULAS, "a\u2028b\u2029c\x85d", '"}\n{"text": "faux"}', "{{7*7}}", "</script>"]
    with recording(store) as connection:
        for number, text in enumerate(texts):
            pseudonym = pseudonym_of(f"s_{number:032d}")
            save_turn(connection, pseudonym, state="{}", message=kept_message(number, text))
    fill_queue(store, count=100, now=NOW)
    for number in range(len(texts)):
        label_message(
            store, f"m_{number:032x}", "encombrants_info", intents={"encombrants_info"},
            out_of_scope="hors_perimetre", register=None, subtype="", now=NOW,
        )  # fmt: skip
    file = tmp_path / "lignes.jsonl"
    assert serve("queue", "export", file, "--store", url).exit_code == 0
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    # Words that differ by their spaces only are one row.
    asked = {plain_text(text).strip() for text in texts}
    assert len(rows) == len(asked)
    assert {row["text"].strip() for row in rows} == asked


def test_a_terminal_is_shown_words_and_obeys_none(capsys):
    for show in (say, say_error):
        show("avant\x1b[2J\x1b]0;titre\x07\x9b31m\u202e\rapres\x00 [bold]é 👋[/bold]\n\tsuite")
    told = "".join(capsys.readouterr())
    assert not set(told) & set("\x1b\x07\x9b\u202e\r\x00")
    assert told.count("[bold]é 👋[/bold]") == 2


def test_an_agenda_gets_one_property_a_line_whatever_a_sector_is_called(api):
    calendar, sector = api.services.calendar, "deauville-1"
    name = "Zone\r\nATTACH:http://ailleurs.example\n{{7*7}};,\\ <script>"
    named = calendar.sectors[sector].model_copy(update={"name": name})
    hostile = type(calendar)(
        **{**vars_of(calendar), "sectors": {**calendar.sectors, sector: named}}
    )
    today = NOW.date()
    lines = ics(hostile, sector=sector, start=today, end=today.replace(year=2027), now=NOW)
    unfolded = lines.replace("\r\n ", "").split("\r\n")
    assert not [line for line in unfolded if line.startswith("ATTACH")]
    assert "\n" not in "".join(unfolded)
    assert [line for line in unfolded if line.startswith("LOCATION:Zone\\n")]


def vars_of(calendar):
    return {name: getattr(calendar, name) for name in calendar.__dataclass_fields__}
