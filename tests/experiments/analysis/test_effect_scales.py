from math import inf, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.analysis.effect_scales import (
    ArmMeans,
    convert,
    convert_log_odds_ratio,
    fieller_ratio,
    number_needed_to_treat,
)
from experiments.errors import AssumptionError, InputError

# metafor 3.8-1 escalc, ../references/scales_two_arms.R: 62 of 148 against 41 of 163.
METAFOR = {
    "difference": (0.167385176588, 0.0529128184907),
    "log_ratio": (0.510100245383, 0.16621537257),
    "log_odds_ratio": (0.763236066821, 0.245649963258),
}


def two_shares(control=41 / 163, treated=62 / 148, n=(163, 148), df=inf, share=True):
    variances = [control * (1 - control) / n[0], treated * (1 - treated) / n[1]]
    return ArmMeans(
        control=control, treated=treated, covariance=np.diag(variances), df=df, share=share
    )


@pytest.mark.parametrize("scale", METAFOR)
def test_reproduces_metafor_on_two_independent_shares(scale):
    found = convert(two_shares(), scale=scale)
    assert (found.estimate, found.std_error) == pytest.approx(METAFOR[scale], rel=1e-11)
    assert found.ci_high - found.estimate == pytest.approx(1.959963985 * found.std_error)


@pytest.mark.parametrize(
    ("scale", "base"), [("ratio", "log_ratio"), ("odds_ratio", "log_odds_ratio")]
)
def test_a_ratio_takes_its_interval_from_the_log(scale, base):
    found, logs = convert(two_shares(df=8), scale=scale), convert(two_shares(df=8), scale=base)
    assert np.log([found.estimate, found.ci_low, found.ci_high]) == pytest.approx(
        [logs.estimate, logs.ci_low, logs.ci_high]
    )
    assert found.std_error == pytest.approx(found.estimate * logs.std_error)
    assert found.ci_high - found.estimate > found.estimate - found.ci_low


def test_cohens_h_is_cohens_tabled_value():
    # Cohen (1988), table 6.2.2: phi(.65) = 1.875, phi(.45) = 1.471.
    found = convert(two_shares(0.45, 0.65), scale="cohens_h")
    assert found.estimate == pytest.approx(1.875 - 1.471, abs=1e-3)
    # The arcsine makes the variance of a binomial share 1/n whatever the share.
    assert found.std_error == pytest.approx(sqrt(1 / 163 + 1 / 148))


def test_few_clusters_widen_every_interval():
    for scale in ("difference", "ratio", "odds_ratio", "cohens_h"):
        wide = convert(two_shares(df=5), scale=scale)
        narrow = convert(two_shares(), scale=scale)
        assert wide.ci_low < narrow.ci_low
        assert wide.ci_high > narrow.ci_high


def test_arms_that_share_clusters_covary():
    covariance = np.array([[4e-4, 3e-4], [3e-4, 4e-4]])
    means = ArmMeans(control=0.3, treated=0.4, covariance=covariance, df=10, share=True)
    assert convert(means, scale="difference").std_error == pytest.approx(sqrt(2e-4))


@given(
    control=st.floats(0.05, 0.95),
    treated=st.floats(0.05, 0.95),
    df=st.floats(2, 200),
    scale=st.sampled_from(["difference", "log_ratio", "log_odds_ratio", "cohens_h"]),
)
def test_swapping_the_arms_flips_the_sign(control, treated, df, scale):
    one = convert(two_shares(control, treated, (90, 90), df), scale=scale)
    other = convert(two_shares(treated, control, (90, 90), df), scale=scale)
    assert (one.estimate, one.ci_low, one.ci_high) == pytest.approx(
        (-other.estimate, -other.ci_high, -other.ci_low), abs=1e-12
    )


def test_number_needed_to_treat_reproduces_altman_1998():
    # Altman (1998, BMJ 317:1309): an absolute risk reduction of 10 % (-5 % to 25 %) is
    # NNTB 10 (NNTH 20 to infinity to NNTB 4).
    error = 0.15 / stats.norm.ppf(0.975)
    means = ArmMeans(
        control=0.5, treated=0.6, covariance=np.diag([0, error**2]), df=inf, share=True
    )
    found = number_needed_to_treat(means)
    assert found.estimate == pytest.approx(10)
    assert found.benefit == pytest.approx((4, inf))
    assert found.harm == pytest.approx((20, inf))
    assert "through infinity" in found.note


