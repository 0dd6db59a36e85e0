import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from experiments.analysis.estimators.gee import CORRECTIONS, estimator
from experiments.errors import AssumptionError

OUTCOMES = {
    "sorted": ({}, sm.families.Binomial(), "log_odds_ratio"),
    "visits": ({"family": "poisson"}, sm.families.Poisson(), "log_ratio"),
    "score": ({}, sm.families.Gaussian(), "difference"),
}


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize(("name", "kind"), [("md", "bias_reduced"), ("robust", "robust")])
def test_equals_statsmodels(read, rows, outcome, name, kind):
    settings, family, scale = OUTCOMES[outcome]
    (one,) = estimator(name)(
        read(rows, outcome=outcome, covariates=["house"], strata="block", **settings)
    )
    fit = smf.gee(
        f"{outcome} ~ C(arm) + C(block) + C(house)",
        "zone",
        rows,
        family=family,
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(cov_type=kind, ctol=1e-12, maxiter=300)
    assert one.effect.scale == scale
    assert one.effect.estimate == pytest.approx(fit.params["C(arm)[T.nudge]"], rel=1e-5)
    assert one.effect.std_error == pytest.approx(fit.bse["C(arm)[T.nudge]"], rel=1e-5)
    # Clusters less the intercept, the arm and the stratum; houses vary inside clusters.
    assert one.effect.df == 9


def test_corrections_widen_the_sandwich(read, rows):
    trial = read(rows, outcome="sorted")
    errors = {name: estimator(name)(trial)[0].effect.std_error for name in CORRECTIONS}
    assert errors["robust"] < errors["kc"] < errors["md"]
    assert errors["robust"] < errors["fg"]
    assert errors["robust"] < errors["mbn"]


def test_arm_means_are_averages_over_everyone(read, rows):
    (one,) = estimator("md")(read(rows, outcome="sorted", covariates=["house"]))
    fit = smf.gee(
        "sorted ~ C(arm) + C(house)", "zone", rows, family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(ctol=1e-12, maxiter=300)  # fmt: skip
    for arm, mean in (("control", one.arm_means.control), ("nudge", one.arm_means.treated)):
        assert mean == pytest.approx(np.mean(fit.predict(rows.assign(arm=arm))), rel=1e-5)


def test_several_arms_are_fitted_jointly(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=12)
    found = estimator("kc")(read(rows, outcome="sorted"))
    covariance = np.array([one.covariance for one in found])
    assert covariance == pytest.approx(covariance.T)
    for place, one in enumerate(found):
        assert covariance[place, place] == pytest.approx(one.effect.std_error**2)
    assert covariance[0, 1] > 0


def test_pairs_and_separation_are_refused_with_an_alternative(read, rows):
    with pytest.raises(AssumptionError, match=r"gee-fg: matched pairs.*use matched-pairs"):
        estimator("fg")(read(rows, pairs="pair"))
    none = rows.assign(sorted=rows["sorted"].where(rows["arm"] == "nudge", 0))
    with pytest.raises(AssumptionError, match=r"every outcome is 0.*randomisation inference"):
        estimator("md")(read(none, outcome="sorted"))


def test_a_covariate_of_the_zone_costs_a_degree_of_freedom_beside_one_that_varies(read, rows):
    level = {zone: 0.1 * k * k - 0.37 for k, zone in enumerate(rows["zone"].unique())}
    rows = rows.assign(level=rows["zone"].map(level))
    for covariates in (["level"], ["level", "house"]):
        for name in ("md", "kc", "fg"):
            (one,) = estimator(name)(read(rows, outcome="sorted", covariates=covariates))
            assert one.effect.df == 9


def test_outcomes_and_covariates_far_from_zero_change_nothing(read, rows):
    far = rows.assign(score=rows["score"] + 1e9, income=rows["income"] + 1e9)
    for outcome in ("score", "sorted"):
        (here,), (there,) = (
            estimator("md")(read(data, outcome=outcome, covariates=["income"]))
            for data in (rows, far)
        )
        for field in ("estimate", "std_error", "p_value"):
            expected = getattr(here.effect, field)
            assert getattr(there.effect, field) == pytest.approx(expected, rel=1e-5), field


def test_whole_numbers_without_a_family_are_told_of_the_ratio(read, rows):
    def said(outcome, data=rows, **settings):
        (one,) = estimator("md")(read(data, outcome=outcome, **settings))
        return [text for text in one.effect.warnings if "--family poisson" in text]

    (text,) = said("visits")
    assert text.startswith("'visits' holds whole numbers")
    assert "difference in means" in text
    assert not said("visits", family="poisson")
    assert not said("visits", family="gaussian")
    assert not said("visits", rows.assign(visits=rows["visits"] - 3))
    assert not said("score")
    assert not said("sorted")
