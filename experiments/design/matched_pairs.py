"""Matched pairs of units by optimal non-bipartite matching on covariates."""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from experiments.design.constrained_randomisation import scaled_covariates
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Above this many units, only each unit's nearest candidates are considered as partners.
ALL_PARTNERS = 100
NEAREST_PARTNERS = 15
TIME_LIMIT_S = 30


def mahalanobis_distances(covariates: Floats) -> Floats:
    """Mahalanobis distances between rows, by their own covariance, shape (U, U).

    Raises
    ------
    InputError
        A constant covariate.
    """
    white = scaled_covariates(covariates, score="mahalanobis")
    norms = (white**2).sum(axis=1)
    squared = norms[:, None] + norms - 2 * white @ white.T
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def optimal_pairs(distances: Floats) -> Integers:
    """Pairs of units with the least total distance, shape (U / 2, 2), lower index first.

    A minimum-weight perfect matching (Greevy et al. 2004, Biostatistics 5:263), solved as an
    integer programme: exact up to 100 units, and beyond that exact among the 15 nearest
    candidates of each unit.

    Parameters
    ----------
    distances : array, shape (U, U)
        Symmetric, not negative.

    Raises
    ------
    InputError
        An odd number of units, or no solution in half a minute.
    """
    n_units = len(distances)
    if n_units % 2:
        raise InputError(f"{n_units} units cannot be paired: drop or add one")
    first, second = np.nonzero(np.triu(_candidates(distances), k=1))
    columns = np.arange(len(first))
    incidence = sparse.csr_array(
        (
            np.ones(2 * len(first)),
            (np.concatenate([first, second]), np.concatenate([columns, columns])),
        ),
        shape=(n_units, len(first)),
    )
    solved = milp(
        distances[first, second],
        integrality=np.ones(len(first)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(incidence, 1, 1),
        options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": 0},
    )
    if solved.status != 0:
        raise InputError(
            f"no optimal matching of {n_units} units was found in {TIME_LIMIT_S} s: match within "
            "strata, or name the pairs in a column"
        )
    chosen = solved.x > 0.5
    return np.stack([first[chosen], second[chosen]], axis=1).astype(np.int64)


def _candidates(distances: Floats) -> npt.NDArray[np.bool_]:
    n_units = len(distances)
    if n_units <= ALL_PARTNERS:
        return np.ones((n_units, n_units), dtype=np.bool_)
    apart = distances + np.diag(np.full(n_units, np.inf))
    nearest = np.argpartition(apart, NEAREST_PARTNERS, axis=1)[:, :NEAREST_PARTNERS]
    near = np.zeros((n_units, n_units), dtype=np.bool_)
    np.put_along_axis(near, nearest, values=True, axis=1)
    # A ring through all units keeps a perfect matching possible whatever the neighbourhoods.
    ring = (np.arange(n_units) + 1) % n_units
    near[np.arange(n_units), ring] = True
    return near | near.T
