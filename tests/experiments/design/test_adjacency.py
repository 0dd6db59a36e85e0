from itertools import combinations

import numpy as np
import pytest

from experiments.design.adjacency import (
    EARTH_RADIUS_M,
    connected_groups,
    contacts,
    edges_between,
    edges_within,
    euclidean_distances,
    haversine_distances,
    largest_without_neighbours,
    spillover_exposure,
)
from experiments.errors import InputError


def test_great_circle_from_nashville_to_los_angeles():
    """The usual worked example, 2887.26 km on a sphere of 6372.8 km (Rosetta Code, Haversine)."""
    distances = haversine_distances(np.array([36.12, 33.94]), np.array([-86.67, -118.40]))
    assert distances[0, 1] * 6_372_800 / EARTH_RADIUS_M == pytest.approx(2_887_259.95, abs=0.1)
    assert distances[0, 0] == 0
    assert distances[0, 1] == distances[1, 0]


def test_short_distances_agree_with_the_plane():
    latitude = np.array([44.56, 44.561])
    longitude = np.array([6.08, 6.082])
    north = np.radians(0.001) * EARTH_RADIUS_M
    east = np.radians(0.002) * EARTH_RADIUS_M * np.cos(np.radians(44.5605))
    distances = haversine_distances(latitude, longitude)
    assert distances[0, 1] == pytest.approx(np.hypot(north, east), rel=1e-6)


def test_edges_groups_and_contacts():
    x, y = np.array([0.0, 3.0, 6.0, 20.0, 23.0]), np.zeros(5)
    edges = edges_within(euclidean_distances(x, y), limit=3.0)
    assert edges.tolist() == [[0, 1], [1, 2], [3, 4]]
    assert connected_groups(5, edges).tolist() == [0, 0, 0, 1, 1]
    allocations = np.array([[0, 0, 0, 1, 1], [0, 1, 0, 1, 2]], dtype=np.int8)
    assert contacts(allocations, edges).tolist() == [0, 3]


@pytest.mark.parametrize("seed", range(5))
def test_no_larger_set_without_neighbours_exists(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(size=(12, 2))
    edges = edges_within(euclidean_distances(*points.T), limit=0.35)
    kept = largest_without_neighbours(12, edges)
    joined = {tuple(edge) for edge in edges.tolist()}

    def free(chosen):
        return not any(pair in joined for pair in combinations(chosen, 2))

    assert free(kept.tolist())
    assert not any(free(chosen) for chosen in combinations(range(12), len(kept) + 1))


def test_ties_keep_the_clusters_that_come_first():
    assert largest_without_neighbours(4, np.array([[0, 1], [2, 3]])).tolist() == [0, 2]
    assert largest_without_neighbours(3, np.empty((0, 2), int)).tolist() == [0, 1, 2]


def test_exposure_counts_treated_neighbours():
    edges = np.array([[0, 1], [0, 2], [0, 3]])
    exposure = spillover_exposure(np.array([0, 1, 2, 0, 1], np.int8), edges, n_arms=3)
    assert exposure.neighbours.tolist() == [3, 1, 1, 1, 0]
    assert exposure.treated.tolist() == [2, 0, 0, 0, 0]
    assert exposure.treated_share == pytest.approx([2 / 3, 0, 0, 0, 0])
    assert exposure.in_arm[0].tolist() == [1, 1, 1]


def test_neighbours_by_label_are_checked():
    labels = ["A", "B", "C"]
    pairs = [("B", "A", "line 2"), ("A", "B", "line 3"), ("C", "A", "line 4")]
    assert edges_between(labels, pairs).tolist() == [[0, 1], [0, 2]]
    with pytest.raises(InputError, match="line 9: neighbour X is no cluster"):
        edges_between(labels, [("A", "X", "line 9")])
    with pytest.raises(InputError, match="neighbour itself"):
        edges_between(labels, [("A", "A", "line 9")])
