import numpy as np
import pytest

from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan
from experiments.calibration.measurement import measure, truth
from experiments.calibration.scenario import LEVEL, Scenario, draw
from experiments.power.trial_of_sums import trial_of_sums


def scenario(**changes):
    return Scenario(**{"clusters": 8, "icc": 0.05, "balanced": True, "outcome": "binary"} | changes)


def test_tallies_count_what_the_estimator_did_on_the_same_trials():
    one = scenario(outcome="continuous")
    found = measure(one, ["zone-t"], n_trials=40, seed=3)["zone-t"]
    rng = np.random.default_rng([3, *one.key.encode()])
    null = draw(one, with_effect=False, n_trials=40, rng=rng)
    effect = draw(one, with_effect=True, n_trials=10, rng=rng)
    plan = make_plan(outcome="y", arm="arm", cluster="cluster", control="0")
    estimates = [
        [
            CATALOGUE["zone-t"]
            .estimate(
                trial_of_sums(
                    n=trials.n[place], sum_y=trials.sum_y[place], sum_yy=trials.sum_yy[place],
                    arm=trials.arm[place], plan=plan,
                )
            )[0]
            .effect
            for place in range(len(trials.n))
        ]
        for trials in (null, effect)
    ]  # fmt: skip
    assert (found.trials, found.trials_effect) == (40, 10)
    assert found.rejected_null == sum(each.p_value <= 0.05 for each in estimates[0])
    assert found.rejected_effect == sum(each.p_value <= 0.05 for each in estimates[1])
    assert found.covered_effect == sum(
        each.ci_low <= one.effect <= each.ci_high for each in estimates[1]
    )
    assert (found.refused, found.refused_effect) == (0, 0)


def test_an_estimator_sees_the_same_trials_whoever_else_is_measured():
    alone = measure(scenario(), ["zone-t"], n_trials=20, seed=1)
    beside = measure(scenario(), ["ols-cr2", "zone-t"], n_trials=20, seed=1)
    assert alone["zone-t"] == beside["zone-t"]
    assert measure(scenario(), ["zone-t"], n_trials=200, seed=1) != measure(
        scenario(), ["zone-t"], n_trials=200, seed=2
    )


def test_refusals_are_counted_apart():
    # With an ICC of 0.9 clusters are all 0 or all 1, and an arm often has one kind only.
    found = measure(scenario(clusters=4, icc=0.9), ["gee-md"], n_trials=40, seed=1)["gee-md"]
    assert 0 < found.refused < 40
    assert found.rejected_null <= 40 - found.refused


@pytest.mark.parametrize(
    ("estimator", "outcome", "known"),
    [
        ("zone-t", "binary", True),
        ("gee-md", "binary", True),
        ("mixed-logit", "binary", False),
        ("gee-md", "count", True),
        ("gee-md", "continuous", True),
    ],
)
def test_coverage_is_measured_only_where_the_truth_is_known(estimator, outcome, known):
    one = scenario(outcome=outcome, clusters=12)
    found = measure(one, [estimator], n_trials=12, seed=1)[estimator]
    assert found.has_truth is known
    if not known:
        assert found.covered_effect == 0


def test_the_truth_follows_the_scale():
    one = scenario(outcome="count")
    treated = LEVEL["count"] + one.effect
    assert truth(one, "difference") == one.effect
    assert truth(one, "log_ratio") == pytest.approx(np.log(treated / 2.0))
    assert truth(one, "log_odds_ratio") is None


def test_the_t_test_on_cluster_means_keeps_its_level_and_least_squares_does_not():
    """600 trials of 6 clusters: Monte Carlo standard error 0.9 points at 5 %."""
    one = scenario(clusters=6, icc=0.2, balanced=False)
    found = measure(one, ["zone-t", "ols-cr1"], n_trials=600, seed=5)
    assert found["zone-t"].rejected_null / 600 == pytest.approx(0.05, abs=0.027)
    assert found["ols-cr1"].rejected_null / 600 > 0.09
