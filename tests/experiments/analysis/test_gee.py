import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from experiments.analysis.gee import fit_gee
from experiments.analysis.gee_small_sample import small_sample_covariance
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError

# R's gee stops within 1e-12 of its fixed point, this package within 1e-8 standard errors.
GEE = 1e-7
# geepack's moments do not subtract the number of coefficients: a slightly different correlation.
# Share of a standard error.
GEEPACK = 1e-2
# statsmodels uses the same moments; both are iterated to convergence.
STATSMODELS = 1e-8
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
    return {
        "g": g,
        "t": t,
        "f": np.column_stack([f == k for k in (1, 2, 3)]),
        "x": x,
        "exposure": 1 + i % 5,
        "event": (uniform < stats.logistic.cdf(eta)).astype(float),
        "score": 3 + 0.4 * t + 0.1 * x + u + np.sin(i * g),
        "count": stats.poisson.ppf(uniform, (1 + i % 5) * np.exp(-0.3 + 0.2 * t + u)),
    }


ROWS = zones()
OUTCOME = {"binomial": "event", "gaussian": "score", "poisson": "count"}
DESIGN = np.column_stack([np.ones(len(ROWS["g"])), ROWS["t"], ROWS["f"], ROWS["x"]])
NAMES = ("(intercept)", "treated", "f1", "f2", "f3", "x")


def zone_patterns(family="binomial"):
    return patterns_of(ROWS[OUTCOME[family]], DESIGN, ROWS["g"], NAMES)


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
    ("case", "family", "working"),
    [
        ("binomial", "binomial", "exchangeable"),
        ("binomial_independence", "binomial", "independence"),
        ("gaussian", "gaussian", "exchangeable"),
    ],
)
def test_equals_r_gee(case, family, working):
    fit = fit_gee(zone_patterns(family), family=family, working=working)
    expected = REFERENCE[case]
    assert fit.coefficients == pytest.approx(expected["coefficients"], rel=GEE)
    assert fit.alpha == pytest.approx(expected["alpha"], rel=GEE, abs=1e-12)
    assert fit.scale == pytest.approx(expected["scale"], rel=GEE)
    assert fit.bread * fit.scale == pytest.approx(np.array(expected["naive"]), rel=1e-6, abs=1e-9)
    robust = small_sample_covariance(fit, correction="robust")
    assert robust == pytest.approx(np.array(expected["robust"]), rel=1e-6, abs=1e-9)
    away = np.abs(fit.coefficients - expected["geepack"]) / np.sqrt(np.diag(robust))
    assert away.max() < GEEPACK


def test_a_rate_with_an_exposure_equals_r_gee():
    design = np.column_stack([np.ones(len(ROWS["g"])), ROWS["t"], ROWS["x"], ROWS["exposure"]])
    by_exposure = patterns_of(ROWS["count"], design, ROWS["g"], ("1", "t", "x", "exposure"))
    patterns = replace(by_exposure, x=by_exposure.x[:, :3], columns=("1", "t", "x"))
    fit = fit_gee(patterns, family="poisson", offset=np.log(by_exposure.x[:, 3]))
    expected = REFERENCE["poisson"]
    assert fit.coefficients == pytest.approx(expected["coefficients"], rel=GEE)
    assert fit.alpha == pytest.approx(expected["alpha"], rel=GEE)
    robust = small_sample_covariance(fit, correction="robust")
    assert robust == pytest.approx(np.array(expected["robust"]), rel=1e-6, abs=1e-9)
    away = np.abs(fit.coefficients - expected["geepack"]) / np.sqrt(np.diag(robust))
    assert away.max() < GEEPACK


@pytest.mark.parametrize("working", ["exchangeable", "independence"])
@pytest.mark.parametrize(
    ("family", "link"),
    [
        ("gaussian", None),
        ("poisson", None),
        ("binomial", None),
        ("binomial", "identity"),
        ("binomial", "log"),
    ],
)
@pytest.mark.filterwarnings("ignore:The .* link function does not respect")
def test_coefficients_and_every_covariance_equal_statsmodels(family, link, working):
    structure = {
        "exchangeable": sm.cov_struct.Exchangeable,
        "independence": sm.cov_struct.Independence,
    }[working]
    links = {"identity": sm.families.links.Identity(), "log": sm.families.links.Log(), None: None}
    families = {
        "gaussian": sm.families.Gaussian,
        "poisson": sm.families.Poisson,
        "binomial": sm.families.Binomial,
    }
    model = sm.GEE(
        ROWS[OUTCOME[family]],
        DESIGN,
        groups=ROWS["g"],
        family=families[family](link=links[link]) if link else families[family](),
        cov_struct=structure(),
    )
    theirs = model.fit(cov_type="bias_reduced", ctol=1e-10, maxiter=300)
    ours = fit_gee(zone_patterns(family), family=family, link=link, working=working)

    def close(mine, other):
        assert mine == pytest.approx(other, abs=STATSMODELS * np.abs(other).max())

    close(ours.coefficients, np.asarray(theirs.params))
    close(ours.model_covariance, theirs.cov_naive)
    close(small_sample_covariance(ours, correction="robust"), theirs.cov_robust)
    close(small_sample_covariance(ours, correction="mancl-derouen"), theirs.cov_robust_bc)


