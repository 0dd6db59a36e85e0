import math

import pytest

from experiments.errors import InputError
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
)
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import (
    clusters_needed,
    minimum_detectable_effect,
    power,
    power_of,
    units_needed,
    waves_needed,
)

OUTCOMES = {
    "binary": (BinaryOutcome(level=0.3), 0.1),
    "continuous": (ContinuousOutcome(sd=2.0), 0.6),
    "count": (CountOutcome(level=1.5, exposure=4.0), 0.4),
    "ordinal": (OrdinalOutcome(probabilities=(0.2, 0.5, 0.3)), 0.5),
}


def trial(kind="binary", **settings):
    outcome, effect = OUTCOMES[kind]
    usual = {
        "outcome": outcome,
        "effect": effect,
        "clusters": 20,
        "units": 25,
        "icc": 0.05,
        "cluster_autocorrelation": 0.6,
    }
    return ParallelDesign(**(usual | settings))


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_the_detectable_effect_has_the_target_power_and_the_right_sign(kind, direction):
    found = minimum_detectable_effect(trial(kind), target=0.9, direction=direction)
    assert found.power == pytest.approx(0.9)
    assert (found.solution > 0) == (direction == "increase")
    assert found.design.effect == found.solution


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("solve", [clusters_needed, units_needed, waves_needed])
def test_solutions_round_up_to_the_first_design_that_reaches_the_target(kind, solve):
    found = solve(trial(kind), target=0.75)
    assert found.power >= 0.75
    name = {clusters_needed: "clusters", units_needed: "units", waves_needed: "waves"}[solve]
    value = getattr(found.design, name)
    assert value == math.ceil(found.solution)
    if value > 1:
        assert power_of(found.design.vary(**{name: value - 1})) < 0.75


def test_the_control_arm_keeps_its_ratio():
    found = clusters_needed(trial(clusters=10, control_clusters=20), target=0.9)
    assert found.design.control_clusters == pytest.approx(2 * found.design.clusters)


@pytest.mark.parametrize(("solve", "name"), [(units_needed, "units"), (waves_needed, "waves")])
def test_what_cannot_be_bought_with_units_or_waves_is_said_with_its_limit(solve, name):
    design = trial(clusters=6, effect=0.1, icc=0.1)
    found = solve(design)
    assert found.solution is None
    assert found.limit == pytest.approx(power_of(design.vary(**{name: 10**9})), abs=1e-6)
    assert power_of(design) < found.limit < 0.8
    assert found.design == design
    assert f"levels off at {100 * found.limit:.1f} %" in found.warnings[0]
    assert "more clusters" in found.warnings[0]


def test_an_effect_beyond_the_outcomes_range_is_not_detectable():
    found = minimum_detectable_effect(
        trial(outcome=BinaryOutcome(level=0.05), clusters=4), direction="decrease"
    )
    assert found.solution is None
    assert found.limit < 0.8
    assert "largest effect" in found.warnings[0]


def test_clusters_do_not_help_a_trial_without_an_effect():
    found = clusters_needed(trial(effect=0.0))
    assert found.solution is None
    assert found.limit == pytest.approx(0.025, abs=1e-4)


def test_every_answer_says_what_it_owes_to_the_icc():
    found = power(trial())
    doubled = power_of(trial(icc=0.1))
    assert f"{100 * doubled:.1f} % instead of {100 * found.power:.1f} %" in found.warnings[-1]
    assert any("strangers" in note for note in power(trial(icc=0.0)).warnings)


def test_the_answer_carries_its_inputs():
    design = trial()
    found = power(design)
    assert found.design == design
    assert (found.solved_for, found.target) == ("power", None)
    assert found.solution == found.power == power_of(design)
    assert found.contrast == design.contrast()


def test_no_variance_at_all_is_certainty():
    assert power_of(trial("continuous", icc=0.0, units=math.inf)) == 1.0


@pytest.mark.parametrize("solve", [minimum_detectable_effect, clusters_needed, units_needed])
def test_a_target_outside_zero_and_one_is_an_error(solve):
    with pytest.raises(InputError, match="target power"):
        solve(trial(), target=80)
