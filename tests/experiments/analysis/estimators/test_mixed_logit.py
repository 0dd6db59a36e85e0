import numpy as np
import pytest
from scipy import optimize

from experiments.analysis.estimators.mixed_logit import mixed_logit
from experiments.analysis.gauss_hermite import binomial_blocks, marginal_likelihood
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


def test_a_level_with_one_outcome_only_is_left_out_with_a_warning(read, rows):
    kinds = np.array(["flat", "house", "farm"])[np.arange(len(rows)) % 3]
    flats = kinds == "flat"
    given = rows.assign(kind=kinds, sorted=rows["sorted"].where(~flats, 0))
    (one,) = mixed_logit(read(given, outcome="sorted", covariates=["kind"]))
    (rest,) = mixed_logit(read(given[~flats], outcome="sorted", covariates=["kind"]))
    assert one.effect.estimate == pytest.approx(rest.effect.estimate, rel=1e-10)
    assert one.effect.std_error == pytest.approx(rest.effect.std_error, rel=1e-10)
    assert one.effect.n_units == rest.effect.n_units
    assert "kind = flat: every outcome is 0" in one.effect.warnings[0]
    assert f"its {flats.sum()} rows" in one.effect.warnings[0]
    assert not any("every outcome" in words for words in rest.effect.warnings)


def test_the_level_left_out_is_the_limit_of_its_coefficient(read, rows):
    kinds = np.array(["flat", "house", "farm"])[np.arange(len(rows)) % 3]
    given = rows.assign(kind=kinds, sorted=rows["sorted"].where(kinds != "flat", 0))
    (one,) = mixed_logit(read(given, outcome="sorted", covariates=["kind"]))
    patterns = read(given, outcome="sorted", covariates=["kind"]).patterns()
    blocks = binomial_blocks(patterns)

    def value(free):
        # The reference level is "farm"; the flats' log odds are 30 lower.
        return -marginal_likelihood(
            blocks, np.array([*free[:2], -30.0, *free[2:]]), points=25
        ).value

    assert patterns.columns[2:] == ("kind[flat]", "kind[house]")
    found = optimize.minimize(
        value,
        [0.0, 0.0, 0.0, 0.5],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-11, "maxiter": 2000},
    )
    assert found.x[1] == pytest.approx(one.effect.estimate, abs=1e-4)


def test_a_stratum_with_one_outcome_only_takes_its_clusters_along(read, rows):
    strata = rows["zone"].rank(method="dense").astype(int) % 12 // 3
    given = rows.assign(part=strata, sorted=rows["sorted"].where(strata != 2, 1))
    assert given.loc[strata == 2, "arm"].nunique() == 2
    (one,) = mixed_logit(read(given, outcome="sorted", strata="part"))
    (rest,) = mixed_logit(read(given[strata != 2], outcome="sorted", strata="part"))
    assert one.effect.estimate == pytest.approx(rest.effect.estimate, rel=1e-10)
    assert one.effect.df == rest.effect.df
    assert one.effect.n_clusters == rest.effect.n_clusters
    assert "part = 2: every outcome is 1" in one.effect.warnings[0]


def test_levels_are_not_left_out_when_no_trial_would_remain(read, rows):
    every = rows.assign(sorted=0, kind=np.array(["flat", "house"])[np.arange(len(rows)) % 2])
    with pytest.raises(AssumptionError, match="the whole trial: every outcome is 0"):
        mixed_logit(read(every, outcome="sorted", covariates=["kind"], family="binomial"))


def test_a_covariate_far_from_zero_gives_the_same_effect_and_means(read, rows):
    age = np.random.default_rng(0).normal(40, 10, len(rows)).round()
    near, far = (
        mixed_logit(read(rows.assign(age=age + shift), outcome="sorted", covariates=["age"]))[0]
        for shift in (0, 1e6)
    )
    assert far.effect.estimate == pytest.approx(near.effect.estimate, rel=1e-8)
    assert far.effect.std_error == pytest.approx(near.effect.std_error, rel=1e-8)
    assert far.arm_means.covariance == pytest.approx(near.arm_means.covariance, rel=1e-7)
