import dataclasses

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.intraclass_correlation import intraclass_correlation
from experiments.errors import AssumptionError, InputError

# Outputs of tests/experiments/references/intraclass_correlation.R (lme4, geepack, aov), printed
# with ten digits; optimisers stop at about 1e-7.
CLOSED_FORM = {"rel": 1e-9}
OPTIMISED = {"rel": 1e-6}
ESTIMATES = {
    ("anova", "one"): 0.4114800303,
    ("anova", "arms"): 0.3282792963,
    ("anova", "binary"): 0.2136792733,
    ("gee", "one"): 0.3167912468,
    ("gee", "arms"): 0.2195816841,
    ("gee", "binary"): 0.1358762796,
}
GEE_ERRORS = {"one": 0.07299254044, "arms": 0.06441694169, "binary": 0.07271201456}
REML = {"one": 0.4433941494, "arms": 0.3502959979}

SIZE = 3 + (np.arange(1, 15) * 5) % 11
CLUSTER = np.repeat(np.arange(1, 15), SIZE)
UNIT = np.concatenate([np.arange(1, size + 1) for size in SIZE])
ARM = np.arange(1, 15) % 2
MEASURE = np.sin(1.7 * CLUSTER) + 1.5 * np.cos(2.3 * CLUSTER * UNIT) + 0.8 * (CLUSTER % 2)


def sums(values, cluster):
    code = np.unique(cluster, return_inverse=True)[1]
    return {
        "n": np.bincount(code).astype(float),
        "sum_y": np.bincount(code, values),
        "sum_yy": np.bincount(code, values**2),
    }


def case(name):
    values = (MEASURE > 0.6).astype(float) if name == "binary" else MEASURE
    return sums(values, CLUSTER) | ({"arm": ARM} if name == "arms" else {})


@pytest.mark.parametrize(("method", "name"), ESTIMATES)
def test_estimates_equal_those_of_r(method, name):
    found = intraclass_correlation(**case(name), method=method)
    assert found.estimate == pytest.approx(ESTIMATES[method, name], **CLOSED_FORM)


@pytest.mark.parametrize("name", REML)
def test_the_mixed_estimate_is_lme4s(name):
    found = intraclass_correlation(**case(name), method="mixed")
    assert found.estimate == pytest.approx(REML[name], **OPTIMISED)


@pytest.mark.parametrize("name", GEE_ERRORS)
def test_the_gee_interval_is_geepacks_sandwich_with_a_few_cluster_factor_and_t(name):
    found = intraclass_correlation(**case(name), method="gee")
    arms = 2 if name == "arms" else 1
    half = GEE_ERRORS[name] * np.sqrt(14 / (14 - arms)) * stats.t.ppf(0.975, 14 - arms)
    assert found.ci_high == pytest.approx(found.estimate + half, rel=1e-8)


def test_the_profile_interval_ends_where_the_likelihood_ratio_is_the_chi_square_quantile():
    data = case("one")
    found = intraclass_correlation(**data, method="mixed")

    def deviance(icc):
        blocks = [np.eye(size) * (1 - icc) + icc for size in SIZE]
        covariance = np.zeros((len(MEASURE), len(MEASURE)))
        for block, start in zip(blocks, np.cumsum(SIZE) - SIZE, strict=True):
            covariance[start : start + len(block), start : start + len(block)] = block
        inverse, ones = np.linalg.inv(covariance), np.ones(len(MEASURE))
        precision = ones @ inverse @ ones
        residual = MEASURE - ones @ inverse @ MEASURE / precision
        squares = residual @ inverse @ residual
        log_det = np.linalg.slogdet(covariance)[1]
        return (len(MEASURE) - 1) * np.log(squares) + log_det + np.log(precision)

    for end in (found.ci_low, found.ci_high):
        excess = deviance(end) - deviance(found.estimate)
        assert excess == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-4)


