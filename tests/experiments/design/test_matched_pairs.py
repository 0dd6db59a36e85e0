import numpy as np
import pytest

from experiments.design.matched_pairs import mahalanobis_distances, optimal_pairs
from experiments.errors import InputError


def matchings(units):
    if not units:
        yield []
        return
    first, *rest = units
    for partner in rest:
        others = [unit for unit in rest if unit != partner]
        for matching in matchings(others):
            yield [(first, partner), *matching]


@pytest.mark.parametrize("seed", range(6))
def test_the_total_distance_is_the_least_of_all_matchings(seed):
    distances = mahalanobis_distances(np.random.default_rng(seed).normal(size=(10, 2)))
    pairs = optimal_pairs(distances)
    best = min(sum(distances[pair] for pair in matching) for matching in matchings(range(10)))
    assert distances[pairs[:, 0], pairs[:, 1]].sum() == pytest.approx(best)
    assert sorted(pairs.ravel().tolist()) == list(range(10))


def test_greedy_traps_are_avoided():
    # The nearest two, in the middle, must be parted: 0-1 and 2-3 cost 4, 1-2 and 0-3 cost 6.
    points = np.array([0.0, 2.0, 3.0, 5.0])
    distances = np.abs(points[:, None] - points)
    assert optimal_pairs(distances).tolist() == [[0, 1], [2, 3]]


def test_more_than_a_hundred_units_are_paired_close_to_the_full_optimum():
    values = np.sort(np.random.default_rng(3).normal(size=140))[:, None]
    distances = np.abs(values - values.T)
    pairs = optimal_pairs(distances)
    # On a line, the optimum pairs consecutive units.
    assert np.array_equal(pairs, np.arange(140).reshape(-1, 2))


def test_distances_are_mahalanobis():
    values = np.array([[0.0, 1.0], [1.0, 3.0], [4.0, 2.0], [2.0, 2.0], [3.0, 7.0]])
    inverse = np.linalg.inv(np.cov(values.T))
    gap = values[0] - values[4]
    assert mahalanobis_distances(values)[0, 4] == pytest.approx(np.sqrt(gap @ inverse @ gap))


def test_an_odd_number_is_refused():
    with pytest.raises(InputError, match="5 units cannot be paired"):
        optimal_pairs(np.ones((5, 5)))
