import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nudge.cli.territory import app
from nudge.territory.table_schema import REPOSITORY_FOLDER

runner = CliRunner(env={"COLUMNS": "120", "POUCE_TERRITORY": ""})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "territory"
    shutil.copytree(REPOSITORY_FOLDER, copy)
    return copy


def test_show_says_synthetic_and_gives_totals():
    result = runner.invoke(app, ["show"])
    assert result.exit_code == 0, result.output
    assert "Zones par commune (SYNTHÉTIQUE)" in result.output
    assert "Trouville-sur-Mer" in result.output
    total = next(line for line in result.output.splitlines() if line.strip().startswith("total"))
    numbers = total.replace("\u202f", "").replace("\xa0", "").split()
    assert numbers[1:6] == ["20687", "165", "35", "25", "15"]
    assert "Licence Ouverte 2.0" in result.output


def test_show_fits_a_narrow_terminal():
    result = runner.invoke(app, ["show"], env={"COLUMNS": "80"})
    assert "Saint-Gatien-des-Bois" in result.output
    assert "…" not in result.output


def test_check_reads_the_folder_of_the_variable(folder):
    result = runner.invoke(app, ["check"], env={"POUCE_TERRITORY": str(folder)})
    assert result.exit_code == 0, result.output
    assert "Territoire valide" in result.output
    assert str(folder) in result.output


def test_check_tells_faulty_rows_and_leaves_with_status_2(folder):
    path = folder / "zones.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("rue,14059,", "rue,99999,"), "utf-8")
    result = runner.invoke(app, ["check", str(folder)])
    assert result.exit_code == 2
    assert "zones.csv, ligne 2, « code_insee »" in result.output
    assert "communes.csv" in result.output


def test_replace_then_show_real_zones(folder, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    for name in ("zones.csv", "tournees.csv"):
        text = (folder / name).read_text(encoding="utf-8").replace(",oui,", ",non,")
        (real / name).write_text(text, encoding="utf-8")
    result = runner.invoke(app, ["replace", str(real), "--destination", str(folder)])
    assert result.exit_code == 0, result.output
    assert "Fichiers repris : tournees.csv, zones.csv" in result.output
    assert "conservés dans" in result.output
    shown = runner.invoke(app, ["show", str(folder)])
    assert "SYNTHÉTIQUE" not in shown.output
    assert "aucune n'est synthétique" in shown.output


def test_replace_refuses_and_changes_nothing(folder, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (real / "zones.csv").write_text("zone_id;nom\n", encoding="utf-8")
    before = (folder / "zones.csv").read_bytes()
    result = runner.invoke(app, ["replace", str(real), "--destination", str(folder)])
    assert result.exit_code == 2
    assert "point-virgule" in result.output
    assert (folder / "zones.csv").read_bytes() == before


def test_generate_writes_the_same_bytes(tmp_path):
    result = runner.invoke(app, ["generate", str(tmp_path / "new")])
    assert result.exit_code == 0, result.output
    assert "SYNTHÉTIQUE" in result.output
    for name in ("zones.csv", "tournees.csv", "voisinages.csv"):
        assert (tmp_path / "new" / name).read_bytes() == (REPOSITORY_FOLDER / name).read_bytes()


def test_commands_are_told_in_french():
    result = runner.invoke(app, ["--help"])
    for word in ("show", "check", "replace", "generate", "Vérifier", "synthétiques"):
        assert word in result.output
