import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome
from experiments.power.power_analysis import (
    clusters_needed,
    minimum_detectable_effect,
    power_of,
    units_needed,
    waves_needed,
)
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.wedge_schedule import stepped_wedge_sequences


def wedge(**settings):
    usual = {
        "outcome": ContinuousOutcome(),
        "effect": 0.3,
        "sequences": stepped_wedge_sequences(steps=4),
        "clusters": 3,
        "units": 20,
        "icc": 0.1,
        "cluster_autocorrelation": 0.8,
    }
    return SteppedWedgeDesign(**(usual | settings))


def test_clusters_per_step_are_those_of_cluster_power():
    # cpa.sw.normal of clusterPower 0.7.0 (Hooper et al. 2016): 1.288772 clusters at each of 5
    # steps, found within 1.2e-4 of its root.
    design = wedge(
        outcome=ContinuousOutcome(sd=4),
        effect=1.5,
        sequences=stepped_wedge_sequences(steps=5),
        units=50,
        icc=0.2,
        reference="normal",
    )
    assert clusters_needed(design).solution == pytest.approx(1.288772, abs=1.2e-4)
    assert power_of(design.vary(clusters=1.288772)) == pytest.approx(0.8, abs=1e-4)


def test_a_few_clusters_cost_power_against_the_normal_law():
    assert power_of(wedge()) < power_of(wedge(reference="normal")) - 0.03
    assert wedge().contrast().df == 10


def test_power_matches_simulated_wald_tests_with_known_variances():
    # 40,000 trials of 12 clusters: Monte Carlo error .0025.
    design = wedge(reference="normal", individual_autocorrelation=0.4)
    rng, draws = np.random.default_rng(3), 40_000
    treated = np.repeat(design.schedule(), 3, axis=0)
    means = np.sqrt(0.08) * rng.normal(size=(draws, 12, 1))
    means = means + np.sqrt(0.02) * rng.normal(size=(draws, 12, 5))
    means += np.sqrt(0.9 * 0.4 / 20) * rng.normal(size=(draws, 12, 1))
    means += np.sqrt(0.9 * 0.6 / 20) * rng.normal(size=(draws, 12, 5)) + 0.3 * treated
    covariance = (0.08 + 0.9 * 0.4 / 20) + np.eye(5) * (0.02 + 0.9 * 0.6 / 20)
    inverse = np.linalg.inv(covariance)
    x = np.concatenate([np.broadcast_to(np.eye(5), (12, 5, 5)), treated[:, :, None]], axis=2)
    information = np.einsum("ijp,jk,ikq->pq", x, inverse, x)
    score = np.einsum("ijp,jk,sik->sp", x, inverse, means, optimize=True)
    variance = np.linalg.inv(information)
    ratio = (score @ variance[-1]) / np.sqrt(variance[-1, -1])
    assert power_of(design) == pytest.approx(np.mean(ratio > 1.959964), abs=0.008)


def test_unequal_sizes_cost_what_random_allocations_of_such_sizes_cost():
    rng = np.random.default_rng(8)
    errors = []
    for _ in range(150):
        sizes = np.maximum(rng.gamma(1 / 0.36, 20 * 0.36, 12), 1.0)
        sizes *= 20 / sizes.mean()
        known = wedge(cluster_sizes=tuple(np.maximum(sizes, 1.0)))
        errors.append(known.contrast().std_error)
    assert wedge(cv=0.6).contrast().std_error == pytest.approx(np.mean(errors), rel=0.02)
    assert wedge(cv=0.6).contrast().std_error > wedge().contrast().std_error


def test_known_sizes_by_period_are_used_as_they_are():
    flat = wedge(cluster_sizes=(20.0,) * 12)
    full = wedge(cluster_sizes=((20.0,) * 5,) * 12)
    assert power_of(flat) == pytest.approx(power_of(wedge()))
    assert power_of(full) == pytest.approx(power_of(wedge()))
    with pytest.raises(InputError, match="fixes the clusters"):
        units_needed(flat)
    assert minimum_detectable_effect(flat).power == pytest.approx(0.8)


def test_what_helps_and_what_hurts():
    plain = power_of(wedge())
    helps = [
        wedge(clusters=4), wedge(units=40), wedge(extra_periods=2), wedge(effect=-0.4),
        wedge(cluster_autocorrelation=1.0), wedge(individual_autocorrelation=0.5),
    ]  # fmt: skip
    hurts = [
        wedge(treatment_sd=0.2), wedge(level=0.99),
        wedge(sequences=("0.111", "00.11", "000.1", "0000.")),
    ]  # fmt: skip
    assert min(power_of(design) for design in helps) > plain
    assert max(power_of(design) for design in hurts) < plain


def test_units_and_extra_periods_level_off():
    design = wedge(effect=0.2, clusters=2)
    units = units_needed(design)
    assert units.solution is None
    assert units.limit == pytest.approx(power_of(design.vary(units=1e9)), abs=1e-6)
    periods = waves_needed(wedge(), target=0.75)
    assert power_of(wedge(extra_periods=periods.design.waves)) >= 0.75
    assert power_of(wedge(extra_periods=periods.design.waves - 1)) < 0.75


def test_shares_are_taken_at_the_mean_of_both_levels():
    share = wedge(outcome=BinaryOutcome(level=0.7), effect=0.08)
    pooled = wedge(outcome=ContinuousOutcome(sd=np.sqrt(0.74 * 0.26)), effect=0.08)
    assert power_of(share) == pytest.approx(power_of(pooled))


def test_caveats_name_few_clusters_and_a_hidden_assumption():
    notes = wedge(clusters=1, cluster_autocorrelation=1.0).caveats()
    assert any("Fewer than 8" in note for note in notes)
    assert any("autocorrelation is taken as 1" in note for note in notes)
    assert wedge().caveats() == ()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"icc": 1.0}, "icc"),
        ({"cluster_autocorrelation": 1.2}, "cluster_autocorrelation"),
        ({"individual_autocorrelation": 1.0}, "leaves no residual"),
        ({"clusters": 0}, "clusters must be positive"),
        ({"level": 0.0}, "level"),
        ({"cluster_sizes": (3.0, 4.0)}, "2 given for 12"),
        ({"sequences": ("01", "0x")}, "words of one length"),
    ],
)
def test_contradictions_are_named(settings, words):
    with pytest.raises(InputError, match=words):
        wedge(**settings)
