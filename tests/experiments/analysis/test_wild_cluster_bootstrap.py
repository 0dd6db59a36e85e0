import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.statsmodels_ols import row_moments
from experiments.analysis.wild_cluster_bootstrap import VALUES, wild_cluster_bootstrap
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "ols_cluster_robust.json").read_text("utf-8")
)
ROWS = {name: np.array(values, dtype=float) for name, values in REFERENCE["rows"].items()}
NAMES = ("treated", "cold", "own", "age")
# wildboottest 0.3.2 on the rows of the first 12 clusters: B = 99,999, seed 1; Rademacher weights
# are then all 4,096 vectors. It counts |t*| > |t| where this project counts ties too: the observed
# sample and its mirror image, 2 of 4,096.
WILDBOOTTEST = {
    ("treated", "rademacher", True): 0.365234375 + 2 / 4096,
    ("own", "rademacher", True): 0.654296875 + 2 / 4096,
    ("treated", "webb", True): 0.37293,
    ("own", "webb", True): 0.66451,
    ("treated", "rademacher", False): 0.3583984375,
    ("own", "rademacher", False): 0.654296875,
    ("treated", "webb", False): 0.36139,
    ("own", "webb", False): 0.65226,
}


def rng():
    return np.random.default_rng(0)


def first_twelve(correction="CR1"):
    kept = ROWS["g"] <= 12
    design = np.column_stack([np.ones(kept.sum()), *(ROWS[name][kept] for name in NAMES)])
    moments = row_moments(design, ROWS["y"][kept], ROWS["g"][kept], columns=("(intercept)", *NAMES))
    return cluster_robust_fit(moments, correction=correction)


def small_trial(n_clusters, seed=3):
    own = np.random.default_rng(seed)
    g = np.repeat(np.arange(n_clusters), own.integers(3, 12, n_clusters))
    x = np.column_stack([np.ones(len(g)), g % 2, own.normal(size=len(g))]).astype(float)
    y = 0.7 * x[:, 1] + own.normal(0, 0.5, n_clusters)[g] + own.normal(size=len(g))
    return g, x, y


def fit_of(g, x, y, **options):
    moments = row_moments(x, y, g, columns=("(intercept)", "treated", "x"))
    return cluster_robust_fit(moments, **{"correction": "CR1", **options})


def inflate(residual, design, g, power):
    """Residuals times (I - H_gg)^power, row by row, H of the given design."""
    bread = np.linalg.inv(design.T @ design)
    out = np.empty_like(residual)
    for cluster in np.unique(g):
        own = g == cluster
        values, basis = np.linalg.eigh(np.eye(own.sum()) - design[own] @ bread @ design[own].T)
        scale = np.where(values > 1e-8, np.where(values > 1e-8, values, 1.0) ** power, 0.0)
        out[own] = basis @ (
            scale.reshape(-1, *[1] * (residual.ndim - 1)) * (basis.T @ residual[own])
        )
    return out


def by_rows(g, design, y, signs, *, null=0.0, impose=True, jackknife=False, power=0.0):
    """Share of |t*| >= |t| with every bootstrap sample made and fitted on rows."""
    bread = np.linalg.inv(design.T @ design)
    position = np.zeros(design.shape[1])
    position[1] = 1.0

    def statistics(outcomes, centre):
        coefficients = bread @ design.T @ outcomes
        residual = inflate(outcomes - design @ coefficients, design, g, power)
        influence = (design @ bread[1])[:, None] * residual
        sums = np.stack([influence[g == cluster].sum(axis=0) for cluster in np.unique(g)])
        return (coefficients[1] - centre) / np.sqrt(np.sum(sums**2, axis=0))

    used = np.delete(design, 1, axis=1) if impose else design
    target = y - null * design[:, 1] if impose else y
    base = used @ np.linalg.lstsq(used, target)[0] + (null * design[:, 1] if impose else 0.0)
    residual = inflate(y - base, used, g, -1.0) if jackknife else y - base
    centre = null if impose else np.linalg.lstsq(design, y)[0][1]
    observed = statistics(y[:, None], null)[0]
    drawn = statistics(base[:, None] + residual[:, None] * signs[:, g].T, centre)
    return float(np.mean(np.abs(drawn) >= abs(observed) - 1e-9))


