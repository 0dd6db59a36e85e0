import numpy as np
import pytest
from scipy import stats

from experiments.analysis.mantel_haenszel import (
    mantel_haenszel_difference,
    mantel_haenszel_ratio,
    stratum_counts,
)
from experiments.errors import AssumptionError, InputError

# Events and units of the arm, then of the control. Deaths on tolbutamide and placebo under and
# over 55 (University Group Diabetes Program 1970); tuberculosis after BCG (Colditz et al. 1994).
UGDP = np.array([[8, 106, 5, 120], [22, 98, 16, 85]])
BCG = np.array([
    [4, 123, 11, 139], [6, 306, 29, 303], [3, 231, 11, 220], [62, 13598, 248, 12867],
    [33, 5069, 47, 5808], [180, 1541, 372, 1451], [8, 2545, 10, 629], [505, 88391, 499, 88391],
    [29, 7499, 45, 7277], [17, 1716, 65, 1665], [186, 50634, 141, 27338], [5, 2498, 3, 2341],
    [27, 16913, 29, 17854],
])  # fmt: skip
# metafor 3.8-1 rma.mh, ../references/meta_mantel_haenszel.R: estimate, s.e., interval, p.
METAFOR = {
    "ugdp": {
        "ratio": (0.281831484205, 0.258981628015, -0.225763179362, 0.789426147772, 0.276493742213),
        "difference": (
            0.0349002693369, 0.0319026858873, -0.0276278460122, 0.0974283846861, 0.273972424472),
    },
    "bcg": {
        "ratio": (
            -0.453709604684, 0.0393373668713, -0.530809426998, -0.376609782369, 8.91137967074e-31),
        "difference": (
            -0.00328818183261, 0.000286656748527, -0.00385001873565, -0.00272634492957,
            1.84944534583e-30),
    },
}  # fmt: skip


def counts_of(table):
    """One row for each stratum and arm."""
    a, n1, c, n0 = np.asarray(table).T
    size = len(a)
    return stratum_counts(
        stratum=np.tile(np.arange(size), 2),
        treated=np.repeat([True, False], size),
        events=np.concatenate([a, c]),
        n=np.concatenate([n1, n0]),
    )


@pytest.mark.parametrize("name", METAFOR)
def test_reproduces_metafor(name):
    counts = counts_of(UGDP if name == "ugdp" else BCG)
    ratio = mantel_haenszel_ratio(counts, variance="greenland-robins")
    assert (
        np.log(ratio.estimate), ratio.std_error, np.log(ratio.ci_low), np.log(ratio.ci_high),
        ratio.p_value,
    ) == pytest.approx(METAFOR[name]["ratio"], rel=1e-9)  # fmt: skip
    points = mantel_haenszel_difference(counts, variance="sato")
    assert (
        points.estimate, points.std_error, points.ci_low, points.ci_high, points.p_value,
    ) == pytest.approx(METAFOR[name]["difference"], rel=1e-9)  # fmt: skip


def test_greenland_robins_is_the_variance_of_independent_binomials():
    a, n1, c, n0 = UGDP.T
    weight = n1 * n0 / (n1 + n0)
    binomial = a / n1 * (1 - a / n1) / n1 + c / n0 * (1 - c / n0) / n0
    found = mantel_haenszel_difference(counts_of(UGDP), variance="greenland-robins")
    assert found.std_error == pytest.approx(np.sqrt(weight**2 @ binomial) / weight.sum())


def test_one_stratum_between_clusters_is_cr2_of_the_linear_probability_model():
    # clubSandwich coef_test, ../references/meta_mantel_haenszel.R.
    counts = stratum_counts(
        stratum=np.zeros(8), treated=[1, 1, 1, 0, 0, 0, 0, 0], events=[8, 3, 14, 5, 9, 4, 11, 2],
        n=[20, 11, 37, 15, 22, 18, 40, 13],
    )  # fmt: skip
    found = mantel_haenszel_difference(counts, variance="cluster")
    assert (found.estimate, found.std_error, found.df, found.p_value) == pytest.approx(
        (0.0806100217865, 0.0421003515254, 3.6027888197, 0.135862432847), rel=1e-9
    )


