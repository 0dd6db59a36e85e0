import numpy as np
import pytest
from scipy import stats

from experiments.analysis.sample_ratio import sample_ratio
from experiments.errors import InputError


def draws(n, observed, seed=0):
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(observed) for _ in range(n)]).astype(np.int8)


@pytest.mark.parametrize(("treated", "n", "share"), [(18, 34, 0.5), (9, 30, 0.5), (2, 30, 0.25)])
def test_two_arms_are_the_exact_binomial_test(treated, n, share):
    found = sample_ratio(np.repeat([0, 1], [n - treated, treated]), ratios=[1 - share, share])
    assert found.p_clusters == pytest.approx(stats.binomtest(treated, n, share).pvalue, rel=1e-9)


def test_eighteen_against_sixteen_schools_is_no_fault():
    found = sample_ratio(np.repeat([0, 1], [16, 18]), ratios=[1, 1], arms=("control", "nudge"))
    assert round(found.p_clusters, 2) == 0.86
    assert found.verdict == "consistent"
    assert (found.clusters, found.expected_clusters) == ((16, 18), (17, 17))


def test_three_arms_add_up_the_splits_no_likelier():
    observed = np.repeat([0, 1, 2], [7, 2, 3])
    found = sample_ratio(observed, ratios=[2, 1, 1])
    law = stats.multinomial(12, [0.5, 0.25, 0.25])
    every = [(a, b, 12 - a - b) for a in range(13) for b in range(13 - a)]
    chances = np.array([law.pmf(split) for split in every])
    expected = chances[chances <= law.pmf([7, 2, 3]) * (1 + 1e-9)].sum()
    assert found.p_clusters == pytest.approx(expected)


def test_strata_are_taken_one_by_one():
    # Balanced overall, but each half went to one arm.
    observed, stratum = np.repeat([0, 1], 12), np.repeat(["north", "south"], 12)
    assert sample_ratio(observed, ratios=[1, 1]).verdict == "consistent"
    assert sample_ratio(observed, ratios=[1, 1], stratum=stratum).verdict == "suspect"
    pairs = sample_ratio(np.tile([0, 1], 12), ratios=[1, 1], stratum=np.repeat(range(12), 2))
    assert pairs.p_clusters == 1


def test_strata_agree_with_the_product_of_their_laws():
    observed, stratum = np.repeat([0, 1, 0, 1], [1, 5, 3, 3]), np.repeat([0, 1], 6)
    law = stats.binom(6, 0.5).pmf(np.arange(7))
    joint = np.outer(law, law)
    expected = joint[joint <= joint[5, 3] * (1 + 1e-9)].sum()
    found = sample_ratio(observed, ratios=[1, 1], stratum=stratum)
    assert found.p_clusters == pytest.approx(expected, abs=0.005)


def test_arms_named_in_another_order_give_the_same_p():
    observed = np.repeat([0, 1, 2], [9, 2, 5])
    here = sample_ratio(observed, ratios=[2, 1, 1])
    there = sample_ratio(np.array([2, 0, 1])[observed], ratios=[1, 1, 2])
    assert there.p_clusters == pytest.approx(here.p_clusters)


def test_unequal_zones_set_off_the_naive_check_only():
    rng = np.random.default_rng(2)
    size = rng.integers(20, 400, 60)
    observed = np.argsort(np.argsort(size)) % 2
    observed[np.argsort(size)[-4:]] = [0, 1, 1, 1]
    observed[np.argsort(size)[:2]] = [0, 0]
    found = sample_ratio(
        observed, ratios=[1, 1], units=size, allocations=draws(1_999, np.repeat([0, 1], 30))
    )
    assert found.p_units_naive < 1e-4
    assert found.p_units_naive == pytest.approx(stats.chisquare(np.bincount(observed, size)).pvalue)
    assert found.p_units > 0.05
    assert found.verdict == "consistent"
    assert any("drawn one by one" in note for note in found.warnings)


def test_units_lost_in_one_arm_are_seen():
    observed = np.repeat([0, 1], 30)
    size = np.where(observed == 1, 40, 100) + np.arange(60) % 7
    found = sample_ratio(observed, ratios=[1, 1], units=size, allocations=draws(1_999, observed))
    assert found.p_units == 1 / 2_000
    assert any("units lost" in note for note in found.warnings)


def test_rejects_at_its_level_on_correct_draws_unlike_the_naive_check():
    rng = np.random.default_rng(3)
    alarms = np.zeros(2)
    for _ in range(400):
        observed = rng.integers(0, 2, 40)
        found = sample_ratio(observed, ratios=[1, 1], units=rng.integers(20, 400, 40), alpha=0.05)
        alarms += [found.verdict == "suspect", found.p_units_naive < 0.05]
    assert alarms[0] / 400 < 0.06
    assert alarms[1] / 400 > 0.5


def test_lost_clusters_are_suspect():
    found = sample_ratio(np.repeat([0, 1], [60, 20]), ratios=[1, 1])
    assert found.verdict == "suspect"
    assert any("lost" in note for note in found.warnings)


def test_many_arms_are_sampled_with_a_fixed_seed():
    observed = np.repeat(np.arange(7), 90)
    found = sample_ratio(observed, ratios=np.ones(7))
    assert found.p_clusters == 1
    uneven = sample_ratio(np.repeat(np.arange(7), [200, 50, 90, 90, 90, 90, 90]), ratios=np.ones(7))
    assert uneven.p_clusters == 1e-5
    assert uneven == sample_ratio(
        np.repeat(np.arange(7), [200, 50, 90, 90, 90, 90, 90]), ratios=np.ones(7)
    )


def test_says_that_few_clusters_cannot_fail():
    found = sample_ratio([0, 0, 0, 0, 0, 0, 0, 0], ratios=[1, 1])
    assert found.p_clusters == pytest.approx(2 / 256)
    assert any("no split could have p below 0.0078" in note for note in found.warnings)


def test_says_what_is_wrong_with_the_input():
    with pytest.raises(InputError, match="2 ratios for 3 arms"):
        sample_ratio([0, 1], ratios=[1, 1], arms=["a", "b", "c"])
    with pytest.raises(InputError, match="positive"):
        sample_ratio([0, 1], ratios=[1, 0])
    with pytest.raises(InputError, match="between 0 and 1"):
        sample_ratio([0, 2], ratios=[1, 1])
    with pytest.raises(InputError, match="3 cluster sizes for 2"):
        sample_ratio([0, 1], ratios=[1, 1], units=[3, 4, 5])
    with pytest.raises(InputError, match="3 columns for 2 clusters"):
        sample_ratio(
            [0, 1], ratios=[1, 1], units=[3, 4], allocations=np.zeros((1, 3), dtype=np.int8)
        )
