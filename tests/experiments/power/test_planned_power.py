import math

import pytest

from experiments.power.outcome import BinaryOutcome, CountOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.planned_power import design_of, icc_distribution, solve
from experiments.power.power_analysis import clusters_needed, power_of
from experiments.power.power_plan import make_power_plan
from experiments.power.stepped_wedge import SteppedWedgeDesign

USUAL = {
    "outcome_kind": "binary",
    "baseline_level": 0.25,
    "effect": 0.1,
    "icc": 0.05,
    "units": 25,
    "clusters": 10,
}


def plan(**settings):
    return make_power_plan(**(USUAL | settings))


def test_a_plan_is_answered_like_the_design_it_describes():
    design = ParallelDesign(
        outcome=BinaryOutcome(level=0.25), effect=0.1, clusters=10, units=25, icc=0.05
    )
    assert solve(plan()).power == power_of(design)
    found = solve(plan(solve_for="clusters", clusters=None))
    assert found.solution == pytest.approx(clusters_needed(design).solution)


@pytest.mark.parametrize("solve_for", ["effect", "clusters", "units", "waves"])
def test_each_quantity_can_be_looked_for_without_being_given(solve_for):
    given = {} if solve_for == "waves" else {solve_for: None}
    found = solve(
        plan(solve_for=solve_for, target_power=0.5, cluster_autocorrelation=0.3, clusters=14)
        if solve_for == "waves"
        else plan(solve_for=solve_for, target_power=0.5, **({"clusters": 14} | given))
    )
    assert found.solved_for == solve_for
    assert found.power >= 0.5 - 1e-9
    assert found.solution is not None


def test_a_fall_is_looked_for_where_the_plan_says_so():
    found = solve(plan(solve_for="effect", effect=None, direction="decrease", clusters=40))
    assert found.solution < 0


def test_ordinal_effects_are_odds_ratios():
    ordinal = plan(outcome_kind="ordinal", categories=(0.2, 0.5, 0.3), effect=2.0)
    assert design_of(ordinal).effect == pytest.approx(math.log(2))


def test_counts_may_give_the_variation_between_clusters():
    count = plan(outcome_kind="count", baseline_level=2.0, icc=None, between_cv=0.25, exposure=3)
    expected = CountOutcome(level=2.0, exposure=3).icc_from_between_cv(0.25)
    assert design_of(count).icc == pytest.approx(expected)


def test_a_stepped_wedge_by_steps_or_by_sequences():
    common = {"design": "stepped-wedge", "clusters": 3, "cluster_autocorrelation": 0.8}
    by_steps = design_of(plan(**common, steps=3, transition_periods=1))
    assert isinstance(by_steps, SteppedWedgeDesign)
    assert by_steps.sequences == ("0.111", "00.11", "000.1")
    by_words = design_of(plan(**common, sequences=("0.111", "00.11", "000.1")))
    assert by_words == by_steps


def test_an_interval_of_the_icc_gives_a_law_of_power():
    unsure = plan(icc={"estimate": 0.05, "low": 0.02, "high": 0.1})
    spread = icc_distribution(unsure, solve(unsure))
    assert spread.low < solve(unsure).power < spread.high
    assert icc_distribution(plan(), solve(plan())) is None