@pytest.mark.parametrize("family", ["binomial", "gaussian", "poisson"])
def test_counts_give_what_single_rows_give(family):
    y = ROWS[OUTCOME[family]]
    order = np.argsort(ROWS["g"], kind="stable")
    single = CovariatePatterns(
        clusters=np.unique(ROWS["g"]).astype(object),
        columns=NAMES,
        start=np.append(np.unique(ROWS["g"], return_index=True)[1], len(y)),
        x=DESIGN[order].astype(float),
        n=np.ones(len(y)),
        sum_y=y[order],
        sum_yy=y[order] ** 2,
    )
    one, many = fit_gee(zone_patterns(family), family=family), fit_gee(single, family=family)
    assert len(zone_patterns(family).n) < len(y)
    assert one.coefficients == pytest.approx(many.coefficients, abs=1e-9)
    assert one.information == pytest.approx(many.information, rel=1e-7, abs=1e-7)
    assert one.scores == pytest.approx(many.scores, abs=1e-7)
    assert one.n_units == many.n_units == len(y)


def test_order_of_rows_and_names_of_zones_do_not_matter():
    rng = np.random.default_rng(0)
    order, names = rng.permutation(len(ROWS["g"])), rng.permutation(13)
    shuffled = patterns_of(ROWS["event"][order], DESIGN[order], names[ROWS["g"][order]], NAMES)
    here = fit_gee(zone_patterns(), family="binomial")
    there = fit_gee(shuffled, family="binomial")
    assert there.coefficients == pytest.approx(here.coefficients, abs=1e-9)
    assert there.alpha == pytest.approx(here.alpha, abs=1e-9)


def test_swapping_the_arms_flips_the_sign():
    swapped = zone_patterns()
    x = swapped.x.copy()
    x[:, 1] = 1 - x[:, 1]
    here = fit_gee(swapped, family="binomial").coefficients[1]
    there = fit_gee(replace(swapped, x=x), family="binomial").coefficients[1]
    assert there == pytest.approx(-here, rel=1e-7)


def test_columns_of_the_cluster_level_are_recognised():
    fit = fit_gee(zone_patterns(), family="binomial")
    assert fit.between.tolist() == [True, True, False, False, False, False]
    constant_in_one = zone_patterns()
    x = constant_in_one.x.copy()
    x[: constant_in_one.start[1], 5] = 0.25
    fit = fit_gee(replace(constant_in_one, x=x), family="binomial")
    assert fit.between.tolist() == [True, True, False, False, False, False]


def test_an_arm_without_events_is_refused_with_a_way_out():
    patterns = counts([0, 0, 0, 4, 5, 6], [30] * 6, [1, 1, 1, 0, 0, 0])
    with pytest.raises(AssumptionError, match=r"treated = 1: every outcome is 0.*randomisation"):
        fit_gee(patterns, family="binomial")
    with pytest.raises(AssumptionError, match="treated = 1"):
        fit_gee(patterns, family="poisson")
    full = counts([30, 30, 30, 4, 5, 6], [30] * 6, [1, 1, 1, 0, 0, 0])
    with pytest.raises(AssumptionError, match="every outcome is 1"):
        fit_gee(full, family="binomial")


def test_covariates_that_separate_the_outcomes_are_refused():
    y = (DESIGN[:, 5] > 0).astype(float)
    patterns = patterns_of(y, DESIGN[:, [0, 1, 5]], ROWS["g"], ("1", "t", "x"))
    with pytest.raises(AssumptionError, match="separate the outcomes"):
        fit_gee(patterns, family="binomial")


def test_an_outcome_that_does_not_vary_is_refused():
    flat = patterns_of(np.full(len(DESIGN), 2.0), DESIGN, ROWS["g"], NAMES)
    with pytest.raises(AssumptionError, match="does not vary"):
        fit_gee(flat, family="gaussian")


def test_a_correlation_outside_its_range_falls_back_to_independence():
    # One share in every cluster: less spread than independence gives, more than 200 units allow.
    patterns = counts([10, 10, 10, 10, 10, 10, 10, 67], [30] * 7 + [200], [0, 1] * 4)
    fit = fit_gee(patterns, family="binomial")
    assert fit.working == "independence"
    assert fit.alpha == 0
    assert "independence was used" in fit.warnings[0]
    plain = fit_gee(patterns, family="binomial", working="independence")
    assert fit.coefficients == pytest.approx(plain.coefficients)


def test_a_fit_that_does_not_converge_says_so():
    with pytest.raises(AssumptionError, match="did not converge in 2 iterations"):
        fit_gee(zone_patterns(), family="binomial", max_iterations=2)