def test_zou_and_donners_variance_is_the_exact_delta_variance_of_the_common_correlation_model():
    # Under that model a cluster is all alike with probability icc, else binomial.
    sizes = np.array([3, 5, 9, 14, 20, 8] * 4)
    rows = np.round(sizes * np.tile([0.1, 0.9, 0.2, 0.6, 0.1, 0.4], 4))
    share = rows.sum() / sizes.sum()
    found = intraclass_correlation(n=sizes, sum_y=rows, sum_yy=rows, method="fleiss-cuzick")
    high, total, groups = found.ci_high, sizes.sum(), len(sizes)
    spread = share * (1 - share)
    moments = np.zeros(4)
    for size in sizes:
        y = np.arange(size + 1)
        law = (1 - high) * stats.binom.pmf(y, size, share)
        law[[0, -1]] += high * np.array([1 - share, share])
        mixed = y * (size - y) / size
        mean_mixed, mean_y = law @ mixed, law @ y
        moments += [
            mean_mixed,
            law @ mixed**2 - mean_mixed**2,
            law @ y**2 - mean_y**2,
            law @ (mixed * y) - mean_mixed * mean_y,
        ]
    by_mixed = -1 / ((total - groups) * spread)
    by_share = moments[0] * (1 - 2 * share) / ((total - groups) * spread**2) / total
    variance = (
        by_mixed**2 * moments[1] + by_share**2 * moments[2] + 2 * by_mixed * by_share * moments[3]
    )
    # The interval's end is where the estimate is 1.96 standard errors away.
    assert (high - found.estimate) ** 2 == pytest.approx(3.841459 * variance, rel=1e-6)


def test_fleiss_cuzick_is_one_minus_disagreement_over_chance_disagreement():
    n, y = np.array([4.0, 6.0, 5.0]), np.array([1.0, 5.0, 2.0])
    share = 8 / 15
    expected = 1 - (1 * 3 / 4 + 5 * 1 / 6 + 2 * 3 / 5) / ((15 - 3) * share * (1 - share))
    found = intraclass_correlation(n=n, sum_y=y, sum_yy=y, method="fleiss-cuzick")
    assert found.untruncated == pytest.approx(expected)


def normal_trials(rng, *, clusters, size, icc, trials):
    centre = np.sqrt(icc) * rng.normal(size=(trials, clusters))
    sum_y = size * centre + np.sqrt(size * (1 - icc)) * rng.normal(size=(trials, clusters))
    squares = (1 - icc) * rng.chisquare(size - 1, size=(trials, clusters))
    return sum_y, squares + sum_y**2 / size


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [("anova", 0.94, 0.96), ("mixed", 0.93, 0.985)],
)
def test_intervals_cover_with_twelve_clusters(method, low, high):
    # 2,000 (600) trials: Monte Carlo error .005 (.009). The F interval is exact here.
    trials = 2000 if method == "anova" else 600
    rng = np.random.default_rng(5)
    sum_y, sum_yy = normal_trials(rng, clusters=12, size=20, icc=0.1, trials=trials)
    inside = 0
    for total, square in zip(sum_y, sum_yy, strict=True):
        found = intraclass_correlation(n=np.full(12, 20), sum_y=total, sum_yy=square, method=method)
        inside += found.ci_low <= 0.1 <= found.ci_high
    assert low < inside / trials < high


