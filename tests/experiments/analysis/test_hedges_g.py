from math import inf, sqrt

import numpy as np
import pytest

from experiments.analysis.effect_scales import ArmMeans
from experiments.analysis.hedges_g import hedges_g
from experiments.errors import AssumptionError, InputError


def arm_means(gap, variance, df=inf):
    return ArmMeans(
        control=0, treated=gap, covariance=np.diag([variance / 2, variance / 2]), df=df, share=False
    )


def test_without_clusters_it_is_metafors_hedges_g():
    # metafor 3.8-1 escalc(measure="SMD"), ../references/scales_two_arms.R.
    pooled = (11 * 14.1**2 + 14 * 12.7**2) / 25
    found = hedges_g(
        arm_means(103.2 - 97.5, pooled * (1 / 12 + 1 / 15)), variance=pooled, icc=0,
        cluster_sizes=(np.ones(15), np.ones(12)),
    )  # fmt: skip
    assert found.estimate == pytest.approx(0.414498978758, rel=1e-9)


@pytest.mark.parametrize("icc", [0.02, 0.15, 0.5])
@pytest.mark.parametrize("m", [(5, 5), (9, 4)])
def test_equal_sizes_give_the_printed_formulas_of_hedges_2007(icc, m):
    # Hedges (2007), J. Educ. Behav. Stat. 32: d_T (eq. 15) and its variance, d_W, d_B, with n
    # units in each of mC and mT clusters; the moment-matched degrees of freedom are those of the
    # What Works Clearinghouse handbook 4.1, supplement E.
    n, gap, s_t, s_w, s_b = 20, 3.0, 100.0, 90.0, 14.0
    total, clusters = n * sum(m), sum(m)
    deff = (total / (n * m[0] * n * m[1] / n)) * (1 + (n - 1) * icc)
    sizes = tuple(np.full(count, n) for count in m)
    shrink = 1 - 2 * (n - 1) * icc / (total - 2)
    spread = (
        (total - 2) * (1 - icc) ** 2
        + n * (total - 2 * n) * icc**2
        + 2 * (total - 2 * n) * icc * (1 - icc)
    )
    freedom = ((total - 2) - 2 * (n - 1) * icc) ** 2 / spread
    sigma2 = s_t / shrink
    d = gap / sqrt(s_t) * sqrt(shrink)
    j = 1 - 3 / (4 * freedom - 1)
    found = hedges_g(arm_means(gap, sigma2 * deff), variance=s_t, icc=icc, cluster_sizes=sizes)
    assert found.estimate == pytest.approx(j * d, rel=1e-3)
    assert found.std_error == pytest.approx(j * sqrt(deff + d**2 / (2 * freedom)), rel=1e-3)

    within = hedges_g(
        arm_means(gap, s_w / (1 - icc) * deff), variance=s_w, icc=icc, cluster_sizes=sizes,
        standardiser="within",
    )  # fmt: skip
    d = gap / sqrt(s_w)
    j = 1 - 3 / (4 * (total - clusters) - 1)
    assert within.estimate == pytest.approx(j * d, rel=1e-5)
    assert within.std_error == pytest.approx(
        j * sqrt(deff / (1 - icc) + d**2 / (2 * (total - clusters))), rel=1e-5
    )

    between = hedges_g(
        arm_means(gap, 1.0), variance=s_b, icc=icc, cluster_sizes=sizes, standardiser="between"
    )
    d = gap / sqrt(s_b) * sqrt((1 + (n - 1) * icc) / (n * icc))
    assert between.estimate == pytest.approx(d * (1 - 3 / (4 * (clusters - 2) - 1)), rel=2e-3)


def simulate(sizes, icc, gap, runs, rng):
    """Unit totals of clustered normal data: arm means, pooled total and between variances."""
    means, squares, bars = [], [], []
    for arm, n in enumerate(sizes):
        cluster = gap * arm + rng.normal(0, sqrt(icc), (runs, len(n)))
        bar = cluster + rng.normal(0, 1, (runs, len(n))) * np.sqrt((1 - icc) / n)
        within = (1 - icc) * rng.chisquare(n.sum() - len(n), runs)
        mean = bar @ n / n.sum()
        squares.append(within + ((bar - mean[:, None]) ** 2) @ n)
        means.append(mean)
        bars.append(((bar - bar.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    units = sum(n.sum() for n in sizes)
    clusters = sum(len(n) for n in sizes)
    return means[1] - means[0], sum(squares) / (units - 2), sum(bars) / (clusters - 2)


@pytest.mark.parametrize("standardiser", ["total", "between"])
def test_unbiased_and_covering_with_few_unequal_clusters(standardiser):
    sizes = (np.array([5.0, 60, 20, 8]), np.array([40.0, 4, 30, 12, 25]))
    icc, runs = 0.3, 3000
    unit = 1.0 if standardiser == "total" else sqrt(icc)
    gap = 0.8 * unit
    gaps, total, between = simulate(sizes, icc, gap, runs, np.random.default_rng(2))
    truth_variance = sum(icc * (n**2).sum() / n.sum() ** 2 + (1 - icc) / n.sum() for n in sizes)
    sample = total if standardiser == "total" else between
    found = [
        hedges_g(
            arm_means(one, truth_variance), variance=variance, icc=icc, cluster_sizes=sizes,
            standardiser=standardiser,
        )
        for one, variance in zip(gaps, sample, strict=True)
    ]  # fmt: skip
    estimates = np.array([one.estimate for one in found])
    covered = np.mean([one.ci_low <= 0.8 <= one.ci_high for one in found])
    assert abs(estimates.mean() - 0.8) < 4 * estimates.std() / sqrt(runs)
    assert 0.93 <= covered <= 0.98
    # The naive standardised difference, blind to clustering, is biased upwards.
    if standardiser == "total":
        assert np.mean(gaps / np.sqrt(total)) - 0.8 > 4 * estimates.std() / sqrt(runs)


def test_swapping_the_arms_flips_the_sign():
    sizes = (np.array([4.0, 9, 12]), np.array([10.0, 10]))
    one = hedges_g(arm_means(2, 0.3, 4), variance=5, icc=0.1, cluster_sizes=sizes)
    other = hedges_g(arm_means(-2, 0.3, 4), variance=5, icc=0.1, cluster_sizes=sizes[::-1])
    assert one.estimate == pytest.approx(-other.estimate)
    assert one.ci_low == pytest.approx(-other.ci_high)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"icc": 1.0}, InputError),
        ({"icc": -0.1}, InputError),
        ({"variance": 0.0}, InputError),
        ({"cluster_sizes": (np.array([]), np.ones(3))}, InputError),
        ({"icc": 0.0, "standardiser": "between"}, AssumptionError),
        ({"cluster_sizes": (np.array([30.0]), np.array([30.0])), "standardiser": "between"},
         AssumptionError),
    ],
)  # fmt: skip
def test_refuses(wrong, error):
    right = {"variance": 4.0, "icc": 0.1, "cluster_sizes": (np.full(4, 9), np.full(4, 9))}
    with pytest.raises(error):
        hedges_g(arm_means(1, 0.1), **(right | wrong))
