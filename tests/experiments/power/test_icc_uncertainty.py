import numpy as np
import pytest
from scipy import stats

from experiments.analysis.intraclass_correlation import intraclass_correlation
from experiments.errors import InputError
from experiments.power.icc_uncertainty import (
    clusters_for_expected_power,
    icc_quantiles,
    power_distribution,
)
from experiments.power.outcome import ContinuousOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import clusters_needed, power_of

DESIGN = ParallelDesign(outcome=ContinuousOutcome(), effect=0.4, clusters=16, units=20, icc=0.05)


def quantiles(**settings):
    usual = {"estimate": 0.05, "ci_low": 0.02, "ci_high": 0.12, "cluster_size": 20}
    return icc_quantiles(**(usual | settings))


def test_the_interval_and_the_estimate_are_quantiles_of_the_law():
    values = quantiles(points=4000)
    assert np.quantile(values, [0.025, 0.5, 0.975]) == pytest.approx([0.02, 0.05, 0.12], rel=0.01)


def test_the_law_is_close_to_the_exact_one_behind_searles_interval():
    # The F interval at every level is a confidence law; twelve clusters of 20 units.
    rng = np.random.default_rng(3)
    centre = np.sqrt(0.1) * rng.normal(size=12)
    sum_y = 20 * centre + np.sqrt(20 * 0.9) * rng.normal(size=12)
    data = {
        "n": np.full(12, 20),
        "sum_y": sum_y,
        "sum_yy": 0.9 * rng.chisquare(19, 12) + sum_y**2 / 20,
    }
    found = intraclass_correlation(**data)
    values = icc_quantiles(
        estimate=found.estimate,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        cluster_size=20,
        points=4000,
    )
    for level in (0.5, 0.8, 0.9):
        exact = intraclass_correlation(**data, level=level)
        tails = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        assert tails == pytest.approx([exact.ci_low, exact.ci_high], abs=0.015)


def test_an_interval_that_starts_at_zero_keeps_mass_there():
    values = quantiles(estimate=0.01, ci_low=0.0, ci_high=0.08)
    assert values[0] == 0
    assert 0.1 < np.mean(values == 0) < 0.45
    assert np.quantile(values, 0.975) == pytest.approx(0.08, rel=0.05)


def test_certainty_about_the_icc_gives_back_the_plain_power():
    sure = quantiles(ci_low=0.05, ci_high=0.05)
    spread = power_distribution(DESIGN, sure)
    assert spread.expected == pytest.approx(power_of(DESIGN))
    assert spread.low == pytest.approx(spread.high)


def test_expected_power_is_the_mean_over_simulated_iccs():
    iccs = quantiles()
    draws = np.random.default_rng(1).choice(iccs, 2000)
    spread = power_distribution(DESIGN, iccs, target=0.8)
    at = {icc: power_of(DESIGN.vary(icc=icc)) for icc in set(draws)}
    assert spread.expected == pytest.approx(np.mean([at[icc] for icc in draws]), abs=0.01)
    assert spread.low < spread.expected < spread.high
    assert spread.reached == pytest.approx(np.mean(spread.powers >= 0.8))
    assert np.all(np.diff(spread.powers) <= 0)


def test_a_high_expected_power_needs_more_clusters_than_the_estimate_says():
    plain = clusters_needed(DESIGN, target=0.9).solution
    assured = clusters_for_expected_power(DESIGN, quantiles(points=40), target=0.9)
    assert assured > plain + 0.3
    reached = power_distribution(DESIGN.vary(clusters=assured), quantiles(points=40))
    assert reached.expected == pytest.approx(0.9)


def test_any_prior_will_do():
    prior = stats.beta(2, 30).ppf((np.arange(50) + 0.5) / 50)
    assert 0 < power_distribution(DESIGN, prior).expected < 1


def test_an_interval_out_of_order_is_an_error():
    with pytest.raises(InputError, match="in order"):
        quantiles(ci_low=0.06)
