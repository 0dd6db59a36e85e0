import itertools

import numpy as np
import pytest
from scipy import stats

from experiments.errors import AssumptionError, InputError
from experiments.power.simulation import simulated_power

SETTINGS = {
    "estimator": "zone-t",
    "outcome": "continuous",
    "clusters_per_arm": (6, 6),
    "units": 30,
    "level": 0.0,
    "effects": (0.6,),
    "icc": 0.1,
    "n_trials": 400,
    "seed": 1,
}


def exact_power(effect, *, clusters=6, units=30, icc=0.1, alpha=0.05):
    """Power of Student's t on means of clusters of one size: noncentral t, exact."""
    variance = icc + (1 - icc) / units
    shift = effect / np.sqrt(2 * variance / clusters)
    df = 2 * clusters - 2
    critical = stats.t.isf(alpha / 2, df)
    return stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)


def test_power_of_a_t_test_equals_the_noncentral_t():
    found = simulated_power(**SETTINGS | {"n_trials": 1_000})
    assert found.power == pytest.approx(exact_power(0.6), abs=3.5 * found.monte_carlo_error)
    assert found.mean_estimate == pytest.approx(0.6, abs=0.03)
    assert found.ci_low < found.power < found.ci_high
    assert found.monte_carlo_error == pytest.approx(
        np.sqrt(found.power * (1 - found.power) / 1_000)
    )


def test_without_an_effect_it_is_the_level_asked_for():
    found = simulated_power(**SETTINGS | {"effects": (0.0,), "alpha": 0.1, "n_trials": 1_000})
    assert found.power == pytest.approx(0.1, abs=3.5 * found.monte_carlo_error)


def test_the_width_is_that_of_intervals_at_the_level():
    usual, wide = (simulated_power(**SETTINGS | {"alpha": alpha}) for alpha in (0.05, 0.01))
    assert wide.mean_interval_width > usual.mean_interval_width
    error = np.sqrt(2 * (0.1 + 0.9 / 30) / 6)
    expected = 2 * stats.t.isf(0.025, 10) * error
    assert usual.mean_interval_width == pytest.approx(expected, rel=0.05)


def test_the_same_seed_gives_the_same_power():
    assert simulated_power(**SETTINGS) == simulated_power(**SETTINGS)
    assert simulated_power(**SETTINGS) != simulated_power(**SETTINGS | {"seed": 2})


@pytest.mark.parametrize(
    ("estimator", "outcome", "level", "scale"),
    [
        ("randomization", "binary", 0.4, "difference"),
        ("ols-cr2", "count", 2.0, "difference"),
        ("gee-md", "count", 2.0, "log_ratio"),
        ("mixed-logit", "binary", 0.4, "log_odds_ratio"),
        ("wild-rademacher", "continuous", 0.0, "difference"),
    ],
)
def test_any_estimator_and_outcome_may_be_asked_for(estimator, outcome, level, scale):
    found = simulated_power(
        **SETTINGS | {"estimator": estimator, "outcome": outcome, "level": level, "cv": 0.3,
                      "n_trials": 20, "effects": (0.3,), "clusters_per_arm": (4, 4)},
        draws=99,
    )  # fmt: skip
    assert found.scale == scale
    assert found.n_trials == 20
    assert 0 <= found.power <= 1


def test_a_restricted_draw_is_simulated_from_its_own_allocations():
    every = np.array(
        [np.isin(np.arange(8), chosen) for chosen in itertools.combinations(range(8), 4)],
        dtype=np.int8,
    )
    # Two in each half of the clusters, which are the strata.
    kept = every[every[:, :4].sum(axis=1) == 2]
    settings = SETTINGS | {"clusters_per_arm": (4, 4), "n_trials": 50, "effects": (3.0,)}
    found = simulated_power(**settings, allocations=kept, block=np.repeat([0, 1], 4))
    assert found.n_refused == 0
    assert found.power > 0.5
    # Stratified tests refuse draws with one cluster of an arm in a stratum.
    lone = every[every[:, :4].sum(axis=1) == 1]
    with pytest.raises(AssumptionError, match="refused every simulated trial"):
        simulated_power(**settings, allocations=lone, block=np.repeat([0, 1], 4))


def test_refused_trials_are_counted_and_left_out():
    found = simulated_power(
        **SETTINGS | {"estimator": "gee-md", "outcome": "binary", "level": 0.03, "units": 10,
                      "effects": (0.0,), "icc": 0.0, "clusters_per_arm": (4, 4), "n_trials": 100}
    )  # fmt: skip
    assert 0 < found.n_refused < 100
    done = 100 - found.n_refused
    assert found.power * done == pytest.approx(round(found.power * done))


def test_what_cannot_be_simulated_is_named():
    with pytest.raises(InputError, match="estimator 'zone-x' is unknown; there are zone-t"):
        simulated_power(**SETTINGS | {"estimator": "zone-x"})
    with pytest.raises(InputError, match="strata need the allocations"):
        simulated_power(**SETTINGS, block=np.zeros(12, dtype=np.int64))
    with pytest.raises(InputError, match="icc"):
        simulated_power(**SETTINGS | {"icc": 1.5})
