import json
from pathlib import Path

from typer.testing import CliRunner

from nlu.cli.app import app

ROOT = Path(__file__).parents[3] / "datasets"


def test_the_command_prints_recall_precision_and_excess():
    done = CliRunner().invoke(app, ["redact", "measure", str(ROOT / "sophie"), "--json"])
    assert done.exit_code == 0
    result = json.loads(done.stdout)
    for split in ("test", "fresh"):
        kinds = {one["kind"]: one for one in result["kinds"][split]}
        assert kinds["tous"]["recall"]["estimate"] >= 0.98
        assert kinds["NOM"]["recall"]["estimate"] >= 0.98
        assert kinds["tous"]["precision"]["estimate"] > 0.99
    assert set(result["excess"]) == {"train", "dev", "test", "stress", "blind"}
    assert all(one["share"]["estimate"] < 0.02 for one in result["excess"].values())


def test_a_split_that_does_not_exist_is_told():
    done = CliRunner().invoke(app, ["redact", "measure", str(ROOT / "sophie"), "--split", "tset"])
    assert done.exit_code == 2
    assert "tset" in done.output
