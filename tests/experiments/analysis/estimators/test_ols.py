import numpy as np
import pytest
import statsmodels.formula.api as smf

from experiments.analysis.estimators.ols import CORRECTIONS, estimator, fit_trial
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12)


def clustered(formula, rows, **options):
    groups = rows["zone"].astype("category").cat.codes
    return smf.ols(formula, rows).fit(cov_type="cluster", cov_kwds={"groups": groups, **options})


def test_cr1s_equals_statsmodels(read, rows):
    (one,) = estimator("CR1S")(read(rows, covariates=["income", "house"], keys=False))
    fit = clustered("score ~ C(arm) + income + C(house)", rows)
    assert one.effect.estimate == pytest.approx(fit.params["C(arm)[T.nudge]"])
    assert one.effect.std_error == pytest.approx(fit.bse["C(arm)[T.nudge]"])
    assert one.effect.df == 11


def test_cr0_equals_statsmodels_without_correction(read, rows):
    (one,) = estimator("CR0")(read(rows))
    fit = clustered("score ~ C(arm)", rows, use_correction=False)
    assert one.effect.std_error == pytest.approx(fit.bse["C(arm)[T.nudge]"])


def test_corrections_grow_with_their_caution(read, rows):
    trial = read(rows)
    errors = {name: estimator(name)(trial)[0].effect.std_error for name in CORRECTIONS}
    assert errors["CR0"] < errors["CR1"] <= errors["CR1S"]
    assert errors["CR0"] < errors["CR2"] < errors["CR3"]


def test_strata_inside_clusters_become_columns(read, rows):
    (one,) = estimator("CR1S")(read(rows, strata="house"))
    fit = clustered("score ~ C(arm) + C(house)", rows)
    assert one.effect.estimate == pytest.approx(fit.params["C(arm)[T.nudge]"])
    assert one.effect.std_error == pytest.approx(fit.bse["C(arm)[T.nudge]"])


def test_an_outcome_far_from_zero_loses_no_digit(read, rows):
    here = estimator("CR2")(read(rows, covariates=["house"]))[0].effect
    far = rows.assign(score=rows["score"] + 1e7)
    there = estimator("CR2")(read(far, covariates=["house"]))[0].effect
    assert there.estimate == pytest.approx(here.estimate, rel=1e-6)
    assert there.std_error == pytest.approx(here.std_error, rel=1e-6)


def test_arm_means_are_those_of_units(read, rows):
    far = rows.assign(score=rows["score"] + 1e5)
    (one,) = estimator("CR2")(read(far))
    units = far.groupby("arm")["score"].mean()
    assert one.arm_means.control == pytest.approx(units["control"])
    assert one.arm_means.treated == pytest.approx(units["nudge"])
    covariance = one.arm_means.covariance
    difference = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert difference == pytest.approx(one.effect.std_error**2)
    assert covariance[0, 1] == pytest.approx(0, abs=1e-9)
    for settings in ({"covariates": ["income"]}, {"strata": "block"}):
        assert estimator("CR2")(read(rows, **settings))[0].arm_means is None


def test_arms_of_a_joint_fit_know_each_other(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=12)
    trial = read(rows, covariates=["income"], strata="block")
    letter, nudge = estimator("CR2")(trial)
    fit = fit_trial(trial, "CR2")
    places = [fit.columns.index(name) for name in ("letter", "nudge")]
    joint = fit.covariance[np.ix_(places, places)]
    assert np.array([letter.covariance, nudge.covariance]) == pytest.approx(joint)
    assert letter.effect.std_error**2 == pytest.approx(joint[0, 0])


def test_an_arm_that_strata_or_covariates_repeat_is_refused_or_said(read, rows):
    with pytest.raises(AssumptionError, match="check the arms and covariates"):
        estimator("CR2")(read(rows.assign(block=rows["arm"]), strata="block"))
    same = rows.assign(kind="in " + rows["arm"])
    (one,) = estimator("CR2")(read(same, covariates=["kind"]))
    assert one.effect.estimate == pytest.approx(estimator("CR2")(read(rows))[0].effect.estimate)
    assert any("collinear" in note and "kind" in note for note in one.effect.warnings)


def test_words_name_the_variance_strata_and_covariates(read, rows):
    (one,) = estimator("CR2")(read(rows, strata="block", covariates=["income"]))
    for words in ("CR2 variance", "Satterthwaite", "levels of 'block'", "adjusted for income"):
        assert words in one.effect.method
    assert "t(G - 1)" in estimator("CR1")(read(rows))[0].effect.method
