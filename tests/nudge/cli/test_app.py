import subprocess
import sys

import pytest
from typer.testing import CliRunner

from nudge.cli.app import app

HEAVY = (
    "pandas", "sqlalchemy", "matplotlib", "duckdb", "scipy", "statsmodels", "mlflow", "typst",
    "numpy",
)  # fmt: skip
COMMANDS = (
    "new", "check", "lock", "draw", "verify", "sheets", "import", "monitor", "simulate",
    "analyse", "report", "portfolio", "audit", "amend", "close", "publish", "export", "levers",
    "schema", "purge", "person", "territory",
)  # fmt: skip


def test_the_command_line_starts_without_heavy_libraries():
    code = f"import sys, nudge.cli.app\nprint([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize(
    "command", ["new", "check", "lock", "draw", "verify", "amend", "close", "publish", "export"]
)
def test_the_help_of_a_step_says_the_next_one(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert "Étape suivante" in result.output
