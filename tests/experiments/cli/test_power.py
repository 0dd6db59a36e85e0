import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from experiments.cli.power import power_command

app = typer.Typer()
app.command()(power_command)
runner = CliRunner()

OPTIONS = [
    "--outcome-kind", "binary", "--baseline-level", "0.25", "--icc", "0.05", "--units", "25",
    "--clusters", "6",
]  # fmt: skip


def invoke(*arguments):
    return runner.invoke(app, list(map(str, arguments)))


def words(done):
    """Output with the line breaks of the terminal taken out."""
    return " ".join(done.output.split())


def test_options_alone_give_the_detectable_effect(tmp_path):
    answer = tmp_path / "answer.json"
    done = invoke(*OPTIONS, "--solve-for", "effect", "--json", answer)
    assert done.exit_code == 0, done.output
    content = json.loads(answer.read_text())
    assert content["power"] == pytest.approx(0.8)
    assert f"{100 * content['effect']:.1f} points" in words(done)
    assert "6 clusters per arm (12 in all)" in words(done)
    assert "would leave them open" in words(done)
    assert "warning: Power rests on the assumed intraclass correlation" in words(done)
    assert content["contrast"]["df"] == 10
    assert content["plan"]["icc"] == 0.05


def test_the_example_is_a_plan_and_options_replace_its_settings(tmp_path):
    shown = invoke("--show-example")
    assert shown.exit_code == 0
    plan = tmp_path / "plan.yaml"
    plan.write_text(shown.stdout, encoding="utf-8")
    answer = tmp_path / "answer.json"
    done = invoke(plan, "--json", answer)
    assert done.exit_code == 0, done.output
    assert "expected power, ICC uncertain" in words(done)
    first = json.loads(answer.read_text())
    assert first["effect"] < 0
    assert first["icc_uncertainty"]["power_low"] < 0.8 < first["icc_uncertainty"]["power_high"]
    again = invoke(plan, "--clusters", 40, "--icc", 0.05, "--json", answer)
    assert again.exit_code == 0, again.output
    second = json.loads(answer.read_text())
    assert abs(second["effect"]) < abs(first["effect"])
    assert second["icc_uncertainty"] is None


def test_no_number_of_units_is_said_so(tmp_path):
    done = invoke(*OPTIONS, "--effect", 0.1, "--solve-for", "units")
    assert done.exit_code == 0, done.output
    assert "No number of units brings it to 80 %" in words(done)


def test_a_stepped_wedge_by_options():
    done = invoke(
        *OPTIONS, "--design", "stepped-wedge", "--steps", 4, "--effect", 0.1,
        "--cluster-autocorrelation", 0.8,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "24 clusters in 4 sequences over 5 periods" in words(done)


@pytest.fixture
def baseline(tmp_path):
    """Forty zones of 10 to 49 bins whose share of errors varies with an ICC of about .06."""
    rng = np.random.default_rng(1)
    sizes = np.arange(10, 50)
    shares = rng.beta(0.25 * 15, 0.75 * 15, len(sizes))
    rows = [
        f"Z{zone},{int(rng.random() < share)}"
        for zone, (size, share) in enumerate(zip(sizes, shares, strict=True))
        for _ in range(size)
    ]
    path = tmp_path / "baseline.csv"
    path.write_text("zone,error\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_baseline_data_give_icc_sizes_and_level(baseline, tmp_path):
    answer = tmp_path / "answer.json"
    columns = ("--baseline", baseline, "--outcome", "error", "--cluster", "zone")
    kind = ("--outcome-kind", "binary", "--clusters", 20, "--solve-for", "effect")
    done = invoke(*columns, *kind, "--json", answer)
    assert done.exit_code == 0, done.output
    assert "Estimated from the baseline data" in words(done)
    content = json.loads(answer.read_text())
    assert content["units"] == pytest.approx(29.5)
    assert content["plan"]["cv"] == pytest.approx(np.arange(10, 50).std() / 29.5)
    assert content["baseline"]["icc"]["n_clusters"] == 40
    assert content["plan"]["icc"]["estimate"] == content["baseline"]["icc"]["estimate"]
    assert content["plan"]["baseline_level"] == pytest.approx(0.25, abs=0.06)
    chosen = invoke(*columns, *kind, "--units", 12, "--json", answer)
    assert chosen.exit_code == 0, chosen.output
    assert json.loads(answer.read_text())["units"] == 12


def test_figures_are_written_with_their_tables(tmp_path):
    done = invoke(*OPTIONS, "--effect", 0.1, "--figures", tmp_path / "figures")
    assert done.exit_code == 0, done.output
    written = {path.name for path in (tmp_path / "figures").iterdir()}
    for name in ("effect", "clusters", "units", "icc"):
        assert {f"power_by_{name}.svg", f"power_by_{name}.csv"} <= written
    header = (tmp_path / "figures" / "power_by_icc.csv").read_text().splitlines()[0]
    assert header == "along,value,icc,power"


@pytest.mark.parametrize(
    ("arguments", "words_"),
    [
        ([], "give PLAN.yaml"),
        (OPTIONS, "effect: needed to solve for power"),
        ([*OPTIONS, "--effect", "0.9"], "leaves the range 0 to 1"),
        ([*OPTIONS, "--effect", "0.1", "--steps", "3"], "not for a parallel design"),
        ([*OPTIONS, "--effect", "0.1", "--outcome", "y"], "--baseline DATA, which is missing"),
        ([*OPTIONS, "--effect", "0.1", "--baseline", "x.csv"], "--outcome and --cluster"),
        (["none.yaml"], "none.yaml"),
    ],
)
def test_mistakes_leave_with_status_two_and_a_sentence(arguments, words_):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert words_ in words(done)
    assert "Traceback" not in done.output


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    place = tmp_path / "missing" / "answer.json"
    done = invoke(*OPTIONS, "--effect", 0.1, "--json", place)
    assert done.exit_code == 2
    assert "answer.json" in done.output.replace("\n", "")


PLANS = {
    "parallel": ["--baseline-waves", "1", "--cluster-autocorrelation", "0.8"],
    "stepped-wedge": ["--design", "stepped-wedge", "--steps", "4"],
}


@pytest.mark.parametrize(
    ("design", "estimator"),
    [("parallel", "zone-ancova"), ("stepped-wedge", "ols-cr2"), ("stepped-wedge", "gee-kc")],
)
def test_any_design_is_simulated_with_the_estimator_to_be_used(design, estimator, tmp_path):
    answer = tmp_path / "answer.json"
    done = invoke(
        *OPTIONS, *PLANS[design], "--effect", 0.1, "--simulate", estimator, "--trials", 30,
        "--seed", 5, "--json", answer,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert f"simulated with {estimator}: power" in words(done)
    assert "over 30 trials, 0 refused" in words(done)
    assert ("simulation: analysed with periods as a factor" in words(done)) == (
        design == "stepped-wedge"
    )
    simulated = json.loads(answer.read_text())["simulated"]
    assert simulated["n_trials"] == 30
    assert simulated["ci_low"] <= simulated["power"] <= simulated["ci_high"]
    again = invoke(
        *OPTIONS, *PLANS[design], "--effect", 0.1, "--simulate", estimator, "--trials", 30,
        "--seed", 5, "--json", answer,
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    assert json.loads(answer.read_text())["simulated"] == simulated


def test_an_estimator_that_refuses_the_design_is_a_sentence():
    done = invoke(
        *OPTIONS, *PLANS["stepped-wedge"], "--effect", 0.1, "--simulate", "zone-t", "--trials", 5
    )
    assert done.exit_code == 2
    assert "use the estimator ols-cr2" in words(done)
