import numpy as np
import pytest
from scipy import stats

from experiments.analysis.cluster_means import difference_in_means, minimum_variance_weights
from experiments.analysis.estimators.zone_means import zone_t, zone_weighted, zone_welch
from experiments.analysis.estimators.zone_values import zone_values
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=11)


def means(rows):
    zones = rows.groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    return [zones.loc[zones["arm"] == arm, "score"].to_numpy() for arm in ("nudge", "control")]


@pytest.mark.parametrize(("estimate", "equal"), [(zone_t, True), (zone_welch, False)])
def test_equal_scipy_on_cluster_means(read, rows, estimate, equal):
    (one,) = estimate(read(rows))
    nudge, control = means(rows)
    test = stats.ttest_ind(nudge, control, equal_var=equal)
    assert one.effect.estimate == pytest.approx(nudge.mean() - control.mean())
    assert one.effect.p_value == pytest.approx(test.pvalue)
    assert one.effect.df == pytest.approx(test.df)
    assert one.arm_means.control == pytest.approx(control.mean())
    assert one.arm_means.treated == pytest.approx(nudge.mean())


def test_the_unit_estimand_compares_the_means_of_units(read, rows):
    for estimate in (zone_t, zone_welch, zone_weighted):
        (one,) = estimate(read(rows, estimand="unit"))
        units = rows.groupby("arm")["score"].mean()
        assert one.effect.estimate == pytest.approx(units["nudge"] - units["control"])
        assert one.effect.estimand == "unit"


def test_weights_of_least_variance_come_from_the_icc(read, rows):
    trial = read(rows)
    (one,) = zone_weighted(trial)
    weights = minimum_variance_weights(trial.clusters.n, icc=trial.icc)
    expected = difference_in_means(trial.clusters.means, trial.arm == 1, weights=weights)
    assert one.effect.estimate == pytest.approx(expected.estimate)
    assert one.effect.std_error == pytest.approx(expected.std_error)
    assert f"for an ICC of {trial.icc:.3f}" in one.effect.method


def test_strata_and_covariates_reach_the_test(read, rows):
    trial = read(rows, strata="block", covariates=["density", "house"])
    (one,) = zone_welch(trial)
    values = zone_values(trial)
    expected = difference_in_means(
        values.values, trial.arm == 1, stratum=trial.block, df_lost=values.df_lost
    )
    assert one.effect.df == pytest.approx(expected.df)
    assert one.effect.std_error == pytest.approx(expected.std_error)
    for words in ("within strata", "adjusted for house, density in a first stage"):
        assert words in one.effect.method


def test_each_arm_is_compared_with_the_control_alone(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=12)
    both = zone_welch(read(rows))
    assert [one.effect.contrast for one in both] == ["letter vs control", "nudge vs control"]
    (alone,) = zone_welch(read(rows[rows["arm"] != "letter"]))
    assert both[1].effect.p_value == pytest.approx(alone.effect.p_value)


def test_arms_inside_clusters_are_refused(read, rows):
    mixed = rows.assign(arm=np.where(rows.index % 2, "nudge", "control"))
    with pytest.raises(AssumptionError, match="zone-welch: arms vary inside clusters"):
        zone_welch(read(mixed, arms_within_clusters=True))