def test_klingenbergs_ends_are_where_satos_test_starts_to_reject():
    counts = counts_of(UGDP)
    found = mantel_haenszel_difference(counts, variance="klingenberg")
    a, n1, c, n0 = UGDP.T.astype(float)
    total = n1 + n0
    weight = (n1 * n0 / total).sum()
    for end in (found.ci_low, found.ci_high):
        slope = ((n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / total**2).sum()
        base = ((a * (n0 - c) + c * (n1 - a)) / (2 * total)).sum()
        statistic = (found.estimate - end) * weight / np.sqrt(end * slope + base)
        assert abs(statistic) == pytest.approx(stats.norm.isf(0.025))


def test_many_sparse_strata_leave_sato_and_klingenberg_at_their_level():
    rng, runs, strata = np.random.default_rng(3), 1500, 40
    risk = rng.uniform(0.1, 0.6, strata)
    held = dict.fromkeys(("sato", "klingenberg"), 0)
    for _ in range(runs):
        table = np.stack([
            rng.binomial(2, risk + 0.15), np.full(strata, 2), rng.binomial(3, risk),
            np.full(strata, 3),
        ], axis=1)  # fmt: skip
        counts = counts_of(table)
        for variance in held:
            found = mantel_haenszel_difference(counts, variance=variance)
            held[variance] += found.ci_low <= 0.15 <= found.ci_high
    # Monte Carlo s.e. .0056.
    for variance, count in held.items():
        assert count / runs == pytest.approx(0.95, abs=0.017), variance


def blocked_trial(rng, blocks, per_arm, units=40, icc=0.08, base=0.3):
    """Counts by cluster: beta-binomial clusters, randomised within blocks, no effect."""
    spread = 1 / icc - 1
    stratum = np.repeat(np.arange(blocks), 2 * per_arm)
    block_risk = np.clip(base + 0.08 * np.sin(np.arange(blocks)), 0.05, 0.95)[stratum]
    risk = rng.beta(block_risk * spread, (1 - block_risk) * spread)
    n = rng.integers(units // 2, 2 * units, len(stratum))
    treated = np.tile(np.arange(2 * per_arm) < per_arm, blocks)
    return stratum_counts(stratum=stratum, treated=treated, events=rng.binomial(n, risk), n=n)


@pytest.mark.parametrize(("blocks", "per_arm", "robust"), [(14, 1, "jackknife"), (3, 4, "cluster")])
def test_size_with_drawn_clusters(blocks, per_arm, robust):
    rng, runs = np.random.default_rng(5), 1200
    rejected = dict.fromkeys(("robust ratio", "robust difference", "binomial"), 0)
    for _ in range(runs):
        counts = blocked_trial(rng, blocks, per_arm)
        found = (
            mantel_haenszel_ratio(counts, variance=robust),
            mantel_haenszel_difference(counts, variance=robust),
            mantel_haenszel_ratio(counts, variance="greenland-robins"),
        )
        for name, one in zip(rejected, found, strict=True):
            rejected[name] += one.p_value <= 0.05
    # Monte Carlo s.e. .0063; the binomial variance ignores the clusters.
    assert rejected["robust ratio"] / runs == pytest.approx(0.05, abs=0.02)
    assert rejected["robust difference"] / runs == pytest.approx(0.05, abs=0.02)
    assert rejected["binomial"] / runs > 0.2


def test_swapping_the_arms_inverts_the_ratio_and_flips_the_difference():
    swapped = counts_of(BCG[:, [2, 3, 0, 1]])
    counts = counts_of(BCG)
    for variance in ("greenland-robins", "jackknife"):
        one = mantel_haenszel_ratio(counts, variance=variance)
        other = mantel_haenszel_ratio(swapped, variance=variance)
        assert (other.estimate, other.ci_low) == pytest.approx((1 / one.estimate, 1 / one.ci_high))
    for variance in ("sato", "greenland-robins", "klingenberg", "jackknife"):
        one = mantel_haenszel_difference(counts, variance=variance)
        other = mantel_haenszel_difference(swapped, variance=variance)
        assert (other.estimate, other.ci_low) == pytest.approx((-one.estimate, -one.ci_high))
    clustered = blocked_trial(np.random.default_rng(1), 4, 3)
    flipped = stratum_counts(
        stratum=clustered.stratum, treated=~clustered.treated, events=clustered.events,
        n=clustered.n,
    )  # fmt: skip
    one = mantel_haenszel_ratio(clustered, variance="cluster")
    assert mantel_haenszel_ratio(flipped, variance="cluster").std_error == pytest.approx(
        one.std_error
    )


def test_rows_may_come_in_any_order_and_clusters_may_be_summed():
    rng = np.random.default_rng(4)
    one = blocked_trial(rng, 12, 3)
    order = rng.permutation(len(one.n))
    other = stratum_counts(
        stratum=np.array([f"block {code}" for code in one.stratum])[order],
        treated=one.treated[order], events=one.events[order], n=one.n[order],
    )  # fmt: skip
    summed = counts_of(np.stack([one.a, one.n1, one.c, one.n0], axis=1))
    expected = mantel_haenszel_ratio(one)
    for counts in (other, summed):
        found = mantel_haenszel_ratio(counts)
        assert (found.estimate, found.std_error) == pytest.approx(
            (expected.estimate, expected.std_error)
        )
    assert mantel_haenszel_ratio(other, variance="cluster").std_error == pytest.approx(
        mantel_haenszel_ratio(one, variance="cluster").std_error
    )


def test_strata_without_both_arms_say_nothing():
    whole = counts_of(UGDP)
    lonely = stratum_counts(
        stratum=[0, 0, 1, 1, 2], treated=[1, 0, 1, 0, 1], events=[8, 5, 22, 16, 40],
        n=[106, 120, 98, 85, 50],
    )  # fmt: skip
    assert (
        mantel_haenszel_difference(lonely, variance="sato")
        == mantel_haenszel_difference(whole, variance="sato")
    )  # fmt: skip


def test_warns_that_binomial_intervals_ignore_clusters():
    found = mantel_haenszel_ratio(counts_of(BCG), variance="greenland-robins")
    assert "use variance 'jackknife'" in found.warnings[0]
    assert mantel_haenszel_ratio(counts_of(BCG)).warnings == ()
    few = mantel_haenszel_ratio(counts_of(BCG[:4]))
    assert "jackknife variance is rough" in few.warnings[0]


@pytest.mark.parametrize(
    ("table", "analyse", "named"),
    [
        ([[0, 9, 3, 9], [0, 9, 2, 9]], mantel_haenszel_ratio, "no events"),
        ([[0, 9, 0, 9], [0, 9, 0, 9]], mantel_haenszel_difference, "no information"),
        ([[9, 9, 9, 9], [7, 7, 9, 9]], mantel_haenszel_difference, "no information"),
        ([[1, 9, 2, 9], [3, 9, 2, 9]], mantel_haenszel_ratio, "too few"),
        ([[1, 9, 2, 9], [0, 9, 2, 9], [0, 9, 2, 9]], mantel_haenszel_ratio, "one stratum"),
        ([[4, 9, 2, 9]] * 3, mantel_haenszel_difference, "variance 'jackknife' is 0"),
    ],
)
def test_refuses_counts_without_information(table, analyse, named):
    with pytest.raises(AssumptionError, match=named):
        analyse(counts_of(table))


def test_refuses_the_variance_between_clusters_of_a_single_one():
    with pytest.raises(AssumptionError, match="jackknife"):
        mantel_haenszel_ratio(counts_of(BCG), variance="cluster")


def test_refuses_strata_that_each_hold_one_arm():
    with pytest.raises(AssumptionError, match="both arms"):
        stratum_counts(stratum=[0, 1], treated=[1, 0], events=[1, 2], n=[5, 5])


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"events": [1, 6]}, "row 2"),
        ({"n": [0, 5]}, "row 1"),
        ({"stratum": ["a", None]}, "row 2"),
        ({"events": [1]}, "one value for each row"),
    ],
)
def test_refuses_wrong_counts(wrong, named):
    right = {"stratum": ["a", "a"], "treated": [1, 0], "events": [1, 2], "n": [5, 5]}
    with pytest.raises(InputError, match=named):
        stratum_counts(**(right | wrong))
