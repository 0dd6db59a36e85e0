import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.simulated_trials import (
    cluster_sizes,
    simulate_logit_normal,
    simulate_trials,
)

SETTINGS = {
    "clusters_per_arm": (8, 8),
    "units": 50,
    "cv": 0.4,
    "effects": (0.1,),
    "icc": 0.1,
    "n_trials": 2_000,
}
LEVELS = {"binary": 0.4, "continuous": 3.0, "count": 2.0}


def simulated(outcome, seed=1, **changes):
    return simulate_trials(
        outcome=outcome,
        level=LEVELS[outcome],
        rng=np.random.default_rng(seed),
        **SETTINGS | changes,
    )


@pytest.mark.parametrize("outcome", LEVELS)
def test_arms_have_their_means(outcome):
    trials = simulated(outcome)
    for arm, mean in ((0, LEVELS[outcome]), (1, LEVELS[outcome] + 0.1)):
        inside = trials.arm == arm
        found = trials.sum_y[inside] / trials.n[inside]
        assert found.mean() == pytest.approx(mean, abs=5 * found.std() / np.sqrt(found.size))


@pytest.mark.parametrize("outcome", LEVELS)
@pytest.mark.parametrize("icc", [0.0, 0.05, 0.3])
def test_the_intraclass_correlation_is_the_one_asked_for(outcome, icc):
    """Analysis of variance over 16,000 clusters; its standard error is under 0.004."""
    trials = simulated(outcome, icc=icc, effects=(0.0,), cv=0.0, n_trials=1_000)
    n = SETTINGS["units"]
    means = (trials.sum_y / n).ravel()
    within = (trials.sum_yy - trials.sum_y**2 / n).sum() / (means.size * (n - 1))
    between = means.var(ddof=1) - within / n
    assert between / (between + within) == pytest.approx(icc, abs=0.012)


def test_the_total_spread_of_a_continuous_outcome_is_the_one_asked_for():
    trials = simulated("continuous", sd=7.0, effects=(0.0,), cv=0.0)
    squares = trials.sum_yy.sum() / trials.n.sum() - (trials.sum_y.sum() / trials.n.sum()) ** 2
    assert np.sqrt(squares) == pytest.approx(7, rel=0.01)


def test_units_vary_inside_small_clusters_as_inside_large_ones():
    trials = simulated("continuous", units=3, cv=0.0, icc=0.2, effects=(0.0,))
    within = (trials.sum_yy - trials.sum_y**2 / 3) / 2
    assert within.mean() == pytest.approx(0.8, abs=0.02)


def test_squares_are_those_of_possible_outcomes():
    for outcome in LEVELS:
        trials = simulated(outcome, n_trials=200)
        # Cauchy and Schwarz: units that all equal their mean have the least squares.
        assert (trials.sum_yy >= trials.sum_y**2 / trials.n - 1e-9).all()
    binary = simulated("binary", n_trials=200)
    assert np.array_equal(binary.sum_y, binary.sum_yy)
    count = simulated("count", n_trials=200)
    assert np.array_equal(count.sum_yy, np.rint(count.sum_yy))
    assert (count.sum_yy >= count.sum_y).all()


def test_cluster_sizes_are_whole_with_the_mean_and_spread_asked_for():
    rng = np.random.default_rng(1)
    sizes = cluster_sizes(units=80, cv=0.5, shape=(200, 200), rng=rng)
    assert sizes.mean() == pytest.approx(80, rel=0.01)
    assert sizes.std() / sizes.mean() == pytest.approx(0.5, rel=0.03)
    assert np.array_equal(sizes, np.rint(sizes))
    small = cluster_sizes(units=3, cv=1.5, shape=(100, 10), rng=rng)
    assert small.min() == 2
    assert (cluster_sizes(units=1, cv=0, shape=(3,), rng=rng) == 2).all()


def test_arms_are_drawn_afresh_in_every_trial_at_the_given_numbers():
    trials = simulated("binary", clusters_per_arm=(3, 5, 2), effects=(0.1, -0.1), n_trials=500)
    assert (np.sort(trials.arm, axis=1) == np.repeat([0, 1, 2], [3, 5, 2])).all()
    assert (trials.arm == 1).mean(axis=0) == pytest.approx(np.full(10, 0.5), abs=0.1)
    given = np.tile(np.array([0, 1] * 8, dtype=np.int8), (500, 1))
    assert np.array_equal(simulated("binary", n_trials=500, arm=given).arm, given)


def test_the_same_generator_state_gives_the_same_trials():
    first, again = simulated("count", n_trials=20), simulated("count", n_trials=20)
    assert np.array_equal(first.sum_yy, again.sum_yy)
    assert not np.array_equal(first.sum_y, simulated("count", seed=2, n_trials=20).sum_y)


@pytest.mark.parametrize(
    ("outcome", "changes", "words"),
    [
        ("binary", {"effects": (0.7,)}, "each must lie between 0 and 1"),
        ("count", {"effects": (-2.5,)}, "each must be positive"),
        ("binary", {"icc": 1.0}, "outside"),
        ("continuous", {"icc": -0.1}, "outside"),
        ("binary", {"effects": (0.1, 0.1)}, "1 expected, one for each arm beside the control"),
    ],
)
def test_impossible_settings_are_named(outcome, changes, words):
    with pytest.raises(InputError, match=words):
        simulated(outcome, **changes)


def test_logit_normal_trials_have_their_sizes_shares_and_spread():
    rng = np.random.default_rng(3)
    trials = simulate_logit_normal(
        sizes=(20, 30), clusters_per_arm=(6, 6), logit=0.9, sd_logit=0.4, n_trials=3_000, rng=rng
    )
    assert (trials.n.min(), trials.n.max()) == (20, 30)
    draws = 1 / (1 + np.exp(-(0.9 + 0.4 * rng.standard_normal(200_000))))
    assert trials.sum_y.sum() / trials.n.sum() == pytest.approx(draws.mean(), abs=0.005)
    shares = trials.sum_y / trials.n
    binomial = (draws * (1 - draws)).mean() * (1 / trials.n).mean()
    assert shares.var() == pytest.approx(draws.var() + binomial, rel=0.05)
