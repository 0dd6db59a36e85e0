import time
from itertools import permutations

import numpy as np
import pytest

from experiments.design.enumeration import count_allocations, enumerate_allocations
from experiments.design.randomisation import scheme_from_observed, scheme_from_ratios


@pytest.mark.parametrize(
    ("strata", "ratios", "count"),
    [
        ([0] * 16, (1, 1), 12_870),
        ([0] * 12, (1, 1, 1), 34_650),
        ([0] * 8, (1, 1, 1, 1), 2_520),
        ([0, 0, 1, 1, 2, 2, 3, 3], (1, 1), 16),
        ([0] * 6 + [1] * 4, (1, 1), 120),
        ([0] * 5, (1, 1), 20),
    ],
)
def test_counts_are_those_of_combinatorics(strata, ratios, count):
    scheme = scheme_from_ratios(np.array(strata), ratios=ratios)
    every = enumerate_allocations(scheme)
    assert count_allocations(scheme) == count == len(every)
    assert len(np.unique(every, axis=0)) == count


def test_every_permutation_within_strata_is_listed():
    arms = (0, 0, 1, 2, 1)
    strata = np.array([0, 0, 0, 0, 0])
    scheme = scheme_from_observed(np.array(arms), n_arms=3, stratum_codes=strata)
    listed = {tuple(row) for row in enumerate_allocations(scheme).tolist()}
    assert listed == set(permutations(arms))


def test_huge_counts_stay_exact_integers():
    scheme = scheme_from_ratios(np.repeat(np.arange(20), 3), ratios=(1, 1, 1))
    assert count_allocations(scheme) == 6**20


def test_fifty_thousand_allocations_are_listed_at_once():
    scheme = scheme_from_ratios(np.zeros(18, int), ratios=(1, 1))
    start = time.perf_counter()
    assert len(enumerate_allocations(scheme)) == 48_620
    # 0.05 s on one idle core; room for a busy one.
    assert time.perf_counter() - start < 1
