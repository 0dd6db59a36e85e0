import json

import pytest
import typer
from typer.testing import CliRunner

from experiments.cli.design import design_command

app = typer.Typer()
app.command()(design_command)
runner = CliRunner()

CLUSTERS = "zone;bins;habitat;income\n" + "".join(
    f"Z{place:02d};{40 + 3 * place};{'urban' if place % 2 else 'rural'};{20_000 + 37 * place**2}\n"
    for place in range(1, 17)
)
DESIGN = """
name: Stickers
unit: bin
cluster: zone
size: bins
arms: [control, sticker]
strata: [habitat]
constraint: {covariates: [income], keep: 0.2}
seed: 3
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")
    (tmp_path / "zones.csv").write_text(CLUSTERS, encoding="utf-8")
    return tmp_path


def invoke(*options, design="design.yaml"):
    return runner.invoke(app, [design, "--clusters", "zones.csv", "--output", "draw", *options])


def test_a_draw_is_written_shown_and_summed_up(files):
    done = invoke("--json", "summary.json")
    assert done.exit_code == 0, done.output
    assert "Clusters in each arm" in done.stdout
    assert "income" in done.stdout
    assert len(list((files / "draw").iterdir())) == 6
    summary = json.loads((files / "summary.json").read_text(encoding="utf-8"))
    assert summary["clusters_per_arm"] == {"control": 8, "sticker": 8}
    assert summary["fingerprint"] in done.stdout
    assert summary["warnings"] == []
    # A fifth of 70 x 70 allocations, and ties.
    assert 980 <= summary["admissible_allocations"] <= 1_010
    assert f"{summary['admissible_allocations']:.0f} admissible (all listed)" in done.stdout
    assert summary["balance"][0]["covariate"] == "income"


def test_the_seed_option_wins(files):
    invoke("--seed", "9")
    assert "seed: 9" in (files / "draw" / "design.yaml").read_text(encoding="utf-8")


def test_warnings_go_to_stderr(files):
    (files / "zones.csv").write_text("\n".join(CLUSTERS.splitlines()[:5]), encoding="utf-8")
    (files / "design.yaml").write_text(
        "{name: x, cluster: zone, arms: [a, b], seed: 1}", encoding="utf-8"
    )
    done = invoke()
    assert done.exit_code == 0
    assert "warning: b against a: 6 admissible allocations" in done.stderr
    assert "warning" not in done.stdout


def test_the_example_can_be_used_as_it_is(files):
    shown = runner.invoke(app, ["--show-example"])
    assert shown.exit_code == 0
    (files / "example.yaml").write_text(shown.stdout, encoding="utf-8")
    header, *rows = CLUSTERS.replace("income", "median_income").splitlines()
    flats = [f"{row};{0.1 + 0.05 * (place * 7 % 16):.2f}" for place, row in enumerate(rows)]
    (files / "zones.csv").write_text("\n".join([f"{header};share_flats", *flats]), "utf-8")
    done = invoke(design="example.yaml")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Z03;", "Z02;", "line 4, column zone: cluster Z02 is already on line 3"),
        (";20037\n", ";\n", "line 2 (cluster Z01), column income: the value is missing"),
        (";20037\n", ";20O37\n", "line 2 (cluster Z01), column income: '20O37' is not a number"),
        ("income", "revenue", "no column income (covariate)"),
        ("urban", "suburb", "stratum suburb has 1 units of randomisation for 2 arms"),
    ],
)
def test_bad_tables_leave_with_status_2_and_write_nothing(files, old, new, message):
    (files / "zones.csv").write_text(CLUSTERS.replace(old, new, 1), encoding="utf-8")
    done = invoke("--json", "summary.json")
    assert done.exit_code == 2
    assert message in done.stderr
    assert sorted(path.name for path in files.iterdir()) == ["design.yaml", "zones.csv"]


def test_bad_designs_and_options_leave_with_status_2(files):
    (files / "design.yaml").write_text(DESIGN + "blocks: 3\n", encoding="utf-8")
    done = invoke()
    assert done.exit_code == 2
    assert "design.yaml: blocks: unknown field" in done.stderr
    (files / "design.yaml").write_text(DESIGN, encoding="utf-8")
    assert "give DESIGN.yaml" in runner.invoke(app, ["design.yaml"]).stderr
    assert runner.invoke(app, []).exit_code == 2
    assert invoke("--json", "missing/summary.json").exit_code == 2
    assert not (files / "draw").exists()