def all_signs(n_clusters, weights="rademacher"):
    return np.array(list(itertools.product(VALUES[weights], repeat=n_clusters)))


@pytest.mark.parametrize("null", [0.0, 0.4, -1.0])
@pytest.mark.parametrize(("correction", "power"), [("CR1", 0.0), ("CR2", -0.5), ("CR3", -1.0)])
def test_enumerated_signs_equal_resampled_rows(correction, power, null):
    g, x, y = small_trial(8)
    fit = fit_of(g, x, y, correction=correction)
    found = wild_cluster_bootstrap(fit, "treated", rng=rng(), weights="rademacher", null=null)
    assert found.enumerated
    assert found.n_draws == 128
    assert found.p_value == by_rows(g, x, y, all_signs(8), null=null, power=power)


def test_enumerated_webb_equals_resampled_rows():
    g, x, y = small_trial(5)
    found = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng(), null=0.2)
    assert found.enumerated
    assert found.p_value == by_rows(g, x, y, all_signs(5, "webb"), null=0.2)


def test_absorbed_blocks_equal_resampled_rows_with_dummies():
    g, x, y = small_trial(9)
    block = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
    design = np.column_stack([x, block[g] == 1, block[g] == 2])
    for correction, power in (("CR1", 0.0), ("CR3", -1.0)):
        fit = fit_of(g, x, y, correction=correction, absorbed=block)
        found = wild_cluster_bootstrap(fit, "treated", rng=rng(), weights="rademacher", null=1.0)
        assert found.p_value == by_rows(g, design, y, all_signs(9), null=1.0, power=power)


@pytest.mark.parametrize(
    ("impose", "jackknife", "power"),
    [(True, True, 0.0), (True, True, -1.0), (False, False, 0.0), (False, True, -1.0)],
)
def test_other_variants_equal_resampled_rows(impose, jackknife, power):
    g, x, y = small_trial(8)
    found = wild_cluster_bootstrap(
        fit_of(g, x, y, correction="CR3J" if power else "CR1"),
        "treated",
        rng=rng(),
        weights="rademacher",
        impose_null=impose,
        scores="jackknife" if jackknife else "plain",
        draws=99_999,
        interval=False,
    )
    expected = by_rows(g, x, y, all_signs(8), impose=impose, jackknife=jackknife, power=power)
    # The observed sample is not among the draws, which are taken at random: error below .0016.
    assert not found.enumerated
    assert found.p_value == pytest.approx(expected, abs=0.006)
    assert math.isnan(found.ci_low)


@pytest.mark.parametrize(("column", "weights", "impose"), list(WILDBOOTTEST))
def test_equals_wildboottest(column, weights, impose):
    found = wild_cluster_bootstrap(
        first_twelve("CR1S"), column, rng=rng(), weights=weights, impose_null=impose, draws=49_999
    )
    expected = WILDBOOTTEST[column, weights, impose]
    error = 1e-12 if found.enumerated else 0.01
    assert found.p_value == pytest.approx(expected, abs=error)
    statistic = {"treated": 1.0904415728946646, "own": 0.46334110649574783}[column]
    assert found.statistic == pytest.approx(statistic, rel=1e-9)


@pytest.mark.parametrize("impose", [True, False])
def test_the_interval_inverts_the_test(impose):
    def p_value(null):
        return wild_cluster_bootstrap(
            first_twelve(), "treated", rng=rng(), null=null, impose_null=impose, interval=False
        ).p_value

    found = wild_cluster_bootstrap(first_twelve(), "treated", rng=rng(), impose_null=impose)
    step = 1e-5 * found.std_error
    assert found.ci_low < found.estimate < found.ci_high
    assert p_value(found.ci_high - step) > 0.05 >= p_value(found.ci_high + step)
    assert p_value(found.ci_low + step) > 0.05 >= p_value(found.ci_low - step)


