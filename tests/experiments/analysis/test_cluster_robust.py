import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.statsmodels_ols import row_moments
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError

# clubSandwich, estimatr and statsmodels agree to rounding; made by ols_cluster_robust.R.
TOLERANCE = 1e-9
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "ols_cluster_robust.json").read_text("utf-8")
)
ROWS = {name: np.array(values, dtype=float) for name, values in REFERENCE["rows"].items()}
NAMES = ("treated", "cold", "own", "age")


def moments_of(n_clusters, weights=None, names=NAMES, clusters=None):
    kept = ROWS["g"] <= n_clusters
    design = np.column_stack([np.ones(kept.sum()), *(ROWS[name][kept] for name in names)])
    groups = ROWS["g"][kept] if clusters is None else clusters
    chosen = None if weights is None else weights[kept]
    return row_moments(
        design, ROWS["y"][kept], groups, columns=("(intercept)", *names), weights=chosen
    )


def reference_case(case):
    n_clusters, _, weighted = case.partition(" ")
    return moments_of(int(n_clusters), ROWS["w"] if weighted else None)


def two_arms(treated, successes, size):
    """Moments of an indicator of treatment and a binary outcome counted by cluster."""
    design = np.stack([np.ones(len(size)), treated], axis=1)
    return ClusterMoments(
        clusters=np.array([f"zone {g}" for g in range(len(size))], dtype=object),
        columns=("(intercept)", "treated"),
        xx=size[:, None, None] * design[:, :, None] * design[:, None, :],
        xy=successes[:, None] * design,
        yy=successes,
        n=size,
    )


@pytest.mark.parametrize("correction", ["CR0", "CR1", "CR1S", "CR2", "CR3"])
@pytest.mark.parametrize("case", list(REFERENCE["cases"]))
def test_equals_clubsandwich(case, correction):
    expected = REFERENCE["cases"][case][correction]
    fit = cluster_robust_fit(reference_case(case), correction=correction)
    assert fit.coefficients == pytest.approx(expected["beta"], rel=TOLERANCE)
    size = np.abs(expected["vcov"]).max()
    assert fit.covariance == pytest.approx(np.array(expected["vcov"]), abs=TOLERANCE * size)
    tests = [coefficient_test(fit, name, df="satterthwaite") for name in fit.columns]
    assert [test.df for test in tests] == pytest.approx(expected["df"], rel=TOLERANCE)
    assert [test.p_value for test in tests] == pytest.approx(expected["p"], rel=TOLERANCE)


@pytest.mark.parametrize("case", ["6", "12", "40"])
def test_cr2_equals_estimatr(case):
    fit = cluster_robust_fit(reference_case(case))
    tests = [coefficient_test(fit, name) for name in fit.columns]
    expected = REFERENCE["cases"][case]["estimatr"]
    assert [test.std_error for test in tests] == pytest.approx(expected["se"], rel=TOLERANCE)
    assert [test.df for test in tests] == pytest.approx(expected["df"], rel=TOLERANCE)


def test_weights_constant_inside_clusters_equal_clubsandwich_inverse_variance():
    fit = cluster_robust_fit(moments_of(12, 1 + ROWS["g"] % 4))
    tests = [coefficient_test(fit, name) for name in fit.columns]
    expected = REFERENCE["by_cluster"]
    assert [test.std_error for test in tests] == pytest.approx(expected["se"], rel=TOLERANCE)
    assert [test.df for test in tests] == pytest.approx(expected["df"], rel=TOLERANCE)


@pytest.mark.parametrize(("correction", "name"), [("CR1S", "HC1"), ("CR2", "HC2"), ("CR3", "HC3")])
def test_clusters_of_one_unit_give_heteroskedastic_variances(correction, name):
    moments = moments_of(40, clusters=np.arange(len(ROWS["g"])))
    fit = cluster_robust_fit(moments, correction=correction)
    design = np.column_stack([np.ones(len(ROWS["y"])), *(ROWS[column] for column in NAMES)])
    peer = sm.OLS(ROWS["y"], design).fit(cov_type=name)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(peer.bse, rel=TOLERANCE)


