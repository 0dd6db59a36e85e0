import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW, ttost_ind

from experiments.analysis.equivalence import (
    equivalence_test,
    excluded_effects,
    non_inferiority_test,
)
from experiments.errors import InputError


def zone_means(arm, count):
    """Deterministic zone shares, about .62."""
    return 0.62 + 0.01 * arm + 0.05 * np.sin(2.1 * np.arange(count) + arm)


def test_reproduces_statsmodels_tost():
    treated, control = zone_means(1, 9), zone_means(0, 11)
    means = CompareMeans(DescrStatsW(treated), DescrStatsW(control))
    p_value, (_, p_low, df), (_, p_high, _) = ttost_ind(treated, control, -0.04, 0.05)
    found = equivalence_test(
        estimate=treated.mean() - control.mean(), std_error=means.std_meandiff_pooledvar, df=df,
        lower=-0.04, upper=0.05,
    )  # fmt: skip
    assert (found.p_value, found.p_lower, found.p_upper) == pytest.approx(
        (p_value, p_low, p_high), rel=1e-10
    )
    low, high = means.tconfint_diff(alpha=0.1, usevar="pooled")
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-10)


@pytest.mark.parametrize(
    ("estimate", "std_error", "verdict"),
    [
        (0.0, 0.01, "equivalent"),
        (0.02, 0.005, "equivalent and different"),
        (0.0, 0.04, "not shown equivalent"),
        (0.05, 0.01, "different and not shown equivalent"),
        (0.12, 0.02, "different beyond the bounds"),
        (-0.12, 0.02, "different beyond the bounds"),
    ],
)
def test_every_verdict(estimate, std_error, verdict):
    found = equivalence_test(estimate=estimate, std_error=std_error, df=20, lower=-0.05, upper=0.05)
    assert found.verdict == verdict


@given(
    estimate=st.floats(-0.2, 0.2), std_error=st.floats(0.001, 0.1), df=st.floats(2, 100),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
)  # fmt: skip
def test_equivalent_exactly_when_the_interval_lies_inside(estimate, std_error, df, alpha):
    found = equivalence_test(
        estimate=estimate, std_error=std_error, df=df, lower=-0.05, upper=0.08, alpha=alpha
    )
    inside = found.ci_low > -0.05 and found.ci_high < 0.08
    if abs(found.p_value - alpha) > 1e-9:
        assert (found.p_value < alpha) == inside
        assert found.verdict.startswith("equivalent") == inside
    mirrored = equivalence_test(
        estimate=-estimate, std_error=std_error, df=df, lower=-0.08, upper=0.05, alpha=alpha
    )
    assert mirrored.p_value == pytest.approx(found.p_value)
    assert mirrored.verdict == found.verdict


@pytest.mark.parametrize("truth", [0.05, 0.06, -0.05])
def test_size_at_and_beyond_the_bound_with_six_zones_an_arm(truth):
    rng, runs = np.random.default_rng(8), 3000
    estimates = truth + rng.normal(0, 0.02, runs)
    errors = 0.02 * np.sqrt(rng.chisquare(10, runs) / 10)
    found = [
        equivalence_test(estimate=value, std_error=error, df=10, lower=-0.05, upper=0.05)
        for value, error in zip(estimates, errors, strict=True)
    ]
    shown = np.mean([one.verdict.startswith("equivalent") for one in found])
    # Monte Carlo s.e. .004; the size is reached at the bound and falls beyond it.
    assert shown <= 0.05 + 0.012
    if abs(truth) == 0.05:
        assert shown >= 0.03
    normal = np.mean([
        max(stats.norm.sf((value + 0.05) / error), stats.norm.sf((0.05 - value) / error)) <= 0.05
        for value, error in zip(estimates, errors, strict=True)
    ])  # fmt: skip
    assert normal > shown


@pytest.mark.parametrize(
    ("estimate", "verdict"),
    [
        (0.05, "non-inferior and superior"),
        (0.0, "non-inferior"),
        (-0.02, "not shown non-inferior"),
        (-0.08, "inferior beyond the margin"),
    ],
)
@pytest.mark.parametrize("higher_is_better", [True, False])
def test_non_inferiority_in_either_direction(estimate, verdict, higher_is_better):
    sign = 1 if higher_is_better else -1
    found = non_inferiority_test(
        estimate=sign * estimate, std_error=0.01, df=15, margin=0.03,
        higher_is_better=higher_is_better,
    )  # fmt: skip
    assert found.verdict == verdict
    assert (found.p_value <= 0.025) == found.verdict.startswith("non-inferior")
    assert sign * found.bound == pytest.approx(estimate - 0.01 * stats.t.isf(0.025, 15))


def test_non_inferiority_is_one_side_of_equivalence():
    tost = equivalence_test(estimate=0.01, std_error=0.02, df=9, lower=-0.05, upper=0.05)
    side = non_inferiority_test(estimate=0.01, std_error=0.02, df=9, margin=0.05, alpha=0.05)
    assert side.p_value == pytest.approx(tost.p_lower)
    assert side.bound == pytest.approx(tost.ci_low)


def test_says_which_effects_are_excluded():
    # Six communes an arm: a difference of one point with a standard error of ten.
    found = excluded_effects(estimate=0.01, std_error=0.10, df=10)
    assert found.above == pytest.approx(0.01 + 0.1 * 2.228139, abs=1e-6)
    assert not found.excludes(0.014)
    assert not found.excludes(0.2)
    assert found.excludes(0.24)
    assert found.excludes(-0.22)
    assert found.smallest == found.above


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"lower": 0.01}, "below 0"),
        ({"std_error": 0.0}, "standard error"),
        ({"std_error": float("nan")}, "standard error"),
        ({"df": 0}, "df"),
        ({"alpha": 0.6}, "error rate"),
    ],
)
def test_refuses(wrong, named):
    right = {"estimate": 0.0, "std_error": 0.1, "df": 9, "lower": -0.1, "upper": 0.1}
    with pytest.raises(InputError, match=named):
        equivalence_test(**(right | wrong))


def test_refuses_a_margin_that_is_not_positive():
    with pytest.raises(InputError, match="margin"):
        non_inferiority_test(estimate=0.0, std_error=0.1, df=9, margin=-0.02)
