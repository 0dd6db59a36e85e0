import numpy as np
import pytest

from experiments.errors import AssumptionError, InputError
from experiments.power.wald_power import wald_power
from experiments.power.wedge_schedule import schedule_of, stepped_wedge_sequences
from experiments.power.wedge_variance import (
    WedgeComponents,
    cluster_period_covariance,
    components_from_correlations,
    effect_variance,
)

# Sizes of the example with 12 clusters in 5 periods, from the manual page of swPwr.
VARYING = np.array(
    [
        26, 493, 64, 45, 48, 231, 117, 17, 49, 36, 19, 77, 67, 590, 261, 212, 67, 318, 132, 58, 44,
        57, 59, 78, 115, 532, 176, 199, 73, 293, 129, 79, 51, 62, 109, 94, 174, 785, 133, 79, 120,
        305, 224, 99, 83, 79, 122, 122, 94, 961, 90, 131, 166, 352, 316, 59, 54, 131, 101, 133,
    ]
).reshape(5, 12).T  # fmt: skip


def wedge(clusters, extra=0):
    words = stepped_wedge_sequences(steps=4, extra_periods=extra)
    return np.repeat(schedule_of(words), clusters, axis=0)


def binary(low, high, **parts):
    mean = (low + high) / 2
    return WedgeComponents(residual=mean * (1 - mean), **parts)