def test_a_clear_benefit_has_an_ordinary_interval():
    found = number_needed_to_treat(two_shares())
    points = convert(two_shares(), scale="difference")
    assert found.benefit == pytest.approx((1 / points.ci_high, 1 / points.ci_low))
    assert found.harm is None
    assert found.benefit[0] < found.estimate < found.benefit[1]


def test_fewer_bad_outcomes_are_a_benefit_where_lower_is_better():
    worse = number_needed_to_treat(two_shares(), higher_is_better=False)
    better = number_needed_to_treat(two_shares(62 / 148, 41 / 163), higher_is_better=False)
    assert worse.benefit is None
    assert worse.estimate < 0
    assert better.harm is None
    assert better.benefit[0] < better.estimate < better.benefit[1]


def test_equal_shares_need_infinitely_many():
    found = number_needed_to_treat(two_shares(0.3, 0.3))
    assert found.estimate == inf
    assert found.benefit[1] == found.harm[1] == inf


@given(
    control=st.floats(0.2, 3), treated=st.floats(-2, 3), v0=st.floats(0.01, 1),
    v1=st.floats(0.01, 1), rho=st.floats(-0.9, 0.9), df=st.floats(3, 50),
)  # fmt: skip
def test_fieller_holds_exactly_the_ratios_that_a_t_test_keeps(control, treated, v0, v1, rho, df):
    cross = rho * sqrt(v0 * v1)
    covariance = np.array([[v0, cross], [cross, v1]])
    means = ArmMeans(control=control, treated=treated, covariance=covariance, df=df, share=False)
    found = fieller_ratio(means)
    ratios = np.linspace(-50, 50, 2001)
    gradient = np.stack([-ratios, np.ones_like(ratios)])
    errors = np.sqrt(np.einsum("ir,ij,jr->r", gradient, covariance, gradient))
    statistic = np.abs(treated - ratios * control) / errors / stats.t.ppf(0.975, df)
    inside = np.any([(ratios >= low) & (ratios <= high) for low, high in found.intervals], axis=0)
    clear = np.abs(statistic - 1) > 1e-6
    assert np.array_equal(inside[clear], (statistic <= 1)[clear])


def test_fieller_says_when_it_is_unbounded():
    def means(control, treated):
        return ArmMeans(control=control, treated=treated, covariance=np.eye(2), df=inf, share=False)

    bounded, halves, line = (fieller_ratio(means(*pair)) for pair in [(9, 3), (1, 5), (1, 1)])
    assert bounded.bounded
    assert len(bounded.intervals) == 1
    assert not halves.bounded
    assert [halves.intervals[0][0], halves.intervals[1][1]] == [-inf, inf]
    assert "not distinguishable from zero" in halves.note
    assert line.intervals == ((-inf, inf),)
    with pytest.raises(AssumptionError, match="difference"):
        fieller_ratio(means(0, 1))


def simulated_shares(runs, clusters, treated, rng):
    """Cluster means of beta-distributed shares observed on 40 units; Welch covariance and df."""
    for _ in range(runs):
        arms = []
        for count, share in ((clusters[0], 0.3), (clusters[1], treated)):
            spread = 1 / 0.05 - 1
            shares = rng.beta(share * spread, (1 - share) * spread, count)
            arms.append(rng.binomial(40, shares) / 40)
        variances = [arm.var(ddof=1) / len(arm) for arm in arms]
        df = sum(variances) ** 2 / sum(
            v**2 / (len(arm) - 1) for v, arm in zip(variances, arms, strict=True)
        )
        yield ArmMeans(
            control=arms[0].mean(), treated=arms[1].mean(), covariance=np.diag(variances), df=df,
            share=True,
        )  # fmt: skip