def test_cr1s_with_g_minus_1_equals_statsmodels():
    test = coefficient_test(cluster_robust_fit(moments_of(40), correction="CR1S"), "treated")
    design = np.column_stack([np.ones(len(ROWS["y"])), *(ROWS[column] for column in NAMES)])
    peer = sm.OLS(ROWS["y"], design).fit(
        cov_type="cluster", cov_kwds={"groups": ROWS["g"]}, use_t=True
    )
    assert test.p_value == pytest.approx(peer.pvalues[1], rel=TOLERANCE)
    assert [test.ci_low, test.ci_high] == pytest.approx(peer.conf_int()[1], rel=TOLERANCE)


def test_cr3j_is_the_jackknife_over_clusters():
    moments = moments_of(12)
    full = cluster_robust_fit(moments, correction="CR3J")
    left = []
    for g in range(moments.n_clusters):
        kept = np.arange(moments.n_clusters) != g
        part = replace(
            moments,
            clusters=moments.clusters[kept],
            xx=moments.xx[kept],
            xy=moments.xy[kept],
            yy=moments.yy[kept],
            n=moments.n[kept],
        )
        left.append(cluster_robust_fit(part).coefficients - full.coefficients)
    expected = 11 / 12 * np.array(left).T @ np.array(left)
    assert full.covariance == pytest.approx(expected, rel=1e-8)


def test_more_clusters_than_are_decomposed_at_once_equal_the_dense_formula(monkeypatch):
    monkeypatch.setattr("experiments.analysis.cluster_leverage.BATCH", 64)
    rng = np.random.default_rng(3)
    n = 300
    x = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.normal(size=n)])
    y = x[:, 1] + rng.normal(size=n)
    moments = row_moments(x, y, np.arange(n), columns=("(intercept)", "treated", "x"))
    test = coefficient_test(cluster_robust_fit(moments), "treated")
    bread = np.linalg.inv(x.T @ x)
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    q = (x @ bread[1]) / np.sqrt(1 - leverage)
    p = np.diag(q**2) - (q[:, None] * x) @ bread @ (q[:, None] * x).T
    assert test.df == pytest.approx(np.trace(p) ** 2 / np.sum(p**2), rel=1e-8)
    assert test.std_error == pytest.approx(sm.OLS(y, x).fit(cov_type="HC2").bse[1], rel=1e-9)


def test_order_and_labels_of_clusters_do_not_matter():
    rng = np.random.default_rng(5)
    kept = ROWS["g"] <= 12
    order = rng.permutation(kept.sum())
    names = np.array([f"zone {int(99 - g)}" for g in ROWS["g"][kept]])
    design = np.column_stack([np.ones(kept.sum()), *(ROWS[name][kept] for name in NAMES)])
    shuffled = row_moments(
        design[order], ROWS["y"][kept][order], names[order], columns=("(intercept)", *NAMES)
    )
    first = coefficient_test(cluster_robust_fit(moments_of(12)), "treated")
    second = coefficient_test(cluster_robust_fit(shuffled), "treated")
    for name in ("estimate", "std_error", "df", "p_value", "ci_low", "ci_high"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), rel=1e-9)


def test_swapping_the_arms_flips_the_sign():
    treated = np.array([0.0, 1, 0, 1, 0, 1, 1, 0])
    size = np.array([30.0, 22, 41, 17, 25, 33, 28, 36])
    successes = np.array([12.0, 15, 18, 9, 9, 21, 14, 15])
    first = coefficient_test(cluster_robust_fit(two_arms(treated, successes, size)), "treated")
    second = coefficient_test(cluster_robust_fit(two_arms(1 - treated, successes, size)), "treated")
    assert second.estimate == pytest.approx(-first.estimate, rel=1e-10)
    assert second.ci_low == pytest.approx(-first.ci_high, rel=1e-10)
    assert second.p_value == pytest.approx(first.p_value, rel=1e-10)


