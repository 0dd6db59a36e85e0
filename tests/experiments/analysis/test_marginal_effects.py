from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import integrate, optimize, special, stats

from experiments.analysis.gee import fit_gee
from experiments.analysis.gee_small_sample import coefficient_test, small_sample_covariance
from experiments.analysis.marginal_effects import marginal_effects, standardised_effects
from experiments.analysis.mixed_logit import fit_mixed_logit
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import InputError


def rows():
    """Sixteen zones, eight treated, with a covariate of the unit."""
    rng = np.random.default_rng(3)
    zone = np.repeat(np.arange(16), rng.integers(15, 60, 16))
    treated, age = (zone % 2).astype(float), rng.integers(0, 5, len(zone)).astype(float)
    eta = -0.6 + 0.5 * treated + 0.3 * age + rng.normal(0, 0.5, 16)[zone]
    y = (rng.random(len(zone)) < special.expit(eta)).astype(float)
    return pd.DataFrame({"y": y, "treated": treated, "age": age, "zone": zone})


def patterns_of(table, columns):
    keys = ["zone", *columns]
    cells = table.groupby(keys)["y"].agg(["size", "sum"]).reset_index()
    x = np.column_stack([np.ones(len(cells)), *(cells[name] for name in columns)])
    return CovariatePatterns(
        clusters=np.unique(table["zone"]).astype(object),
        columns=("(intercept)", *columns),
        start=np.searchsorted(cells["zone"].to_numpy(), np.arange(17)),
        x=x.astype(float),
        n=cells["size"].to_numpy(float),
        sum_y=cells["sum"].to_numpy(float),
        sum_yy=cells["sum"].to_numpy(float),
    )


ROWS = rows()
ADJUSTED = patterns_of(ROWS, ["treated", "age"])
PLAIN = patterns_of(ROWS, ["treated"])


def gee_effects(patterns, *, correction="mancl-derouen", link=None, treatment="treated"):
    fit = fit_gee(patterns, family="binomial", link=link)
    return marginal_effects(
        patterns,
        coefficients=fit.coefficients,
        covariance=small_sample_covariance(fit, correction=correction),
        treatment=treatment,
        link=fit.link,
        df=14.0,
    )


def test_equals_the_marginal_effect_of_statsmodels():
    fitted = smf.gee(
        "y ~ treated + age",
        "zone",
        ROWS,
        cov_struct=sm.cov_struct.Exchangeable(),
        family=sm.families.Binomial(),
    ).fit(ctol=1e-10)
    theirs = fitted.get_margeff(at="overall", dummy=True)
    found = gee_effects(ADJUSTED, correction="robust").difference
    assert found.estimate == pytest.approx(theirs.margeff[0], rel=1e-8)
    assert found.std_error == pytest.approx(theirs.margeff_se[0], rel=1e-6)


@pytest.mark.parametrize(
    ("link", "scale"), [("identity", "difference"), ("log", "ratio"), ("logit", "odds_ratio")]
)
def test_without_covariates_each_scale_is_the_fit_on_its_own_link(link, scale):
    effect = getattr(gee_effects(PLAIN), scale)
    fit = fit_gee(PLAIN, family="binomial", link=link)
    direct = coefficient_test(fit, "treated")
    assert direct.df == effect.df
    estimate = effect.estimate if scale == "difference" else np.log(effect.estimate)
    assert estimate == pytest.approx(direct.estimate, rel=1e-6)
    assert effect.std_error == pytest.approx(direct.std_error, rel=1e-6)
    assert effect.p_value == pytest.approx(direct.p_value, rel=1e-5)


