import json
from pathlib import Path

from typer.testing import CliRunner

from nlu.cli.app import app

ROOT = Path(__file__).parents[3] / "datasets"


def test_the_command_prints_recall_precision_and_excess():
    arguments = [
        "redact", "measure", str(ROOT / "sophie"), "--json",
        "--communes", str(ROOT / "territory" / "communes.csv"),
        "--aliases", str(ROOT / "territory" / "alias.csv"),
    ]  # fmt: skip
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    result = json.loads(done.stdout)
    kinds = {one["kind"]: one for one in result["kinds"]}
    assert kinds["tous"]["recall"]["estimate"] > 0.95
    assert kinds["tous"]["precision"]["estimate"] > 0.98
    assert result["excess"]["share"]["estimate"] < 0.03
