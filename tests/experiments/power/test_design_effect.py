import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.design_effect import (
    Components,
    design_effect,
    explained,
    mean_autocorrelation,
    mean_variance,
    over_waves,
)

UNIT = Components(between=0.1, within=0.9)


@pytest.mark.parametrize("weighting", ["equal", "size", "optimal"])
def test_equal_sizes_give_the_textbook_design_effect(weighting):
    assert design_effect(icc=0.05, units=25, weighting=weighting) == pytest.approx(2.2)


def test_unequal_sizes_give_the_formulas_of_the_papers():
    # Eldridge, Ashby & Kerry 2006: 1 + ((1 + .65^2) 10 - 1) .05; van Breukelen et al. 2007 with
    # reliability lambda = m icc / (1 + (m - 1) icc).
    assert design_effect(icc=0.05, units=10, cv=0.65) == pytest.approx(1.66125)
    reliability = 10 * 0.05 / 1.45
    taylor = 1.45 / (1 - 0.65**2 * reliability * (1 - reliability))
    assert design_effect(icc=0.05, units=10, cv=0.65, weighting="optimal") == pytest.approx(taylor)


def test_size_weights_are_exact_for_known_sizes():
    sizes = np.array([5.0, 10, 10, 20, 55])
    mean, cv = sizes.mean(), sizes.std() / sizes.mean()
    exact = np.sum(sizes**2 * (0.1 + 0.9 / sizes)) / sizes.sum() ** 2
    assert mean_variance(UNIT, units=mean, cv=cv) / 5 == pytest.approx(exact)


def test_the_taylor_expansion_is_close_to_the_information_of_known_sizes():
    sizes = np.array([10.0, 15, 20, 25, 30])
    exact = 5 / np.sum(1 / (0.1 + 0.9 / sizes))
    taylor = mean_variance(UNIT, units=20, cv=sizes.std() / 20, weighting="optimal")
    assert taylor == pytest.approx(exact, rel=0.005)


def test_optimal_weights_are_never_worse_than_the_others():
    for icc in (0.001, 0.01, 0.1, 0.5):
        effects = [
            design_effect(icc=icc, units=20, cv=0.4, weighting=weighting)
            for weighting in ("optimal", "size", "equal")
        ]
        assert effects[0] <= min(effects[1:]) + 1e-9


@pytest.mark.parametrize(("cac", "iac"), [(1.0, 0.0), (0.8, 0.0), (0.7, 0.5)])
def test_one_wave_before_and_one_after_give_the_factors_of_teerenstra(cac, iac):
    r = mean_autocorrelation(
        icc=0.1, units=20, cluster_autocorrelation=cac, individual_autocorrelation=iac
    )
    plain = mean_variance(UNIT, units=20)
    for analysis, factor in (("ancova", 1 - r**2), ("change", 2 * (1 - r))):
        left = over_waves(
            UNIT,
            units=20,
            waves=1,
            baseline_waves=1,
            cluster_autocorrelation=cac,
            individual_autocorrelation=iac,
            analysis=analysis,
        )
        assert mean_variance(left, units=20) == pytest.approx(plain * factor)


def test_waves_are_averaged_as_in_frison_and_pocock():
    r = mean_autocorrelation(
        icc=0.1, units=20, cluster_autocorrelation=0.8, individual_autocorrelation=0.3
    )
    left = over_waves(
        UNIT,
        units=20,
        waves=3,
        baseline_waves=2,
        cluster_autocorrelation=0.8,
        individual_autocorrelation=0.3,
    )
    factor = (1 + 2 * r) / 3 - 2 * r**2 / (1 + r)
    assert mean_variance(left, units=20) == pytest.approx(mean_variance(UNIT, units=20) * factor)


def test_components_match_simulated_clusters_of_unequal_size():
    # A cohort of 12 clusters, two waves before and one after, common slope at the mean size.
    rng = np.random.default_rng(4)
    sizes, draws = np.array([5.0, 20, 35]), 60_000
    cluster = np.sqrt(0.1 * 0.8) * rng.normal(size=(draws, 3, 1))
    drift = np.sqrt(0.1 * 0.2) * rng.normal(size=(draws, 3, 3))
    member = np.sqrt(0.9 * 0.5 / sizes)[:, None] * rng.normal(size=(draws, 3, 1))
    noise = np.sqrt(0.9 * 0.5 / sizes)[:, None] * rng.normal(size=(draws, 3, 3))
    means = cluster + drift + member + noise
    left = over_waves(
        UNIT,
        units=20,
        waves=1,
        baseline_waves=2,
        cluster_autocorrelation=0.8,
        individual_autocorrelation=0.5,
    )
    before, after = means[:, :, :2].mean(2), means[:, :, 2]
    slope = np.cov(before[:, 1], after[:, 1])
    residual = after - slope[0, 1] / slope[0, 0] * before
    expected = left.between + left.within / sizes
    assert residual.var(axis=0) == pytest.approx(expected, rel=0.02)


def test_covariates_take_their_share_of_each_component():
    left = explained(UNIT, cluster_r2=0.5, unit_r2=0.2)
    assert (left.between, left.within) == (pytest.approx(0.05), pytest.approx(0.72))
    assert UNIT.icc == pytest.approx(0.1)


def test_infinitely_many_units_leave_the_variance_between_clusters():
    assert mean_variance(UNIT, units=np.inf) == pytest.approx(0.1)
    assert mean_variance(UNIT, units=np.inf, cv=0.5, weighting="optimal") == pytest.approx(0.1)


def test_an_unknown_weighting_is_named():
    with pytest.raises(InputError, match="median"):
        design_effect(icc=0.1, units=10, weighting="median")
