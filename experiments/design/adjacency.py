"""Neighbouring clusters: distances, connected groups, buffers and exposure to other arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csgraph

from experiments.design.randomisation import Codes, Integers
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]

# Mean radius of the Earth, International Union of Geodesy and Geophysics.
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRestriction:
    """Allocations in which few neighbouring clusters are in different arms.

    Attributes
    ----------
    edges
        Indices of neighbouring clusters, shape (E, 2).
    max_contacts
        Largest admissible number of edges that join two arms.
    """

    edges: Integers
    max_contacts: int

    def admits(self, allocations: Codes) -> npt.NDArray[np.bool_]:
        """Mask of the admissible rows of ``allocations``, shape (n, G)."""
        return contacts(allocations, self.edges) <= self.max_contacts


def contacts(allocations: Codes, edges: Integers) -> Integers:
    """Number of neighbouring pairs in different arms, for each row of shape (n, G)."""
    differ = allocations[:, edges[:, 0]] != allocations[:, edges[:, 1]]
    return np.asarray(differ.sum(axis=1), dtype=np.int64)


def haversine_distances(latitude: Floats, longitude: Floats) -> Floats:
    """Great-circle distances in metres between points in degrees, shape (G, G).

    On the sphere of mean radius; within 0.6 % of the ellipsoid (Sinnott 1984).
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((phi[:, None] - phi) / 2) ** 2
        + np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def euclidean_distances(x: Floats, y: Floats) -> Floats:
    """Distances between projected points, in their own unit, shape (G, G)."""
    return np.hypot(x[:, None] - x, y[:, None] - y)


def edges_within(distances: Floats, *, limit: float) -> Integers:
    """Pairs of clusters at most ``limit`` apart, shape (E, 2), each once, lower index first."""
    first, second = np.nonzero(np.triu(distances <= limit, k=1))
    return np.stack([first, second], axis=1).astype(np.int64)


def edges_between(labels: Sequence[str], pairs: Sequence[tuple[str, str, str]]) -> Integers:
    """Pairs of neighbours given by label, shape (E, 2), each once, lower index first.

    Parameters
    ----------
    labels : sequence of str
        Cluster labels, in order.
    pairs : sequence of (str, str, str)
        Two labels, then the place they were read from, named in errors.

    Raises
    ------
    InputError
        A label that is no cluster, or a cluster said to neighbour itself.
    """
    index = {label: place for place, label in enumerate(labels)}
    edges = set()
    for one, other, place in pairs:
        for label in (one, other):
            if label not in index:
                raise InputError(
                    f"{place}: neighbour {label} is no cluster: correct the name or add its row"
                )
        if one == other:
            raise InputError(f"{place}: cluster {one} is said to neighbour itself: remove the pair")
        edges.add((min(index[one], index[other]), max(index[one], index[other])))
    return np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)


def connected_groups(n_clusters: int, edges: Integers) -> Integers:
    """Group of each cluster, shape (G,): clusters joined by a chain of neighbours share one.

    Groups are numbered by their first cluster.
    """
    found = csgraph.connected_components(_graph(n_clusters, edges), directed=False)[1]
    _, first, codes = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[codes].astype(np.int64)


def _graph(n_clusters: int, edges: Integers) -> sparse.csr_array:
    ones = np.ones(len(edges))
    return sparse.csr_array((ones, (edges[:, 0], edges[:, 1])), shape=(n_clusters, n_clusters))


def largest_without_neighbours(n_clusters: int, edges: Integers) -> Integers:
    """Positions of a largest set of clusters no two of which are neighbours, sorted.

    A maximum independent set, by integer programming; among sets of the largest size, clusters
    that come first are preferred.

    Raises
    ------
    InputError
        The neighbourhoods are too entangled to be solved in half a minute.
    """
    if len(edges) == 0:
        return np.arange(n_clusters)
    rows = np.repeat(np.arange(len(edges)), 2)
    incidence = sparse.csr_array(
        (np.ones(2 * len(edges)), (rows, edges.ravel())), shape=(len(edges), n_clusters)
    )
    # Preferences sum to less than one cluster, so they only break ties of size.
    preference = np.arange(n_clusters) / (n_clusters * (n_clusters + 1))
    solved = milp(
        preference - 1,
        integrality=np.ones(n_clusters),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(incidence, -np.inf, 1),
        options={"time_limit": 30, "mip_rel_gap": 0},
    )
    if solved.status != 0:
        raise InputError(
            "no largest set of clusters without neighbours was found in 30 s: shorten the buffer "
            "distance, or merge neighbours with the rule no_adjacent_arms"
        )
    return np.flatnonzero(solved.x > 0.5).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpilloverExposure:
    """What each cluster's neighbours received.

    Attributes
    ----------
    neighbours
        Number of neighbours of each cluster, shape (G,).
    in_arm
        Neighbours in each arm, shape (G, arms), the control first.
    """

    neighbours: Integers
    in_arm: Integers

    @property
    def treated(self) -> Integers:
        """Neighbours outside the control arm, shape (G,)."""
        return np.asarray(self.in_arm[:, 1:].sum(axis=1), dtype=np.int64)

    @property
    def treated_share(self) -> Floats:
        """Share of neighbours outside the control arm; 0 without neighbours, shape (G,)."""
        return self.treated / np.maximum(self.neighbours, 1)


def spillover_exposure(allocation: Codes, edges: Integers, *, n_arms: int) -> SpilloverExposure:
    """Counts of neighbours by arm for one allocation of shape (G,)."""
    in_arm = np.zeros((len(allocation), n_arms), dtype=np.int64)
    np.add.at(in_arm, (edges[:, 0], allocation[edges[:, 1]]), 1)
    np.add.at(in_arm, (edges[:, 1], allocation[edges[:, 0]]), 1)
    return SpilloverExposure(neighbours=in_arm.sum(axis=1), in_arm=in_arm)
