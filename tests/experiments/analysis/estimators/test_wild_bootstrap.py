import itertools

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.estimators.ols import estimator
from experiments.analysis.estimators.wild_bootstrap import wild_rademacher, wild_webb
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=8)


def t_of(y, x, group):
    """Arm's coefficient over its CR1 error, of cluster-constant designs."""
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    scores = np.array(
        [x[group == code].T @ (y - x @ beta)[group == code] for code in np.unique(group)]
    )
    count = len(scores)
    meat = scores.T @ scores * count / (count - 1)
    return beta[1] / np.sqrt((bread @ meat @ bread)[1, 1])


def test_rademacher_signs_are_all_taken_and_equal_brute_force(read, rows):
    (one,) = wild_rademacher(read(rows))
    group = rows["zone"].astype("category").cat.codes.to_numpy()
    arm = rows["arm"].eq("nudge").to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(rows)), arm])
    y = rows["score"].to_numpy()
    observed = t_of(y, x, group)
    # With the null imposed, residuals are about the common mean.
    rest = y - y.mean()
    found = [
        t_of(y.mean() + rest * np.array(signs)[group], x, group)
        for signs in itertools.product((-1, 1), repeat=8)
    ]
    assert one.effect.extra["enumerated"] is True
    assert one.effect.p_value == pytest.approx(np.mean(np.abs(found) >= abs(observed) - 1e-9))
    assert "rademacher draws" in one.effect.method


def test_estimates_are_those_of_least_squares(read, rows):
    settings = {"covariates": ["income", "house"], "strata": "block"}
    trial = read(rows, **settings)
    (plain,) = estimator("CR1")(trial)
    for estimate in (wild_webb, wild_rademacher):
        (one,) = estimate(trial)
        assert one.effect.estimate == pytest.approx(plain.effect.estimate)
        assert one.effect.std_error == pytest.approx(plain.effect.std_error)
        assert one.effect.df is None
        assert one.effect.ci_low < one.effect.estimate < one.effect.ci_high


def test_draws_and_seed_are_those_of_the_plan(read, rows):
    (first,), (again,), (other,) = (
        wild_webb(read(rows, draws=199, seed=seed)) for seed in (1, 1, 2)
    )
    assert first.effect.extra == {"n_draws": 199, "enumerated": False}
    assert first.effect.p_value == again.effect.p_value
    assert first.effect.p_value != other.effect.p_value
    assert first.effect.p_value * 200 == pytest.approx(round(first.effect.p_value * 200))


def test_each_arm_has_its_own_weights(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=9)
    twins = rows[rows["arm"] == "letter"].assign(arm="nudge")
    twins["zone"] = twins["zone"] + "bis"
    stacked = pd.concat([rows[rows["arm"] != "nudge"], twins], ignore_index=True)
    letter, nudge = wild_webb(read(stacked, draws=199))
    assert letter.effect.estimate == pytest.approx(nudge.effect.estimate)
    assert letter.effect.p_value != nudge.effect.p_value
    assert letter.effect.p_value == pytest.approx(nudge.effect.p_value, abs=0.15)


def test_an_interval_holds_what_the_test_does_not_reject(read, rows):
    (one,) = wild_rademacher(read(rows))
    for value, shift in ((one.effect.ci_low, 0.05), (one.effect.ci_high, -0.05)):
        p = []
        for step in (shift, -shift):
            moved = rows["score"] - (value + step) * (rows["arm"] == "nudge")
            p.append(wild_rademacher(read(rows.assign(score=moved)))[0].effect.p_value)
        assert p[0] > 0.05 >= p[1]


def test_an_outcome_that_the_arms_determine_is_refused(read, rows):
    flat = rows.assign(score=(rows["arm"] == "nudge").astype(float))
    with pytest.raises(AssumptionError, match="standard error is zero"):
        wild_webb(read(flat))
