import numpy as np
import pytest

from experiments.analysis.estimators.mixed_logit import mixed_logit
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12)


def test_equals_glmer_with_25_points(read, r_rows, r_numbers):
    (one,) = mixed_logit(
        read(r_rows, outcome="sorted", covariates=["income", "house"], strata="stratum")
    )
    expected = r_numbers["mixed_logit"]["strata_and_covariates"]
    assert one.effect.estimate == pytest.approx(expected["estimate"], abs=1e-5)
    assert one.effect.std_error == pytest.approx(expected["std_error"], rel=1e-5)
    assert one.effect.extra["sd_random_intercept"] == pytest.approx(expected["sd"], rel=1e-4)
    # 15 clusters less the intercept, the arm and two strata.
    assert one.effect.df == 11


def test_its_odds_ratio_is_farther_from_one_than_that_of_the_population(read, rows):
    (one,) = mixed_logit(read(rows, outcome="sorted"))
    means = one.arm_means
    marginal = np.log(means.treated / (1 - means.treated) / (means.control / (1 - means.control)))
    # Zeger, Liang & Albert (1988): the logistic is near a normal of this scale.
    sd = one.effect.extra["sd_random_intercept"]
    attenuation = np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2 * sd**2)
    assert attenuation > 1.02
    assert marginal == pytest.approx(one.effect.estimate / attenuation, rel=0.01)
    assert one.effect.estimand == "given the cluster"
    # Averaged over clusters it is near the observed shares.
    shares = rows.groupby("arm")["sorted"].mean()
    assert means.control == pytest.approx(shares["control"], abs=0.05)


def test_several_arms_are_fitted_jointly(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=12)
    found = mixed_logit(read(rows, outcome="sorted"))
    covariance = np.array([one.covariance for one in found])
    assert covariance == pytest.approx(covariance.T)
    for place, one in enumerate(found):
        assert covariance[place, place] == pytest.approx(one.effect.std_error**2)


def test_other_outcomes_pairs_and_separation_are_refused(read, rows):
    with pytest.raises(AssumptionError, match=r"'score' is not 0 or 1; use zone-t, or gee-md"):
        mixed_logit(read(rows))
    with pytest.raises(AssumptionError, match=r"pairs.*use matched-pairs or randomization"):
        mixed_logit(read(rows, outcome="sorted", pairs="pair"))
    every = rows.assign(sorted=rows["sorted"].where(rows["arm"] == "nudge", 1))
    with pytest.raises(AssumptionError, match=r"every outcome is 1.*randomisation inference"):
        mixed_logit(read(every, outcome="sorted"))
