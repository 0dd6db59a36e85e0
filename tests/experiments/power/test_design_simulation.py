"""Power by simulation of every design, against the closed form and the level of the test."""

import numpy as np
import pytest

from experiments.errors import AssumptionError, InputError
from experiments.power import design_simulation
from experiments.power.design_simulation import simulate_design
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome, OrdinalOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import power
from experiments.power.simulation import simulated_power
from experiments.power.stepped_wedge import SteppedWedgeDesign

CONTINUOUS, BINARY = ContinuousOutcome(), BinaryOutcome(level=0.25)
FEW = {"clusters": 6, "units": 25, "icc": 0.1}
BASELINE = {"baseline_waves": 1, "cluster_autocorrelation": 0.8}
WEDGE = {"clusters": 3, "units": 20, "icc": 0.05, "sequences": ("01111", "00111", "00011", "00001")}
DESIGNS = {
    "one wave": (ParallelDesign(outcome=CONTINUOUS, effect=0.6, **FEW), "zone-t"),
    "baseline": (ParallelDesign(outcome=CONTINUOUS, effect=0.5, **FEW, **BASELINE), "zone-ancova"),
    "baseline of a cohort": (
        ParallelDesign(
            outcome=CONTINUOUS, effect=0.4, **FEW, **BASELINE, individual_autocorrelation=0.5
        ),
        "zone-ancova",
    ),
    "many waves": (
        ParallelDesign(
            outcome=CONTINUOUS, effect=0.35, **FEW, waves=3, baseline_waves=2,
            cluster_autocorrelation=0.8, individual_autocorrelation=0.5,
        ),
        "zone-ancova",
    ),
    "baseline of shares": (
        ParallelDesign(outcome=BINARY, effect=-0.18, **FEW, **BASELINE), "zone-ancova"
    ),
    "covariates": (
        ParallelDesign(outcome=CONTINUOUS, effect=0.5, **FEW, covariates=1, cluster_r2=0.5),
        "zone-ancova",
    ),
    "covariates of shares": (
        ParallelDesign(
            outcome=BINARY, effect=-0.15, **FEW, covariates=1, cluster_r2=0.5, unit_r2=0.3
        ),
        "ols-cr2",
    ),
    "scores": (
        ParallelDesign(
            outcome=OrdinalOutcome(probabilities=(0.2, 0.5, 0.3)), effect=1.0, **FEW
        ),
        "zone-t",
    ),
    "counts": (
        ParallelDesign(
            outcome=CountOutcome(level=2.0, exposure=3.0, dispersion=1.5), effect=0.45, **FEW,
            **BASELINE,
        ),
        "zone-ancova",
    ),
    "several arms": (
        ParallelDesign(outcome=CONTINUOUS, effect=0.6, arms=3, **FEW, **BASELINE), "zone-ancova"
    ),
    "wedge": (SteppedWedgeDesign(outcome=CONTINUOUS, effect=0.3, **WEDGE), "gee-kc"),
    "wedge that drifts": (
        SteppedWedgeDesign(
            outcome=CONTINUOUS, effect=0.35, **WEDGE, cluster_autocorrelation=0.8
        ),
        "gee-kc",
    ),
    "wedge of a cohort": (
        SteppedWedgeDesign(
            outcome=CONTINUOUS, effect=0.25, **WEDGE, individual_autocorrelation=0.4
        ),
        "gee-kc",
    ),
    "wedge hardly clustered": (
        SteppedWedgeDesign(outcome=CONTINUOUS, effect=0.25, **WEDGE | {"icc": 0.001}), "ols-cr2"
    ),
    "incomplete wedge of shares": (
        SteppedWedgeDesign(
            outcome=BINARY, effect=-0.15,
            **WEDGE | {"sequences": ("0.1111", "00.111", "000.11", "0000.1")},
        ),
        "gee-kc",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DESIGNS)
def test_power_is_that_of_the_closed_form(name):
    """Within 3.5 Monte Carlo errors and 3 points, what t approximations at 12 clusters allow."""
    design, estimator = DESIGNS[name]
    found = simulate_design(design, estimator=estimator, n_trials=200, seed=7)
    expected = power(design).power
    assert found.n_refused == 0
    assert found.power == pytest.approx(expected, abs=3.5 * found.monte_carlo_error + 0.03)
    assert found.ci_low < found.power < found.ci_high


@pytest.mark.parametrize(
    "name", ["baseline", "baseline of shares", "counts", "covariates", "wedge", "wedge that drifts"]
)
def test_without_an_effect_the_level_is_five_per_cent_at_twelve_clusters(name):
    """With the estimator that a wedge is recommended, and that of each parallel design."""
    design, estimator = DESIGNS[name]
    estimator = "ols-cr2" if name.startswith("wedge") else estimator
    found = simulate_design(design.vary(effect=0.0), estimator=estimator, n_trials=400, seed=3)
    assert found.power == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 / 400))