@pytest.mark.filterwarnings("error")
def test_a_log_link_that_leaves_the_unit_interval_is_refused():
    rng = np.random.default_rng(1)
    x = rng.normal(size=600)
    y = (rng.random(600) < stats.logistic.cdf(2 + 3 * x)).astype(float)
    design = np.column_stack([np.ones(600), x])
    patterns = patterns_of(y, design, np.repeat(np.arange(12), 50), ("1", "x"))
    with pytest.raises(AssumptionError, match=r"logit link|canonical link"):
        fit_gee(patterns, family="binomial", link="log")


def test_wrong_requests_name_the_mend():
    patterns = zone_patterns()
    twice = np.column_stack([patterns.x, 2 * patterns.x[:, 1] - 1])
    with pytest.raises(InputError, match="collinear: drop or merge"):
        fit_gee(replace(patterns, x=twice, columns=(*NAMES, "again")), family="binomial")
    with pytest.raises(InputError, match="poisson with link logit is not offered"):
        fit_gee(patterns, family="poisson", link="logit")
    with pytest.raises(InputError, match="values outside 0-1"):
        fit_gee(zone_patterns("gaussian"), family="binomial")
    with pytest.raises(InputError, match="negative values"):
        fit_gee(replace(patterns, sum_y=-patterns.sum_y), family="poisson")
    with pytest.raises(InputError, match="offset"):
        fit_gee(patterns, family="poisson", offset=[1.0])


# Binary trials whose correlation leaves its range on the way to a fixed point inside it.
ON_THE_WAY = {
    "first estimate below the range": (
        [5, 8, 20, 14, 4, 10, 13, 4, 20, 3, 9, 10, 9, 15, 18, 30],
        [6, 9, 37, 21, 6, 14, 16, 7, 31, 6, 13, 18, 14, 21, 31, 54],
        np.repeat([0, 1, 2, 3], 4),
    ),
    "estimates that jump from side to side": (
        [15, 16, 3, 14, 4, 3, 15, 1, 16, 12, 18, 5],
        [50, 56, 13, 54, 16, 12, 59, 7, 58, 44, 58, 14],
        np.zeros(12),
    ),
}


@pytest.mark.parametrize("case", ON_THE_WAY)
def test_a_correlation_inside_its_range_is_reached_from_outside(case):
    events, units, stratum = ON_THE_WAY[case]
    plain = counts(events, units, np.arange(len(units)) % 2)
    dummies = np.equal.outer(stratum, np.unique(stratum)[1:]).astype(float)
    names = tuple(f"s{j}" for j in range(dummies.shape[1]))
    patterns = replace(plain, x=np.hstack([plain.x, dummies]), columns=(*plain.columns, *names))
    fit = fit_gee(patterns, family="binomial")
    assert fit.working == "exchangeable"
    assert fit.warnings == ()
    assert -1 / (max(units) - 1) < fit.alpha < 0
    # Fixed point: the equations hold at alpha, and the residuals give alpha back.
    assert fit.scores.sum(axis=0) == pytest.approx(0, abs=1e-6)
    sizes, mu = np.asarray(units), stats.logistic.cdf(patterns.x @ fit.coefficients)
    variance = mu * (1 - mu)
    total = (events - sizes * mu) / np.sqrt(variance)
    squares = np.sum((events * (1 - mu) ** 2 + (sizes - events) * mu**2) / variance)
    pairs = np.sum(sizes * (sizes - 1)) / 2 - len(fit.columns)
    assert (np.sum(total**2) - squares) / 2 / fit.scale / pairs == pytest.approx(fit.alpha)


def test_a_correlation_reached_from_outside_its_range_equals_statsmodels():
    events, units, stratum = ON_THE_WAY["first estimate below the range"]
    zone = np.repeat(np.arange(len(units)), units)
    y = np.concatenate([np.arange(n) < e for e, n in zip(events, units, strict=True)]) * 1.0
    dummies = np.equal.outer(stratum, [1, 2, 3])[zone]
    design = np.column_stack([np.ones(len(y)), zone % 2, dummies]).astype(float)
    theirs = sm.GEE(
        y, design, groups=zone, family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(ctol=1e-12, maxiter=500)  # fmt: skip
    ours = fit_gee(patterns_of(y, design, zone, ("1", "t", "s1", "s2", "s3")), family="binomial")
    assert ours.alpha == pytest.approx(theirs.cov_struct.dep_params, rel=1e-6)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)


def test_a_gaussian_outcome_far_from_zero_gives_the_same_effect():
    here = fit_gee(zone_patterns("gaussian"), family="gaussian")
    near = zone_patterns("gaussian")
    within = near.sum_yy - near.sum_y**2 / near.n
    far = replace(near, sum_y=near.sum_y + 1e9 * near.n, sum_yy=near.sum_yy * 0, within=within)
    there = fit_gee(far, family="gaussian")
    assert there.coefficients[1:] == pytest.approx(here.coefficients[1:], rel=1e-5, abs=1e-6)
    assert there.coefficients[0] - 1e9 == pytest.approx(here.coefficients[0], abs=1e-5)
    assert there.alpha == pytest.approx(here.alpha, rel=1e-5)
    assert there.scale == pytest.approx(here.scale, rel=1e-5)
