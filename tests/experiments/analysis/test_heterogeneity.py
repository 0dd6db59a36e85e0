import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import AssumptionError, InputError

COLUMNS = {"outcome": "score", "arm": "arm", "cluster": "zone", "estimators": "zone-t"}
NUMBERS = ("estimate", "std_error", "df", "p_value")


def found(rows, *moderators, **settings):
    plan = make_plan(**COLUMNS | settings, moderators=moderators)
    return analyze(rows, plan).heterogeneity


def test_effects_by_level_and_their_joint_test_equal_clubsandwich(r_rows, r_numbers):
    (one,) = found(r_rows, "stratum")
    expected = r_numbers["heterogeneity"]["factor"]
    assert [effect.level for effect in one.effects] == ["north", "south", "west"]
    for name in NUMBERS:
        values = [getattr(effect, name) for effect in one.effects]
        assert values == pytest.approx(expected[name], rel=1e-8), name
    assert one.statistic == pytest.approx(expected["statistic"], rel=1e-8)
    assert one.df == expected["df_num"]
    assert one.df_denominator == pytest.approx(expected["df_denom"], rel=1e-8)
    assert one.p_value == pytest.approx(expected["p"], rel=1e-8)
    assert [effect.n_clusters for effect in one.effects] == [5, 5, 5]


def test_effect_at_the_mean_and_its_slope_equal_clubsandwich(r_rows, r_numbers):
    (one,) = found(r_rows, "density")
    expected = r_numbers["heterogeneity"]["number"]
    assert one.kind == "number"
    assert [effect.level for effect in one.effects] == ["mean", "slope"]
    for name in NUMBERS:
        values = [getattr(effect, name) for effect in one.effects]
        assert values == pytest.approx(expected[name], rel=1e-8), name
    # One interaction: its F is the square of t, its p that of the slope.
    slope = one.effects[1]
    assert one.statistic == pytest.approx((slope.estimate / slope.std_error) ** 2)
    assert one.p_value == pytest.approx(slope.p_value)


def test_a_moderator_may_be_read_as_keys_or_as_sums(r_rows):
    (sums,) = found(r_rows, "density", estimators="ols-cr2")
    (keys,) = found(r_rows, "density", estimators="zone-t", covariates=["income"])
    assert [effect.estimate for effect in keys.effects] == pytest.approx(
        [effect.estimate for effect in sums.effects]
    )


def test_effects_of_several_arms_are_those_of_each_arm_alone(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=18)
    (one,) = found(rows, "block")
    zones = rows.groupby(["block", "arm"])["score"]
    for effect in one.effects:
        arm = effect.contrast.removesuffix(" vs control")
        difference = zones.mean()[effect.level, arm] - zones.mean()[effect.level, "control"]
        assert effect.estimate == pytest.approx(difference)
    assert len(one.effects) == 4
    assert one.df == 2


def test_every_declared_moderator_of_every_outcome_is_tested(trial_rows):
    rows = trial_rows(clusters=16)
    plan = COLUMNS | {"outcome": ["score", "sorted"]}
    names = [(one.outcome, one.moderator) for one in found(rows, "block", "density", **plan)]
    assert names == [
        ("score", "block"), ("score", "density"), ("sorted", "block"), ("sorted", "density"),
    ]  # fmt: skip


def test_a_moderator_that_varies_inside_clusters_is_refused(r_rows):
    with pytest.raises(InputError, match="'house' varies inside cluster 'Z01'"):
        found(r_rows, "house")
    with pytest.raises(InputError, match="'income' varies inside cluster 'Z01'; give one value"):
        found(r_rows, "income")


def test_levels_with_a_single_cluster_of_an_arm_are_refused_by_name(r_rows):
    small = r_rows.assign(kind=r_rows["zone"].isin(["Z01", "Z02", "Z03"]).map(str))
    with pytest.raises(
        AssumptionError, match=r"arm 'nudge' at level 'true' number 1.*merge levels"
    ):
        found(small, "kind")
    with pytest.raises(AssumptionError, match="one value in all clusters"):
        found(r_rows.assign(kind=1), "kind")


def test_few_clusters_and_strata_left_out_are_said(r_rows):
    blocked = r_rows.assign(block=r_rows["stratum"])
    (one,) = found(blocked, "stratum", strata="block", estimators="ols-cr2")
    assert any("could hardly be seen" in note for note in one.warnings)
    assert any("strata are left out" in note for note in one.warnings)


def test_the_interaction_test_keeps_its_level_with_sixteen_clusters():
    """200 null trials: Monte Carlo standard error 1.5 points."""
    rng = np.random.default_rng(3)
    kind = np.repeat(np.repeat(["a", "b"], 8), 2)
    rejected = 0
    for _ in range(200):
        arm = np.concatenate([rng.permutation(np.arange(8) % 2) for _ in range(2)])
        y = np.repeat(rng.normal(size=16), 2) + np.tile([0.1, -0.1], 16)
        rows = pd.DataFrame({"zone": np.repeat(np.arange(16), 2), "arm": np.repeat(arm, 2)})
        (one,) = found(rows.assign(kind=kind, score=y), "kind", control="0")
        rejected += one.p_value <= 0.05
    assert stats.binomtest(rejected, 200, 0.05).pvalue > 0.005
