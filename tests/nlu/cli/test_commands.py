import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from serving.cli import app

ROOT = Path(__file__).parents[3]
runner = CliRunner()


@pytest.fixture(scope="module")
def trained(work, toy_settings):
    arguments = ["nlu", "train", "--output", "model"]
    for setting in toy_settings:
        arguments += ["--set", setting]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done


def test_the_whole_path_from_training_to_prediction(trained, toy_corpus, work):
    assert "registered toy-intent version 1" in trained.output
    names = ["--corpus", str(toy_corpus), "--registered-model", "toy-intent"]
    evaluated = runner.invoke(app, ["nlu", "evaluate", "--model", "challenger", *names])
    assert evaluated.exit_code == 0, evaluated.output
    report = (work / "mlruns" / "reports" / "report.html").read_text()
    assert report.count("<svg") == 6
    assert "http://" not in report.replace("http://www.w3.org", "")
    assert "src=" not in report
    numbers = json.loads((work / "mlruns" / "reports" / "evaluation.json").read_text())
    assert 0 <= numbers["headline"]["accuracy"]["estimate"] <= 1
    assert numbers["baseline"]["mcnemar_p_value"] <= 1
    promoted = runner.invoke(app, ["nlu", "promote", *names])
    assert promoted.exit_code == 0, promoted.output
    assert "champion" in promoted.output
    again = runner.invoke(app, ["nlu", "promote", *names])
    assert again.exit_code == 3
    predicted = runner.invoke(
        app, ["nlu", "predict", "--registered-model", "toy-intent", "--text", "la roue est hs"]
    )
    assert json.loads(predicted.stdout)["intent"] == "bac_casse"


def test_jsonl_in_jsonl_out_keeps_rows_and_order(trained, work):
    texts = ["la roue est cassée", "", "🎉", "quel est le tarif de l'eau", "x" * 10_000]
    lines = [json.dumps({"text": text, "id": place}) for place, text in enumerate(texts)]
    Path("in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = runner.invoke(
        app, ["nlu", "predict", "--model", "model", "--input", "in.jsonl", "--output", "o.jsonl"]
    )
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in Path("o.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == texts
    assert set(rows[0]) >= {"text", "intent", "confidence", "decision", "ranking"}
    assert rows[0]["ranking"][0]["intent"] == rows[0]["intent"]


def test_csv_in_csv_out(trained, work):
    Path("in.csv").write_text('text\n"la roue, cassée"\nmerci\n', encoding="utf-8")
    done = runner.invoke(
        app, ["nlu", "predict", "--model", "model", "--input", "in.csv", "--output", "o.csv"]
    )
    assert done.exit_code == 0, done.output
    with Path("o.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == ["la roue, cassée", "merci"]
    assert json.loads(rows[0]["ranking"])[0]["intent"] == rows[0]["intent"]


def test_standard_input_in_a_real_pipe_with_invalid_bytes(trained, work):
    done = subprocess.run(
        [sys.executable, "-m", "serving.cli", "nlu", "predict", "--model", "model", "--input", "-"],
        input="la roue est cassée\n".encode("cp1252") + b"merci\n",
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["text"] for row in rows] == ["la roue est cassée", "merci"]
    assert b"standard input:1: not valid UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "--model", "model"], "give either --text"),
        (["predict", "--model", "nowhere", "--text", "x"], "pouce nlu train"),
        (["predict", "--model", "model", "--input", "absent.jsonl"], "absent.jsonl"),
        (["predict", "--model", "model", "--input", "bad.jsonl"], "bad.jsonl:2"),
        (["train", "--set", "optimisation.epoch=3"], "unknown key optimisation.epoch"),
        (["train", "--corpus", "absent"], "no such file or folder"),
        (["evaluate", "--model", "model", "--corpus", "TOY", "--split", "x"], "train, dev, test"),
        (["corpus", "check", "absent"], "absent"),
    ],
)
def test_user_errors_leave_with_status_2_and_say_what_to_do(
    trained, work, toy_corpus, arguments, message
):
    Path("bad.jsonl").write_text('{"text": "a"}\n{"txt": "b"}\n')
    given = [str(toy_corpus) if argument == "TOY" else argument for argument in arguments]
    if "bad.jsonl" in given:
        given += ["--output", "never.jsonl"]
    done = runner.invoke(app, ["nlu", *given])
    assert done.exit_code == 2, done.output
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert not Path("never.jsonl").exists()


def test_show_config_prints_every_setting(work):
    done = runner.invoke(app, ["nlu", "train", "--show-config", "--set", "optimisation.epochs=9"])
    assert "epochs: 9" in done.output
    assert "answer_risk: 0.05" in done.output


def test_corpus_check_fails_on_a_violation(toy_corpus):
    done = runner.invoke(app, ["nlu", "corpus", "check", str(toy_corpus)])
    assert done.exit_code == 1
    assert "at least 90 wanted" in " ".join(done.output.split())