def test_the_estimate_itself_is_never_rejected():
    fit = first_twelve()
    found = wild_cluster_bootstrap(fit, "treated", rng=rng(), null=float(fit.coefficients[1]))
    assert found.p_value == 1.0
    wide = wild_cluster_bootstrap(fit, "treated", rng=rng(), level=0.99)
    assert (wide.ci_low, wide.ci_high) < (found.ci_low, math.inf)
    assert wide.ci_high > found.ci_high


def test_scale_of_the_outcome_does_not_matter():
    g, x, y = small_trial(8)
    first = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng())
    second = wild_cluster_bootstrap(fit_of(g, x, -1e6 * y), "treated", rng=rng())
    assert second.p_value == first.p_value
    assert second.ci_low == pytest.approx(-1e6 * first.ci_high, rel=1e-5)


def test_draws_in_batches_equal_draws_at_once(monkeypatch):
    g, x, y = small_trial(8)
    whole = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng(), weights="rademacher")
    monkeypatch.setattr("experiments.analysis.wild_cluster_bootstrap.BATCH", 50)
    parts = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng(), weights="rademacher")
    assert parts == whole


def test_twelve_zones_keep_the_level_where_cr1_does_not():
    own = np.random.default_rng(2026)
    rejected = np.zeros(2)
    runs = 2_500
    for _ in range(runs):
        size = own.integers(20, 120, 12).astype(float)
        share = 1 / (1 + np.exp(-(0.9 + own.normal(0, 0.42, 12))))
        successes = own.binomial(size.astype(int), share).astype(float)
        design = np.stack([np.ones(12), own.permutation(np.repeat([0.0, 1.0], 6))], axis=1)
        moments = ClusterMoments(
            clusters=np.arange(12).astype(object),
            columns=("(intercept)", "treated"),
            xx=size[:, None, None] * design[:, :, None] * design[:, None, :],
            xy=successes[:, None] * design,
            yy=successes,
            n=size,
        )
        fit = cluster_robust_fit(moments, correction="CR1")
        wild = wild_cluster_bootstrap(fit, "treated", rng=own, draws=399, interval=False)
        plain = coefficient_test(fit, "treated")
        rejected += np.array([wild.p_value, plain.p_value]) <= 0.05
    # Zones of 20 to 119 bins: 5.9 % in 10,000 runs; Monte Carlo standard error here .0045.
    assert rejected[0] / runs == pytest.approx(0.055, abs=0.013)
    assert rejected[0] < rejected[1]


def test_few_clusters_with_rademacher_are_warned_of():
    g, x, y = small_trial(8)
    found = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng(), weights="rademacher")
    assert any("128 distinct statistics: use Webb" in text for text in found.warnings)
    webb = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng())
    assert not any("Webb" in text for text in webb.warnings)


def test_too_few_clusters_to_reject_anything_leave_the_interval_open():
    g, x, y = small_trial(4)
    found = wild_cluster_bootstrap(
        fit_of(g, x, y), "treated", rng=rng(),
        weights="rademacher",
    )  # fmt: skip
    assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)
    assert found.p_value >= 2 / 16
    assert any("interval is open" in text for text in found.warnings)


def test_one_treated_cluster_is_refused_and_two_are_warned_of():
    g, x, y = small_trial(10)
    x[:, 1] = g == 4
    with pytest.raises(AssumptionError, match=r"cluster 4 alone .* randomisation inference"):
        wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng())
    x[:, 1] = np.isin(g, (4, 7))
    found = wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng())
    assert any("4 and 7 alone" in text for text in found.warnings)


def test_an_outcome_without_variation_is_refused():
    g, x, y = small_trial(8)
    with pytest.raises(AssumptionError, match="does not vary"):
        wild_cluster_bootstrap(fit_of(g, x, np.ones_like(y)), "treated", rng=rng())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"weights": "mammen"}, "rademacher, webb"),
        ({"scores": "raw"}, "plain, jackknife"),
        ({"draws": 0}, "draws 0"),
    ],
)
def test_unusable_options_are_named(options, named):
    g, x, y = small_trial(8)
    with pytest.raises(InputError, match=named):
        wild_cluster_bootstrap(fit_of(g, x, y), "treated", rng=rng(), **options)
