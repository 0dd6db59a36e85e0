import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import AssumptionError

COLUMNS = {"arm": "arm", "cluster": "zone"}
OUTCOMES = ["score", "sorted"]


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(arms=("control", "letter", "poster"), clusters=12)


def estimates(rows, method, *, outcomes=OUTCOMES, **settings):
    plan = make_plan(**COLUMNS, outcome=outcomes, multiplicity=method, **settings)
    return analyze(rows, plan).estimates


def test_without_a_correction_nothing_is_adjusted(rows):
    found = estimates(rows, "none", estimators=["zone-t"])
    assert all(one.p_adjusted is None and one.adjustment is None for one in found)


def test_holm_keeps_the_primary_outcome_and_each_estimator_a_family_apart(rows):
    clear = rows.assign(score=rows["score"] + 9 * (rows["arm"] == "letter"))
    found = estimates(
        clear, "holm", outcomes=[*OUTCOMES, "visits"], estimators=["zone-t", "ols-cr2"]
    )
    assert min(one.p_adjusted for one in found) < 0.05
    families = {}
    for one in found:
        key = (one.estimator, one.outcome == "score")
        families.setdefault(key, []).append(one)
    assert sorted(len(family) for family in families.values()) == [2, 2, 4, 4]
    for family in families.values():
        adjusted = multipletests([one.p_value for one in family], method="holm")[1]
        assert [one.p_adjusted for one in family] == pytest.approx(list(adjusted))
        assert {one.adjustment for one in family} == {"Holm"}


def test_dunnett_is_the_largest_of_two_t_that_share_a_control():
    # Clusters of one size and arms of one spread: pooling two arms or three is then the same.
    step = np.arange(4) - 1.5
    means = {"control": 0.0, "letter": 1.9, "poster": 1.2}
    rows = pd.DataFrame(
        [
            {"zone": f"{arm}{place}", "arm": arm, "y": mean + step[place] + unit}
            for arm, mean in means.items()
            for place in range(4)
            for unit in (-1, 1)
        ]
    )
    found = estimates(rows, "dunnett", outcomes="y", estimators=["zone-t"])
    multivariate = stats.multivariate_t(shape=[[1, 0.5], [0.5, 1]], df=6, seed=1)
    draws = np.abs(multivariate.rvs(400_000)).max(axis=1)
    for one in found:
        statistic = abs(one.estimate) / one.std_error
        assert one.p_adjusted == pytest.approx(np.mean(draws >= statistic), abs=0.003)
        assert one.adjustment == "Dunnett"


@pytest.mark.parametrize("estimator", ["ols-cr2", "gee-md", "mixed-logit"])
def test_dunnett_of_a_joint_model_lies_between_the_single_p_and_bonferroni(rows, estimator):
    found = estimates(rows, "dunnett", outcomes="sorted", estimators=[estimator])
    for one in found:
        assert one.p_value <= one.p_adjusted <= min(1, 2 * one.p_value) + 1e-6


def test_dunnett_leaves_estimators_without_a_joint_distribution_alone(rows):
    found = estimates(rows, "dunnett", outcomes="score", estimators=["zone-t", "randomization"])
    assert [one.p_adjusted is None for one in found] == [False, False, True, True]
    with pytest.raises(AssumptionError, match=r"dunnett.*choose holm"):
        estimates(rows, "dunnett", outcomes="score", estimators=["wild-webb", "randomization"])


def test_dunnett_of_one_contrast_is_its_own_p(trial_rows):
    (one,) = estimates(trial_rows(), "dunnett", outcomes="score", estimators=["zone-t"])
    assert one.p_adjusted == pytest.approx(one.p_value, abs=1e-6)


def welch(y, arm, one):
    """Absolute Welch statistics of an arm against the control, shape (A,)."""
    sums = []
    for code in (0, one):
        inside = arm == code
        n = inside.sum(axis=1)
        mean = inside @ y / n
        sums.append((mean, (inside @ y**2 - n * mean**2) / (n - 1) / n))
    return np.abs(sums[1][0] - sums[0][0]) / np.sqrt(sums[0][1] + sums[1][1])


def test_romano_wolf_of_arms_and_outcomes_equals_a_step_down_by_brute_force(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=6, seed=5)
    rows = rows.assign(score=rows["score"] + 4 * (rows["arm"] == "poster"))
    found = estimates(rows, "romano-wolf", estimators=["randomization", "zone-t"])
    zones = rows.groupby("zone").agg(
        score=("score", "mean"), sorted=("sorted", "mean"), arm=("arm", "first")
    )
    observed = zones["arm"].map(["control", "letter", "poster"].index).to_numpy()
    every = np.array(sorted(set(itertools.permutations(observed.tolist()))))
    keys = [(outcome, one) for outcome in OUTCOMES for one in (1, 2)]
    reference = np.column_stack([welch(zones[name].to_numpy(), every, one) for name, one in keys])
    mine = np.array([welch(zones[name].to_numpy(), observed[None], one)[0] for name, one in keys])
    assert len(every) == 90
    adjusted, running = {}, 0.0
    order = np.argsort(-mine)
    for step, place in enumerate(order):
        largest = reference[:, order[step:]].max(axis=1)
        running = max(running, float(np.mean(largest >= mine[place] - 1e-9)))
        adjusted[keys[place]] = running
    arms = {"letter vs control": 1, "poster vs control": 2}
    for one in found:
        if one.estimator == "zone-t":
            assert one.p_adjusted is None
            continue
        expected = max(adjusted[one.outcome, arms[one.contrast]], one.p_value)
        assert one.p_adjusted == pytest.approx(expected), (one.outcome, one.contrast)
        assert one.adjustment == "Romano-Wolf"


def test_romano_wolf_leaves_strata_that_lack_an_arm_out(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=17)
    zones = ["z15", "z16"]
    rows["block"] = np.where(rows["zone"].isin(zones), "lone", rows["block"])
    whole = estimates(
        rows, "romano-wolf", outcomes="score", estimators=["randomization"], strata="block"
    )
    kept = rows[~rows["zone"].isin(zones)]
    part = estimates(
        kept, "romano-wolf", outcomes="score", estimators=["randomization"], strata="block"
    )
    # z15 is a control and z16 has a letter: only that contrast could use the stratum.
    assert [one.p_adjusted for one in whole] == pytest.approx(
        [one.p_adjusted for one in part], abs=0.03
    )


def test_romano_wolf_needs_a_stratum_with_every_arm(trial_rows):
    rows = trial_rows(arms=("control", "letter", "control", "poster"), clusters=16)
    rows["block"] = np.where(rows["zone"].str[1:].astype(int) % 4 < 2, "east", "west")
    with pytest.raises(AssumptionError, match="no level of 'block' holds every arm"):
        estimates(
            rows, "romano-wolf", outcomes="score", estimators=["randomization"], strata="block"
        )


def test_romano_wolf_needs_the_randomisation_test(rows):
    with pytest.raises(AssumptionError, match="add randomization to the estimators"):
        estimates(rows, "romano-wolf", estimators=["zone-t"])