def test_several_arms_share_the_level():
    design, estimator = DESIGNS["several arms"]
    found = simulate_design(design.vary(effect=0.0), estimator=estimator, n_trials=400, seed=3)
    assert found.power == pytest.approx(0.025, abs=3.5 * np.sqrt(0.025 * 0.975 / 400))


def test_one_wave_agrees_with_the_simulation_of_one_wave():
    """Logit-normal shares against beta-binomial ones of the same level and ICC."""
    design = ParallelDesign(outcome=BINARY, effect=-0.15, **FEW)
    found = simulate_design(design, estimator="zone-t", n_trials=400)
    other = simulated_power(
        estimator="zone-t", outcome="binary", clusters_per_arm=(6, 6), units=25, level=0.25,
        effects=(-0.15,), icc=0.1, n_trials=400,
    )  # fmt: skip
    error = np.hypot(found.monte_carlo_error, other.monte_carlo_error)
    assert found.power == pytest.approx(other.power, abs=3.5 * error)
    assert found.mean_estimate == pytest.approx(-0.15, abs=0.01)


def test_least_squares_wastes_a_clustered_wedge_and_the_answer_says_so():
    design, _ = DESIGNS["wedge"]
    weighted, plain = (
        simulate_design(design, estimator=name, n_trials=200, seed=1)
        for name in ("gee-md", "ols-cr2")
    )
    assert plain.power < weighted.power - 0.1
    assert "periods as a factor" in plain.warnings[0]
    assert "gee-kc" in plain.warnings[0]


def test_a_baseline_that_is_not_adjusted_for_is_said():
    design, _ = DESIGNS["baseline"]
    found = simulate_design(design, estimator="gee-md", n_trials=20)
    assert "the baseline is not adjusted for; zone-ancova does so" in found.warnings


def test_notes_say_how_the_analysis_differs_from_the_closed_form():
    scores = simulate_design(DESIGNS["scores"][0], estimator="zone-t", n_trials=10)
    assert "scores 0, 1, 2" in scores.warnings[0]
    counts = simulate_design(DESIGNS["counts"][0], estimator="zone-ancova", n_trials=200)
    assert "a difference is 3 times that of rates" in counts.warnings[0]
    assert counts.mean_estimate == pytest.approx(3 * 0.45, abs=0.25)
    change = ParallelDesign(
        outcome=CONTINUOUS, effect=0.5, **FEW, **BASELINE, baseline_analysis="change"
    )
    found = simulate_design(change, estimator="zone-ancova", n_trials=10)
    assert "adjust for the baseline by regression" in found.warnings[0]
    assert simulate_design(DESIGNS["one wave"][0], estimator="zone-t", n_trials=10).warnings == ()


def test_the_same_seed_gives_the_same_power():
    design, estimator = DESIGNS["baseline"]
    first, again, other = (
        simulate_design(design, estimator=estimator, n_trials=50, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_lots_add_up_to_the_trials_asked_for(monkeypatch):
    design, estimator = DESIGNS["counts"]
    monkeypatch.setattr(design_simulation, "MOST_DRAWN", 4 * 12 * 2 * 25)
    found = simulate_design(design, estimator=estimator, n_trials=11)
    assert found.n_trials == 11
    assert found.mean_estimate == pytest.approx(3 * 0.45, abs=1.0)


@pytest.mark.parametrize(
    ("name", "estimator", "words"),
    [
        ("wedge", "zone-t", "arms vary inside clusters .* use the estimator ols-cr2"),
        ("wedge", "zone-ancova", "use the estimator ols-cr2"),
        ("wedge", "mixed-logit", "gee-md with its family"),
        ("one wave", "zone-ancova", "use zone-t or zone-welch"),
        ("one wave", "matched-pairs", "use zone-t or"),
        ("one wave", "mantel-haenszel", "use zone-welch"),
    ],
)
def test_refusals_name_another_estimator(name, estimator, words):
    with pytest.raises(AssumptionError, match=f"refused every simulated trial.*{words}"):
        simulate_design(DESIGNS[name][0], estimator=estimator, n_trials=5)


def test_what_cannot_be_simulated_names_the_setting():
    design = DESIGNS["one wave"][0]
    with pytest.raises(InputError, match="estimator 'zone-x' is unknown; there are zone-t"):
        simulate_design(design, estimator="zone-x")
    under = ParallelDesign(outcome=CountOutcome(level=2.0, dispersion=0.5), effect=0.5, **FEW)
    with pytest.raises(InputError, match=r"dispersion: .* or use the closed form"):
        simulate_design(under, estimator="zone-t")
    reach = ParallelDesign(outcome=BINARY, effect=0.1, **FEW | {"units": float("inf")})
    with pytest.raises(InputError, match="units: infinitely many cannot be simulated"):
        simulate_design(reach, estimator="zone-t")
