import json

import pytest
import typer
from typer.testing import CliRunner

from experiments.cli.design import design_command
from experiments.cli.verify import verify_command
from experiments.design.allocation_file import load_record
from experiments.design.allocation_set import load, save

app = typer.Typer()
app.command("design")(design_command)
app.command("verify")(verify_command)
runner = CliRunner()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "design.yaml").write_text(
        "{name: Stickers, cluster: zone, arms: [control, sticker], seed: 3}", encoding="utf-8"
    )
    rows = "".join(f"{place},{place**2}\n" for place in range(1, 13))
    (tmp_path / "zones.csv").write_text("zone,income\n" + rows, encoding="utf-8")
    done = runner.invoke(
        app,
        [
            "design", str(tmp_path / "design.yaml"), "--clusters", str(tmp_path / "zones.csv"),
            "--output", str(tmp_path / "draw"),
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return tmp_path / "draw"


def test_an_untouched_draw_leaves_with_status_0(folder, tmp_path):
    done = runner.invoke(app, ["verify", str(folder), "--json", str(tmp_path / "result.json")])
    assert done.exit_code == 0, done.output
    assert "identical: 12 clusters, seed 3" in done.stdout
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert result["identical"] is True
    assert result["fingerprint"] in done.stdout


def test_an_edited_draw_leaves_with_status_1_and_says_where(folder, tmp_path):
    path = folder / "clusters.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("7,49", "7,50"), encoding="utf-8")
    done = runner.invoke(app, ["verify", str(folder), "--json", str(tmp_path / "result.json")])
    assert done.exit_code == 1
    assert "clusters.csv, line 8 (cluster 7), column income: drawn with '49'" in done.stderr
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert len(result["differences"]) == 1


def test_a_result_that_cannot_be_written_leaves_with_status_2(folder, tmp_path):
    done = runner.invoke(app, ["verify", str(folder), "--json", str(tmp_path / "none" / "r.json")])
    assert done.exit_code == 2
    assert "No such file or directory" in done.stderr


def test_other_versions_are_noted(folder):
    path = folder / "allocations.npz"
    record = load_record(path)
    record["versions"]["scipy"] = "1.0"
    save(load(path), path, record=record)
    done = runner.invoke(app, ["verify", str(folder)])
    assert done.exit_code == 0
    assert "note: drawn with scipy 1.0, verified with" in done.stderr


def test_an_unreadable_folder_leaves_with_status_2(folder, tmp_path):
    assert runner.invoke(app, ["verify", str(tmp_path / "none")]).exit_code == 2
    (folder / "allocations.npz").write_bytes(b"gone")
    done = runner.invoke(app, ["verify", str(folder)])
    assert done.exit_code == 2
    assert "allocations.npz: not an allocation set" in done.stderr
