import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.design.enumeration import enumerate_allocations
from experiments.design.randomisation import (
    multinomial,
    sample_allocations,
    scheme_from_observed,
    scheme_from_ratios,
)
from experiments.errors import InputError


def test_every_allocation_is_drawn_equally_often():
    # Odd strata, three arms and pairs: counts by lot, permutations and coin flips at once.
    for strata, ratios in (
        ([0, 0, 0, 0, 0], (1, 1)),
        ([0, 0, 0, 0, 1, 1, 1], (2, 1)),
        ([0, 0, 0, 0], (1, 1, 1)),
        ([0, 0, 0, 0, 0, 0], (3, 1)),
        ([0, 0, 1, 1, 2, 2], (1, 1)),
    ):
        scheme = scheme_from_ratios(np.array(strata), ratios=ratios)
        every = {tuple(row) for row in enumerate_allocations(scheme).tolist()}
        drawn = sample_allocations(scheme, n_draws=20_000, rng=np.random.default_rng(5))
        rows, counts = np.unique(drawn, axis=0, return_counts=True)
        assert {tuple(row) for row in rows.tolist()} == every
        assert stats.chisquare(counts).pvalue > 0.001


def test_remainders_go_to_the_largest_fraction_and_to_tied_arms_by_lot():
    assert scheme_from_ratios(np.zeros(7, int), ratios=(1, 1)).arm_counts == (((4, 3), (3, 4)),)
    assert scheme_from_ratios(np.zeros(7, int), ratios=(2, 1)).arm_counts == (((5, 2),),)
    assert scheme_from_ratios(np.zeros(8, int), ratios=(1, 1, 1)).arm_counts[0] == (
        (3, 3, 2),
        (3, 2, 3),
        (2, 3, 3),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=8, max_size=40),
    st.lists(st.integers(1, 3), min_size=2, max_size=5),
)
def test_counts_in_every_stratum_stay_within_one_of_the_exact_share(strata, ratios):
    codes = np.unique(strata, return_inverse=True)[1]
    scheme = scheme_from_ratios(codes, ratios=ratios)
    drawn = sample_allocations(scheme, n_draws=50, rng=np.random.default_rng(1))
    for stratum in range(codes.max() + 1):
        here = drawn[:, codes == stratum]
        for arm, ratio in enumerate(ratios):
            exact = here.shape[1] * ratio / sum(ratios)
            assert np.all(np.abs((here == arm).sum(axis=1) - exact) < 1)


def test_observed_counts_are_kept_in_every_stratum():
    arms = np.array([0, 1, 1, 2, 0, 0, 1, 2, 2, 2])
    strata = np.array([7, 7, 7, 7, 3, 3, 3, 3, 3, 3])
    scheme = scheme_from_observed(arms, n_arms=3, stratum_codes=strata)
    drawn = sample_allocations(scheme, n_draws=500, rng=np.random.default_rng(2))
    for stratum in (3, 7):
        here = strata == stratum
        want = np.bincount(arms[here], minlength=3)
        for arm in range(3):
            assert np.all((drawn[:, here] == arm).sum(axis=1) == want[arm])


def test_equal_seeds_give_equal_draws_and_others_do_not():
    scheme = scheme_from_ratios(np.zeros(20, int), ratios=(1, 1))
    one, same, other = (
        sample_allocations(scheme, n_draws=100, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_hundred_thousand_draws_of_sixty_clusters_take_a_moment():
    scheme = scheme_from_ratios(np.zeros(60, int), ratios=(1, 1))
    start = time.perf_counter()
    drawn = sample_allocations(scheme, n_draws=100_000, rng=np.random.default_rng(3))
    # 0.1 s on one idle core; room for a busy one.
    assert time.perf_counter() - start < 1.5
    assert drawn.dtype == np.int8
    assert np.all(drawn.sum(axis=1) == 30)


def test_multinomial_is_exact():
    assert multinomial((8, 8)) == 12_870
    assert multinomial((4, 4, 4)) == 34_650
    assert multinomial((30, 30)) == 118_264_581_564_861_424


@pytest.mark.parametrize(
    ("arms", "n_arms", "strata", "message"),
    [
        ([0, 1, 2], 2, None, "between 0 and 1"),
        ([0, -1], 2, None, "between 0 and 1"),
        ([0, 1], 9, None, "two to 8"),
        ([0, 1, 1], 2, [0, 0], "2 stratum codes for 3 clusters"),
    ],
)
def test_impossible_observations_are_refused(arms, n_arms, strata, message):
    with pytest.raises(InputError, match=message):
        scheme_from_observed(
            np.array(arms),
            n_arms=n_arms,
            stratum_codes=None if strata is None else np.array(strata),
        )
