"""Simulated cluster trials as per-cluster sums, many at once, with a known effect."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
OutcomeKind = Literal["binary", "continuous", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTrials:
    """S trials of G clusters, reduced to what estimators read.

    Attributes
    ----------
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome in each cluster, shape (S, G).
    arm
        0 for the control, 1, 2… for the other arms, shape (S, G).
    """

    n: Floats
    sum_y: Floats
    sum_yy: Floats
    arm: npt.NDArray[np.int8]


def simulate_trials(
    *,
    outcome: OutcomeKind,
    clusters_per_arm: tuple[int, ...],
    units: float,
    cv: float,
    level: float,
    effects: tuple[float, ...],
    icc: float,
    sd: float = 1.0,
    n_trials: int,
    rng: np.random.Generator,
    arm: npt.NDArray[np.int8] | None = None,
) -> SimulatedTrials:
    """Draw trials whose clusters share a random effect with the given intraclass correlation.

    Cluster sizes follow a gamma law rounded to whole units, at least 2. Binary outcomes are
    beta-binomial and counts are gamma-Poisson, so that ``icc`` holds on the outcome's own scale
    (Ridout, Demétrio & Firth 1999; Eldridge, Ukoumunne & Carlin 2009); continuous outcomes are
    normal. Arms are drawn uniformly among the allocations with the given numbers.

    Parameters
    ----------
    clusters_per_arm
        Clusters in the control, then in each other arm.
    units, cv
        Mean and coefficient of variation of the cluster size.
    level
        Control mean: a share for binary outcomes, a rate for counts.
    effects
        Difference of each arm from the control, in the outcome's unit; length arms - 1.
    icc
        Intraclass correlation in [0, 1).
    sd
        Total standard deviation of a continuous outcome.
    arm
        Arms of each trial's clusters, shape (S, G), where the draw is restricted.

    Raises
    ------
    InputError
        A level with its effect leaves the outcome's range, or the ICC is outside [0, 1).
    """
    means = np.array([level, *(level + effect for effect in effects)])
    _check(outcome, means, icc, len(clusters_per_arm))
    if arm is None:
        codes = np.repeat(np.arange(len(clusters_per_arm), dtype=np.int8), clusters_per_arm)
        arm = rng.permuted(np.tile(codes, (n_trials, 1)), axis=1)
    n = cluster_sizes(units=units, cv=cv, shape=arm.shape, rng=rng)
    mean = means[arm]
    if outcome == "continuous":
        return SimulatedTrials(n=n, arm=arm, **_continuous(n, mean, icc, sd, rng))
    if outcome == "binary":
        return SimulatedTrials(n=n, arm=arm, **_binary(n, mean, icc, rng))
    return SimulatedTrials(n=n, arm=arm, **_count(n, mean, icc, rng))


def simulate_logit_normal(
    *,
    sizes: tuple[int, int],
    clusters_per_arm: tuple[int, int],
    logit: float,
    sd_logit: float,
    n_trials: int,
    rng: np.random.Generator,
) -> SimulatedTrials:
    """Draw null trials with a normal random effect on the logit and uniform cluster sizes.

    Parameters
    ----------
    sizes
        Smallest and largest cluster, both possible.
    logit, sd_logit
        Mean and standard deviation of the clusters' log odds.
    """
    codes = np.repeat(np.arange(2, dtype=np.int8), clusters_per_arm)
    arm = rng.permuted(np.tile(codes, (n_trials, 1)), axis=1)
    n = rng.integers(sizes[0], sizes[1] + 1, arm.shape).astype(np.float64)
    share = 1 / (1 + np.exp(-(logit + rng.normal(0, sd_logit, arm.shape))))
    sums = rng.binomial(n.astype(np.int64), share).astype(np.float64)
    return SimulatedTrials(n=n, sum_y=sums, sum_yy=sums, arm=arm)


def cluster_sizes(
    *,
    units: float,
    cv: float,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    smallest: float = 2.0,
) -> Floats:
    """Draw whole cluster sizes of the given mean and coefficient of variation."""
    if cv == 0:
        return np.full(shape, max(smallest, float(round(units))))
    sizes = np.rint(rng.gamma(1 / cv**2, units * cv**2, shape))
    return np.maximum(sizes, smallest)


def _check(outcome: OutcomeKind, means: Floats, icc: float, arms: int) -> None:
    if len(means) != arms:
        message = f"effects: {arms - 1} expected, one for each arm beside the control"
        raise InputError(message)
    if not 0 <= icc < 1:
        message = f"icc: {icc} is outside [0, 1)"
        raise InputError(message)
    if outcome == "binary" and not np.all((means > 0) & (means < 1)):
        message = f"level and effects give shares {means.tolist()}: each must lie between 0 and 1"
        raise InputError(message)
    if outcome == "count" and not np.all(means > 0):
        message = f"level and effects give rates {means.tolist()}: each must be positive"
        raise InputError(message)


def _continuous(
    n: Floats, mean: Floats, icc: float, sd: float, rng: np.random.Generator
) -> dict[str, Floats]:
    between, within = sd * np.sqrt(icc), sd * np.sqrt(1 - icc)
    centre = mean + between * rng.standard_normal(n.shape)
    sum_y = n * centre + np.sqrt(n) * within * rng.standard_normal(n.shape)
    squares = within**2 * rng.chisquare(n - 1)
    return {"sum_y": sum_y, "sum_yy": squares + sum_y**2 / n}


def _binary(n: Floats, mean: Floats, icc: float, rng: np.random.Generator) -> dict[str, Floats]:
    share = mean
    if icc > 0:
        concentration = (1 - icc) / icc
        share = rng.beta(mean * concentration, (1 - mean) * concentration)
    sum_y = rng.binomial(n.astype(np.int64), share).astype(np.float64)
    return {"sum_y": sum_y, "sum_yy": sum_y}


def _count(n: Floats, mean: Floats, icc: float, rng: np.random.Generator) -> dict[str, Floats]:
    rate = mean
    if icc > 0:
        # ICC = between / (between + mean) for Poisson units, so between = mean icc / (1 - icc).
        scale = icc / (1 - icc)
        rate = rng.gamma(mean / scale, scale)
    rows = rng.poisson(np.repeat(rate.ravel(), n.ravel().astype(np.int64))).astype(np.float64)
    start = np.concatenate([[0], np.cumsum(n.ravel().astype(np.int64))[:-1]])
    sum_y = np.add.reduceat(rows, start).reshape(n.shape)
    return {"sum_y": sum_y, "sum_yy": np.add.reduceat(rows**2, start).reshape(n.shape)}