def test_the_estimate_is_unbiased_at_few_clusters_once_not_truncated():
    rng = np.random.default_rng(6)
    sum_y, sum_yy = normal_trials(rng, clusters=12, size=20, icc=0.05, trials=2000)
    found = [
        intraclass_correlation(n=np.full(12, 20), sum_y=a, sum_yy=b).untruncated
        for a, b in zip(sum_y, sum_yy, strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.05, abs=0.004)


def test_adjusting_for_arms_takes_the_effect_out():
    shifted = sums(MEASURE + 5 * (CLUSTER % 2), CLUSTER) | {"arm": ARM}
    plain = intraclass_correlation(**case("arms"))
    assert intraclass_correlation(**shifted).estimate == pytest.approx(plain.estimate)
    confounded = intraclass_correlation(**sums(MEASURE + 5 * (CLUSTER % 2), CLUSTER))
    assert confounded.estimate > plain.estimate + 0.3


@pytest.mark.parametrize("method", ["anova", "gee", "mixed"])
def test_order_labels_shift_and_scale_do_not_matter(method):
    plain = intraclass_correlation(**case("arms"), method=method)
    order = np.random.default_rng(1).permutation(14)
    moved = sums(7 * MEASURE + 100, CLUSTER) | {"arm": np.where(ARM == 1, "b", "a")}
    again = intraclass_correlation(**{k: v[order] for k, v in moved.items()}, method=method)
    for field in ("estimate", "ci_low", "ci_high"):
        assert getattr(again, field) == pytest.approx(getattr(plain, field), abs=1e-6)


def test_smith_and_swiger_agree_with_each_other_for_equal_sizes_and_many_clusters():
    rng = np.random.default_rng(2)
    sum_y, sum_yy = normal_trials(rng, clusters=400, size=10, icc=0.2, trials=1)
    data = {"n": np.full(400, 10), "sum_y": sum_y[0], "sum_yy": sum_yy[0]}
    smith = intraclass_correlation(**data, interval="smith")
    swiger = intraclass_correlation(**data, interval="swiger")
    exact = intraclass_correlation(**data)
    assert smith.ci_low == pytest.approx(swiger.ci_low, abs=2e-4)
    assert smith.ci_high == pytest.approx(exact.ci_high, abs=5e-3)


def test_the_design_effect_is_that_of_the_actual_sizes():
    found = intraclass_correlation(**case("one"))
    assert found.design_effect == pytest.approx(
        1 + ((SIZE**2).sum() / SIZE.sum() - 1) * found.estimate
    )
    assert (found.n_clusters, found.n_units) == (14, 116)


def test_few_clusters_and_negative_estimates_are_reported():
    few = intraclass_correlation(n=[5, 5, 5], sum_y=[1.0, 2.0, 3.0], sum_yy=[9.0, 9.0, 9.0])
    assert any("Only 3 clusters" in note for note in few.warnings)
    assert few.estimate == 0
    assert few.untruncated < 0
    assert any("negative" in note for note in few.warnings)
    many = intraclass_correlation(**case("one"))
    assert many.warnings == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"n": [1, 1, 1], "sum_y": [1, 2, 3], "sum_yy": [1, 4, 9]}, "one unit"),
        ({"n": [4], "sum_y": [2], "sum_yy": [2]}, "two clusters"),
        ({"n": [4, 4], "sum_y": [2, 1], "sum_yy": [2, 1], "arm": [0, 1]}, "two clusters"),
        (case("one") | {"method": "fleiss-cuzick"}, "0 and 1"),
        (case("binary") | {"method": "fleiss-cuzick", "arm": ARM}, "one group"),
        (case("arms") | {"interval": "smith"}, "searle"),
    ],
)
def test_methods_are_refused_where_they_do_not_apply(data, words):
    with pytest.raises(AssumptionError, match=words):
        intraclass_correlation(**data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"n": [2, 2], "sum_y": [2, 2], "sum_yy": [2, 2]}, "one value"),
        ({"n": [2, 2], "sum_y": [2], "sum_yy": [2, 2]}, "one value for each cluster"),
        ({"n": [2, 0], "sum_y": [2, 0], "sum_yy": [2, 0]}, "at least one unit"),
        (case("one") | {"method": "kappa"}, "kappa"),
        (case("one") | {"interval": "wide"}, "wide"),
    ],
)
def test_unusable_input_is_named(data, words):
    with pytest.raises(InputError, match=words):
        intraclass_correlation(**data)


def test_clusters_without_inner_variation_have_correlation_one():
    for method in ("anova", "mixed"):
        found = intraclass_correlation(
            n=[3, 3, 3], sum_y=[3, 0, 3], sum_yy=[3, 0, 3], method=method
        )
        assert (found.estimate, found.ci_low, found.ci_high) == (1, 1, 1)


def test_the_result_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        intraclass_correlation(**case("one")).estimate = 0.1