@pytest.mark.parametrize("treated", [0.3, 0.45])
def test_intervals_cover_with_eight_clusters_an_arm(treated):
    truth = {"difference": treated - 0.3, "ratio": treated / 0.3}
    covered = dict.fromkeys([*truth, "fieller", "nnt"], 0)
    runs = 2000
    for means in simulated_shares(runs, (8, 8), treated, np.random.default_rng(5)):
        for scale, value in truth.items():
            found = convert(means, scale=scale)
            covered[scale] += found.ci_low <= value <= found.ci_high
        ends = fieller_ratio(means).intervals
        covered["fieller"] += any(low <= treated / 0.3 <= high for low, high in ends)
        needed = number_needed_to_treat(means)
        if treated == 0.3:
            covered["nnt"] += needed.benefit is not None and needed.harm is not None
        else:
            low, high = needed.benefit or (inf, -inf)
            covered["nnt"] += low <= 1 / (treated - 0.3) <= high
    # Monte Carlo s.e. .005 at .95.
    for scale, count in covered.items():
        assert 0.93 <= count / runs <= 0.97, scale


def test_log_odds_ratio_to_other_scales():
    given_ = {"estimate": log(2), "std_error": 0.2, "df": inf}
    assert convert_log_odds_ratio(**given_, scale="odds_ratio").estimate == pytest.approx(2)
    g = convert_log_odds_ratio(**given_, scale="hedges_g")
    assert (g.estimate, g.std_error) == pytest.approx((log(2) * sqrt(3) / pi, 0.2 * sqrt(3) / pi))
    points = convert_log_odds_ratio(**given_, scale="difference", control_share=0.2)
    assert points.estimate == pytest.approx(1 / 3 - 0.2)
    relative = convert_log_odds_ratio(**given_, scale="ratio", control_share=0.2)
    assert relative.estimate == pytest.approx(1 / 3 / 0.2)
    assert relative.ci_low == pytest.approx((points.ci_low + 0.2) / 0.2)
    step = 1e-6
    moved = convert_log_odds_ratio(
        estimate=log(2) + step, std_error=0.2, df=inf, scale="ratio", control_share=0.2
    )
    assert relative.std_error == pytest.approx(
        0.2 * (moved.estimate - relative.estimate) / step, rel=1e-5
    )


@pytest.mark.parametrize("scale", ["ratio", "log_ratio", "odds_ratio", "cohens_h"])
@pytest.mark.parametrize("shares", [(0.0, 0.3), (0.3, 1.0)])
def test_refuses_a_share_of_zero_or_one(scale, shares):
    means = ArmMeans(
        control=shares[0], treated=shares[1], covariance=np.diag([0.0, 0.001]), df=8, share=True
    )
    with pytest.raises(AssumptionError, match="difference"):
        convert(means, scale=scale)
    assert convert(means, scale="difference").estimate == pytest.approx(shares[1] - shares[0])


def test_refuses_what_a_scale_cannot_say():
    weights = ArmMeans(control=-2, treated=3, covariance=np.eye(2), df=9, share=False)
    with pytest.raises(AssumptionError, match="positive"):
        convert(weights, scale="ratio")
    with pytest.raises(AssumptionError, match="for shares"):
        convert(weights, scale="odds_ratio")
    with pytest.raises(AssumptionError, match="for shares"):
        number_needed_to_treat(weights)
    with pytest.raises(InputError, match="hedges_g"):
        convert(weights, scale="hedges_g")
    with pytest.raises(AssumptionError, match="no variance"):
        convert(
            ArmMeans(control=1, treated=2, covariance=np.zeros((2, 2)), df=9, share=False),
            scale="difference",
        )
    with pytest.raises(InputError, match="control_share"):
        convert_log_odds_ratio(estimate=0.3, std_error=0.1, df=9, scale="ratio")
    with pytest.raises(InputError, match="cannot be converted"):
        convert_log_odds_ratio(
            estimate=0.3, std_error=0.1, df=9, scale="number_needed_to_treat", control_share=0.2
        )


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"covariance": np.array([[1, 2], [2, 1]])}, "covariance"),
        ({"covariance": np.eye(3)}, "2, 2"),
        ({"df": 0}, "df"),
        ({"treated": 1.2}, "between 0 and 1"),
        ({"treated": float("nan")}, "finite"),
    ],
)
def test_refuses_arm_means_that_are_not(wrong, named):
    right = {"control": 0.2, "treated": 0.3, "covariance": np.eye(2) / 100, "df": 8, "share": True}
    with pytest.raises(InputError, match=named):
        ArmMeans(**(right | wrong))