def test_means_are_those_of_everyone_treated_and_everyone_in_control():
    fit = fit_gee(ADJUSTED, family="binomial")
    effects = gee_effects(ADJUSTED)
    beta = fit.coefficients
    one = special.expit(beta[0] + beta[1] + beta[2] * ROWS["age"]).mean()
    zero = special.expit(beta[0] + beta[2] * ROWS["age"]).mean()
    assert effects.mean_treated == pytest.approx(one)
    assert effects.mean_control == pytest.approx(zero)
    assert effects.difference.estimate == pytest.approx(one - zero)
    assert effects.ratio.estimate == pytest.approx(one / zero)
    assert effects.odds_ratio.estimate == pytest.approx(one / (1 - one) * (1 - zero) / zero)
    variance = np.array([-1, 1]) @ effects.covariance @ np.array([-1, 1])
    assert effects.difference.std_error == pytest.approx(np.sqrt(variance))
    share = np.array([1 / zero, 1 / one])
    assert effects.ratio.std_error == pytest.approx(
        np.sqrt((share * [-1, 1]) @ effects.covariance @ (share * [-1, 1]))
    )


@pytest.mark.parametrize("scale", ["difference", "ratio", "odds_ratio"])
def test_standard_errors_are_the_delta_method_of_numerical_derivatives(scale):
    fit = fit_gee(ADJUSTED, family="binomial")
    covariance = small_sample_covariance(fit, correction="kauermann-carroll")

    def contrast(beta):
        effects = marginal_effects(
            ADJUSTED,
            coefficients=beta,
            covariance=covariance,
            treatment="treated",
            link="logit",
            df=14,
        )
        value = getattr(effects, scale).estimate
        return value if scale == "difference" else np.log(value)

    gradient = optimize.approx_fprime(fit.coefficients, contrast, 1e-6)
    found = getattr(gee_effects(ADJUSTED, correction="kauermann-carroll"), scale)
    assert found.std_error == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-4)
    bounds = contrast(fit.coefficients) + stats.t(14).ppf([0.025, 0.975]) * found.std_error
    bounds = bounds if scale == "difference" else np.exp(bounds)
    assert (found.ci_low, found.ci_high) == pytest.approx(bounds, rel=1e-9)


def mixed_effects(fit, patterns, sd):
    return marginal_effects(
        patterns,
        coefficients=fit.coefficients,
        covariance=fit.joint_covariance,
        treatment="treated",
        link="logit",
        df=14.0,
        random_intercept_sd=sd,
    )


def test_mixed_logit_means_are_taken_over_the_random_intercept():
    fit = fit_mixed_logit(PLAIN, profile=False)
    effects = mixed_effects(fit, PLAIN, fit.sd_random_intercept)
    for eta, found in (
        (fit.coefficients.sum(), effects.mean_treated),
        (fit.coefficients[0], effects.mean_control),
    ):
        expected, _ = integrate.quad(
            lambda u, eta=eta: special.expit(eta + fit.sd_random_intercept * u) * stats.norm.pdf(u),
            -9,
            9,
        )
        assert found == pytest.approx(expected, rel=1e-9)
    # Odds ratios over the population are nearer 1 than those within a zone.
    assert 1 < effects.odds_ratio.estimate < np.exp(fit.coefficients[1])


def test_mixed_logit_standard_errors_take_in_the_deviation():
    fit = fit_mixed_logit(ADJUSTED, profile=False)
    theta = np.append(fit.coefficients, fit.sd_random_intercept)

    def difference(at):
        return mixed_effects(
            replace(fit, coefficients=at[:-1]), ADJUSTED, at[-1]
        ).difference.estimate

    gradient = optimize.approx_fprime(theta, difference, 1e-6)
    found = mixed_effects(fit, ADJUSTED, fit.sd_random_intercept).difference
    expected = np.sqrt(gradient @ fit.joint_covariance @ gradient)
    assert found.std_error == pytest.approx(expected, rel=1e-4)


def test_other_arms_are_set_aside():
    three = replace(
        PLAIN,
        columns=("(intercept)", "leaflet", "visit"),
        x=np.column_stack([np.ones(16), np.arange(16) % 3 == 1, np.arange(16) % 3 == 2]).astype(
            float
        ),
    )
    fit = fit_gee(three, family="binomial")
    effects = marginal_effects(
        three,
        coefficients=fit.coefficients,
        covariance=fit.model_covariance,
        treatment="visit",
        other_arms=["leaflet"],
        link="logit",
        df=13,
    )
    assert effects.mean_control == pytest.approx(special.expit(fit.coefficients[0]))
    assert effects.mean_treated == pytest.approx(special.expit(fit.coefficients[[0, 2]].sum()))