# swCRTdesign 4.0, examples of swPwr's manual page: known variances, both tails of the normal law,
# residual variance of a share at the mean of both arms.
SW_PWR = {
    "example 1": (
        wedge(6), 120, 0.015, binary(0.05, 0.035, cluster=0.01**2), 0.7861896,
    ),
    "example 2": (
        wedge(6, extra=3), 120, 0.015, binary(0.05, 0.035, cluster=0.01**2), 0.8171283,
    ),
    "example 3": (
        wedge(6), 120, 0.015,
        binary(0.05, 0.035, cluster=0.01**2, treatment=0.0045**2), 0.7724894,
    ),
    "example 7": (
        wedge(3), VARYING, 0.02,
        binary(0.08, 0.06, cluster=0.017**2, treatment=0.006**2, correlation=-0.5), 0.5840801,
    ),
    "example 8": (
        wedge(6), 120, 0.015,
        # ICC .02 and CAC .125 about a residual standard deviation of .1.
        components_from_correlations(
            between=0.01 * 0.02 / 0.98, within=0.01, cluster_autocorrelation=0.125
        ),
        0.9171886,
    ),
    "12 communes": (
        wedge(3), 60, 0.08, binary(0.70, 0.78, cluster=0.06**2), 0.8818615,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SW_PWR)
def test_power_is_that_of_sw_pwr(name):
    schedule, sizes, effect, components, printed = SW_PWR[name]
    ratio = effect / np.sqrt(effect_variance(schedule, sizes, components))
    power = wald_power(ratio=ratio, df=1, reference="normal", both_tails=True)
    assert power == pytest.approx(printed, abs=5e-8)


def test_equal_sizes_give_the_closed_form_of_hussey_and_hughes():
    schedule = wedge(2)
    clusters, periods = schedule.shape
    tau2, sigma2 = 0.04, 1.0 / 30
    u, w = schedule.sum(), (schedule.sum(axis=0) ** 2).sum()
    v = (schedule.sum(axis=1) ** 2).sum()
    top = clusters * sigma2 * (sigma2 + periods * tau2)
    bottom = (clusters * u - w) * sigma2
    bottom += (u**2 + clusters * periods * u - periods * w - clusters * v) * tau2
    found = effect_variance(schedule, 30, WedgeComponents(cluster=tau2, residual=1.0))
    assert found == pytest.approx(top / bottom)


def test_the_variance_is_that_of_simulated_generalised_least_squares():
    # A cohort with drifting clusters, heterogeneous effects and unobserved transition periods.
    rng = np.random.default_rng(2)
    words = stepped_wedge_sequences(steps=3, transition_periods=1)
    schedule = np.repeat(schedule_of(words), 2, axis=0)
    parts = WedgeComponents(
        cluster=0.05, residual=0.6, treatment=0.02, correlation=0.3, cluster_period=0.02,
        individual=0.3,
    )  # fmt: skip
    sizes = np.array([10.0, 20, 30, 15, 25, 12])
    draws, (clusters, periods) = 20_000, schedule.shape
    treated = np.nan_to_num(schedule)
    slope = 0.3 * np.sqrt(0.05 * 0.02)
    pair = rng.multivariate_normal([0, 0], [[0.05, slope], [slope, 0.02]], (draws, clusters))
    means = pair[:, :, :1] + pair[:, :, 1:] * treated
    means += np.sqrt(0.02) * rng.normal(size=means.shape)
    means += np.sqrt(0.3 / sizes)[:, None] * rng.normal(size=(draws, clusters, 1))
    means += np.sqrt(0.6 / sizes)[:, None] * rng.normal(size=means.shape)
    observed = ~np.isnan(schedule)
    information, score = np.zeros((periods + 1,) * 2), np.zeros((draws, periods + 1))
    for i in range(clusters):
        seen = observed[i]
        x = np.column_stack([np.eye(periods)[seen], treated[i, seen]])
        shared = 0.05 + 0.3 / sizes[i] + 0.02 * np.outer(treated[i, seen], treated[i, seen])
        shared = shared + slope * (treated[i, seen][:, None] + treated[i, seen][None])
        inverse = np.linalg.inv(shared + (0.02 + 0.6 / sizes[i]) * np.eye(seen.sum()))
        information += x.T @ inverse @ x
        score += means[:, i, seen] @ inverse @ x
    estimates = np.linalg.solve(information, score.T)[-1]
    assert effect_variance(schedule, sizes, parts) == pytest.approx(estimates.var(), rel=0.03)


def test_the_covariance_is_that_of_the_random_effects():
    parts = WedgeComponents(
        cluster=0.05, residual=0.6, treatment=0.02, correlation=0.3, cluster_period=0.01,
        individual=0.3,
    )  # fmt: skip
    found = cluster_period_covariance(np.array([[0.0, np.nan, 1.0]]), np.full((1, 3), 20.0), parts)
    shared, slope = 0.05 + 0.3 / 20, 0.3 * np.sqrt(0.05 * 0.02)
    own = 0.01 + 0.6 / 20
    assert found[0] == pytest.approx(
        np.array(
            [
                [shared + own, 0, shared + slope],
                [0, 1, 0],
                [shared + slope, 0, shared + own + 0.02 + 2 * slope],
            ]
        )
    )


def test_clusters_count_by_weight_and_in_any_order():
    parts = components_from_correlations(between=0.1, within=0.9, cluster_autocorrelation=0.8)
    twice = effect_variance(wedge(2), 20, parts)
    assert effect_variance(wedge(1), 20, parts, weights=2.0) == pytest.approx(twice)
    assert effect_variance(wedge(2)[::-1], 20, parts) == pytest.approx(twice)


def test_a_period_nobody_is_observed_in_does_not_matter():
    parts = WedgeComponents(cluster=0.1, residual=0.9)
    seen = schedule_of(("0111", "0011", "0001"))
    gap = np.insert(seen, 2, np.nan, axis=1)
    assert effect_variance(gap, 20, parts) == pytest.approx(effect_variance(seen, 20, parts))


def test_one_wave_of_two_arms_is_a_parallel_trial():
    parts = WedgeComponents(cluster=0.1, residual=0.9)
    found = effect_variance([[0.0]] * 5 + [[1.0]] * 5, 20, parts)
    assert found == pytest.approx(2 * (0.1 + 0.9 / 20) / 5)


@pytest.mark.parametrize("schedule", [[[1.0, 1.0]] * 4, [[0.0, 1.0]] * 4])
def test_treatment_that_goes_with_the_period_is_refused(schedule):
    with pytest.raises(AssumptionError, match="free of the period"):
        effect_variance(schedule, 20, WedgeComponents(cluster=0.1, residual=0.9))


@pytest.mark.parametrize(
    ("sizes", "words"),
    [(0.5, "at least one unit"), (np.ones((3, 2)), "does not fit"), (VARYING, "cohort")],
)
def test_sizes_that_do_not_fit_are_named(sizes, words):
    parts = WedgeComponents(cluster=0.1, residual=0.5, individual=0.4)
    with pytest.raises(InputError, match=words):
        effect_variance(wedge(3), sizes, parts)


def test_negative_variances_are_refused():
    with pytest.raises(InputError, match="negative"):
        WedgeComponents(cluster=-0.1, residual=1.0)
