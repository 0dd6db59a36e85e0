import json
from pathlib import Path

from typer.testing import CliRunner

from nlu.cli.app import app

ROOT = Path(__file__).parents[3] / "datasets"
OPTIONS = [
    str(ROOT / "sophie"),
    "--communes",
    str(ROOT / "territory" / "communes.csv"),
    "--aliases",
    str(ROOT / "territory" / "alias.csv"),
]


def test_the_command_prints_precision_and_recall_of_each_slot():
    done = CliRunner().invoke(app, ["entities", "measure", *OPTIONS, "--split", "dev", "--json"])
    assert done.exit_code == 0
    measures = {(one["slot"], one["matching"]): one for one in json.loads(done.stdout)}
    assert measures["commune", "exact"]["recall"]["estimate"] > 0.95
    assert measures["commune", "exact"]["precision"]["estimate"] > 0.95
    for slot in ("flux", "type_dechet", "date", "user_category"):
        assert measures[slot, "overlap"]["recall"]["estimate"] > 0.85


def test_a_missing_split_is_told_without_a_traceback(tmp_path):
    done = CliRunner().invoke(app, ["entities", "measure", *OPTIONS, "--split", "absent"])
    assert done.exit_code == 2
    assert "absent.jsonl" in done.stderr