def test_rates_have_no_odds_ratio_and_keep_their_exposure():
    counts = replace(PLAIN, sum_y=PLAIN.sum_y * 5, sum_yy=PLAIN.sum_yy * 25)
    offset = np.linspace(0, 1, 16)
    fit = fit_gee(counts, family="poisson", offset=offset)
    effects = marginal_effects(
        counts,
        coefficients=fit.coefficients,
        covariance=small_sample_covariance(fit),
        treatment="treated",
        link="log",
        df=14,
        offset=offset,
    )
    assert effects.odds_ratio is None
    assert effects.mean_control > 1
    test = coefficient_test(fit, "treated")
    assert effects.ratio.estimate == pytest.approx(np.exp(test.estimate))
    assert effects.ratio.std_error == pytest.approx(test.std_error)


def test_negative_means_have_no_ratio():
    x = np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]])
    effects = standardised_effects(
        *x,
        np.ones(1),
        coefficients=np.array([-1.0, 0.4]),
        covariance=np.eye(2),
        link="identity",
        df=5,
    )
    assert effects.difference.estimate == pytest.approx(0.4)
    assert effects.ratio is None
    assert effects.odds_ratio is None


def test_intervals_of_the_risk_difference_cover_with_twelve_zones():
    rng = np.random.default_rng(11)
    covered, replications = 0, 400
    for _ in range(replications):
        units, treated = rng.integers(20, 120, 12), rng.permutation(12) < 6
        share = special.expit(0.9 + rng.normal(0, 0.42, 12))
        events = rng.binomial(units, share).astype(float)
        patterns = CovariatePatterns(
            clusters=np.arange(12).astype(object),
            columns=("(intercept)", "treated"),
            start=np.arange(13),
            x=np.column_stack([np.ones(12), treated]),
            n=units.astype(float),
            sum_y=events,
            sum_yy=events,
        )
        fit = fit_gee(patterns, family="binomial")
        found = marginal_effects(
            patterns,
            coefficients=fit.coefficients,
            covariance=small_sample_covariance(fit),
            treatment="treated",
            link="logit",
            df=10,
        ).difference
        covered += found.ci_low < 0 < found.ci_high
    # Three Monte-Carlo standard errors (.011) around 95 %, and no more than 99 %.
    assert 0.917 < covered / replications < 0.99


def test_swapping_the_arms_flips_and_inverts():
    swapped = PLAIN.x.copy()
    swapped[:, 1] = 1 - swapped[:, 1]
    here, there = gee_effects(PLAIN), gee_effects(replace(PLAIN, x=swapped))
    assert there.difference.estimate == pytest.approx(-here.difference.estimate, rel=1e-6)
    assert there.ratio.estimate == pytest.approx(1 / here.ratio.estimate, rel=1e-6)
    assert there.odds_ratio.p_value == pytest.approx(here.odds_ratio.p_value, rel=1e-5)


def test_wrong_requests_name_the_mend():
    with pytest.raises(InputError, match="'arm' is not a design column"):
        gee_effects(PLAIN, treatment="arm")
    with pytest.raises(InputError, match="other than 0 and 1"):
        gee_effects(ADJUSTED, treatment="age")
    with pytest.raises(InputError, match="link 'probit' is not offered"):
        marginal_effects(
            PLAIN,
            coefficients=np.zeros(2),
            covariance=np.eye(2),
            treatment="treated",
            link="probit",
            df=14,
        )
    fit = fit_mixed_logit(PLAIN, profile=False)
    with pytest.raises(InputError, match=r"shape \(3, 3\) where \(2, 2\)"):
        mixed_effects(fit, PLAIN, None)