def test_a_difference_of_two_columns_equals_recoded_arms():
    fit = cluster_robust_fit(moments_of(12))
    weights = np.array([0.0, 1, -1, 0, 0])
    test = coefficient_test(fit, weights, null=0.25)
    gap = fit.coefficients[1] - fit.coefficients[2]
    assert test.estimate == pytest.approx(gap, rel=1e-12)
    assert test.statistic == pytest.approx((gap - 0.25) / test.std_error, rel=1e-12)
    assert test.std_error == pytest.approx(np.sqrt(weights @ fit.covariance @ weights), rel=1e-12)


def test_reference_distributions():
    fit = cluster_robust_fit(moments_of(12), correction="CR1")
    assert coefficient_test(fit, "treated").df == 11
    assert coefficient_test(fit, "treated", df="g-p").df == 7
    normal = coefficient_test(fit, "treated", df="normal")
    assert normal.ci_high - normal.estimate == pytest.approx(1.959963985 * normal.std_error)
    wide = coefficient_test(fit, "treated", level=0.99)
    assert wide.ci_high > coefficient_test(fit, "treated").ci_high


def test_collinear_columns_are_left_out_and_named():
    moments = moments_of(12, names=("treated", "cold", "own", "age", "treated"))
    moments = replace(moments, columns=("(intercept)", *NAMES, "again"))
    fit = cluster_robust_fit(moments)
    assert fit.columns == ("(intercept)", *NAMES)
    assert fit.dropped == ("again",)
    assert "again" in fit.warnings[0]
    assert coefficient_test(fit, "treated").std_error == pytest.approx(
        coefficient_test(cluster_robust_fit(moments_of(12)), "treated").std_error, rel=1e-9
    )
    with pytest.raises(AssumptionError, match="'again' is collinear"):
        coefficient_test(fit, "again")


def test_twelve_zones_keep_the_level_with_cr2_and_not_with_cr1():
    rng = np.random.default_rng(2026)
    rejected = {"CR1": 0, "CR2": 0, "CR3": 0}
    runs = 2_500
    for _ in range(runs):
        size = rng.integers(20, 120, 12).astype(float)
        share = 1 / (1 + np.exp(-(0.9 + rng.normal(0, 0.42, 12))))
        successes = rng.binomial(size.astype(int), share).astype(float)
        moments = two_arms(rng.permutation(np.repeat([0.0, 1.0], 6)), successes, size)
        for correction in rejected:
            test = coefficient_test(cluster_robust_fit(moments, correction=correction), "treated")
            rejected[correction] += test.p_value <= 0.05
    # Monte Carlo standard error .0044; .057 and .078 were found with the row-wise formulae.
    assert rejected["CR2"] / runs == pytest.approx(0.057, abs=0.012)
    assert rejected["CR1"] / runs == pytest.approx(0.078, abs=0.012)
    assert rejected["CR3"] < rejected["CR2"]


def test_an_arm_of_one_cluster_is_refused_and_named():
    size = np.full(8, 20.0)
    treated = np.array([0.0, 0, 0, 1, 0, 0, 0, 0])
    fit = cluster_robust_fit(two_arms(treated, np.arange(8.0) + 4, size))
    with pytest.raises(AssumptionError, match=r"zone 3 alone .* randomisation inference"):
        coefficient_test(fit, "treated")


def test_another_arm_of_one_cluster_does_not_matter():
    size = np.full(8, 20.0)
    arms = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    design = np.stack([np.ones(8), arms == 1, arms == 2], axis=1).astype(float)
    moments = ClusterMoments(
        clusters=np.arange(8).astype(object),
        columns=("(intercept)", "letter", "visit"),
        xx=size[:, None, None] * design[:, :, None] * design[:, None, :],
        xy=(np.arange(8.0) + 4)[:, None] * design,
        yy=np.arange(8.0) + 4,
        n=size,
    )
    fit = cluster_robust_fit(moments)
    # Equal clusters, three against four: Welch's degrees of freedom under equal variances.
    welch = (1 / 3 + 1 / 4) ** 2 / ((1 / 3) ** 2 / 2 + (1 / 4) ** 2 / 3)
    assert coefficient_test(fit, "letter").df == pytest.approx(welch, rel=1e-9)
    with pytest.raises(AssumptionError, match="cluster 7 alone"):
        coefficient_test(fit, "visit")


def test_two_clusters_in_an_arm_are_warned_of():
    size = np.full(10, 20.0)
    treated = np.isin(np.arange(10), (2, 6)).astype(float)
    test = coefficient_test(
        cluster_robust_fit(two_arms(treated, np.arange(10.0) + 4, size)), "treated"
    )
    assert any("zone 2 and zone 6 alone" in text for text in test.warnings)
    assert any("under 4" in text for text in test.warnings)


def test_two_clusters_are_refused():
    moments = two_arms(np.array([0.0, 1]), np.array([3.0, 7]), np.array([20.0, 20]))
    with pytest.raises(AssumptionError, match="2 clusters"):
        coefficient_test(cluster_robust_fit(moments), "treated")


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_an_outcome_without_variation_is_refused(share):
    size = np.array([20.0, 30, 40, 20, 10, 60])
    moments = two_arms(np.array([0.0, 1, 0, 1, 0, 1]), share * size, size)
    with pytest.raises(AssumptionError, match="does not vary"):
        coefficient_test(cluster_robust_fit(moments), "treated")


def test_a_tiny_outcome_is_not_taken_for_a_constant_one():
    size = np.array([20.0, 30, 40, 20, 10, 60])
    successes = np.array([3.0, 9, 8, 2, 4, 22])
    moments = two_arms(np.array([0.0, 1, 0, 1, 0, 1]), successes, size)
    tiny = replace(moments, xy=moments.xy * 1e-15, yy=moments.yy * 1e-30)
    first = coefficient_test(cluster_robust_fit(moments), "treated")
    assert coefficient_test(cluster_robust_fit(tiny), "treated").p_value == pytest.approx(
        first.p_value, rel=1e-9
    )


def test_few_clusters_with_cr1_are_warned_of():
    test = coefficient_test(cluster_robust_fit(moments_of(12), correction="CR1"), "treated")
    assert any("prefer CR2" in text for text in test.warnings)
    assert coefficient_test(cluster_robust_fit(moments_of(40)), "treated").warnings == ()


def test_no_degrees_of_freedom_are_refused():
    fit = cluster_robust_fit(moments_of(5), correction="CR1")
    with pytest.raises(AssumptionError, match="no degrees of freedom"):
        coefficient_test(fit, "age", df="g-p")


def test_unusable_requests_are_named():
    with pytest.raises(InputError, match="CR0, CR1"):
        cluster_robust_fit(moments_of(6), correction="CR9")
    fit = cluster_robust_fit(moments_of(6))
    with pytest.raises(InputError, match="'letter' is not a fitted column"):
        coefficient_test(fit, "letter")
    with pytest.raises(InputError, match="5 finite weights"):
        coefficient_test(fit, [1.0, 0.0])
    with pytest.raises(InputError, match="not all 0"):
        coefficient_test(fit, np.zeros(5))
    with pytest.raises(InputError, match="df 't'"):
        coefficient_test(fit, "treated", df="t")
    broken = moments_of(6)
    broken.xy[2, 1] = np.nan
    with pytest.raises(InputError, match=r"cluster 3.* not finite"):
        cluster_robust_fit(broken)


def test_fewer_units_than_parameters_are_refused():
    moments = row_moments(np.eye(3), np.arange(3.0), np.arange(3), columns=("a", "b", "c"))
    with pytest.raises(AssumptionError, match="3 units for 3 parameters"):
        cluster_robust_fit(moments)
