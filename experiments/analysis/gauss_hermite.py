"""Adaptive Gauss-Hermite quadrature of binomial counts with a normal random intercept."""

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from experiments.engine.covariate_patterns import CovariatePatterns, Floats
from experiments.errors import AssumptionError, InputError

Ints = npt.NDArray[np.int64]

MAX_POINTS = 100

_BLOCK_ROWS = 16384
_MODE_STEPS = 200
_MODE_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialClusters:
    """Grouped binomial outcomes laid out for repeated likelihood evaluation.

    Attributes
    ----------
    design
        Columns of the design, shape (p, R).
    n, sum_y
        Units and events of each pattern, shape (R,).
    start, cluster
        First pattern of each cluster, shape (G,), and cluster of each pattern, shape (R,).
    """

    design: Floats
    n: Floats
    sum_y: Floats
    start: Ints
    cluster: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalLikelihood:
    """Log-likelihood with the random intercept integrated out, and its derivatives.

    Attributes
    ----------
    value
        Of independent 0/1 outcomes: without binomial coefficients.
    gradient
        With respect to the coefficients, then the standard deviation, shape (p + 1,).
    information
        Minus the second derivatives by Louis' identity, shape (p + 1, p + 1); None if not asked.
    modes
        Standardised random intercept at which each cluster's integrand peaks, shape (G,).
    """

    value: float
    gradient: Floats
    information: Floats | None
    modes: Floats


@cache
def normal_quadrature(points: int) -> tuple[Floats, Floats]:
    """Nodes and weights with ``sum w f(z)`` the mean of f under the standard normal."""
    if not 1 <= points <= MAX_POINTS:
        message = f"points: {points} is not between 1 (Laplace) and {MAX_POINTS}"
        raise InputError(message)
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    return nodes, weights / math.sqrt(2 * math.pi)


def binomial_blocks(patterns: CovariatePatterns) -> tuple[BinomialClusters, ...]:
    """Lay patterns out by column, in blocks of whole clusters that fit the processor's cache."""
    ends = np.flatnonzero(np.diff(patterns.start[1:] // _BLOCK_ROWS, append=-1)) + 1
    edges = [0, *ends.tolist()]
    return tuple(_block(patterns, first, last) for first, last in pairwise(edges))


def _block(patterns: CovariatePatterns, first: int, last: int) -> BinomialClusters:
    start = patterns.start[first : last + 1]
    rows = slice(start[0], start[-1])
    return BinomialClusters(
        design=np.ascontiguousarray(patterns.x[rows].T, dtype=float),
        n=patterns.n[rows],
        sum_y=patterns.sum_y[rows],
        start=start[:-1] - start[0],
        cluster=np.repeat(np.arange(last - first), np.diff(start)),
    )


def marginal_likelihood(
    blocks: tuple[BinomialClusters, ...],
    theta: Floats,
    *,
    points: int,
    modes: Floats | None = None,
    information: bool = False,
) -> MarginalLikelihood:
    """Integrate out a normal intercept by quadrature centred and scaled at each cluster's mode.

    The integrand of cluster g, ``exp h(u)`` with
    ``h(u) = sum_r [y_r eta_r - n_r log(1 + e^eta_r)] - u^2 / 2``, ``eta = x beta + sd u``, is
    evaluated relative to its peak, so that nothing underflows however large the cluster. The
    gradient is exact for the quadrature sum: nodes move with the parameters through the mode
    and the curvature there. One point is the Laplace approximation, as lme4's ``nAGQ = 1``.

    Parameters
    ----------
    blocks : tuple of BinomialClusters
        From `binomial_blocks`.
    theta : ndarray
        p coefficients, then the standard deviation of the intercept, at least 0.
    points : int
        Quadrature nodes.
    modes : ndarray, optional
        Where to start looking for the modes, shape (G,); zeros by default.
    information : bool
        Whether to return the information matrix, accurate from about nine points on.

    Returns
    -------
    MarginalLikelihood

    References
    ----------
    Pinheiro & Bates (1995), J. Computational and Graphical Statistics 4, 12-35; Louis (1982),
    JRSS B 44, 226-233.
    """
    nodes, weights = normal_quadrature(points)
    groups = np.cumsum([len(block.start) for block in blocks])
    guesses = np.zeros(groups[-1]) if modes is None else modes
    parts = [
        _block_likelihood(
            block, theta, nodes=nodes, weights=weights, modes=guess, information=information
        )
        for block, guess in zip(blocks, np.split(guesses, groups[:-1]), strict=True)
    ]
    matrices = [part.information for part in parts if part.information is not None]
    return MarginalLikelihood(
        value=math.fsum(part.value for part in parts),
        gradient=np.sum([part.gradient for part in parts], axis=0),
        information=np.sum(matrices, axis=0) if matrices else None,
        modes=np.concatenate([part.modes for part in parts]),
    )


def _block_likelihood(
    data: BinomialClusters,
    theta: Floats,
    *,
    nodes: Floats,
    weights: Floats,
    modes: Floats,
    information: bool,
) -> MarginalLikelihood:
    linear, sd = theta[:-1] @ data.design, float(theta[-1])
    peak = _Peak.at(data, linear, sd, _modes(data, linear, sd, modes))
    total = _Accumulator.empty(data, information=information)
    for node, weight in zip(nodes, weights, strict=True):
        _add_node(total, data, linear, sd, peak, node, weight * math.exp(node**2 / 2))
    value = float(np.sum(peak.height + np.log(peak.width * total.mass)))
    residual = data.design * (total.residual / total.mass[data.cluster])
    sums = np.vstack([_by_cluster(data, residual), total.residual_u / total.mass])
    moved = total.pull * peak.mode_slope + total.stretch * peak.width_slope
    gradient = sums + moved / total.mass + peak.width_slope / peak.width
    return MarginalLikelihood(
        value=value,
        gradient=gradient.sum(axis=1),
        information=_information(total, data, sums) if information else None,
        modes=peak.mode,
    )


@dataclass(slots=True, kw_only=True)
class _Accumulator:
    """Weighted sums over quadrature nodes, by cluster (G) or by pattern (R)."""

    mass: Floats
    residual: Floats
    residual_u: Floats
    pull: Floats
    stretch: Floats
    variance: Floats
    variance_u: Floats
    variance_uu: Floats
    squares: Floats | None

    @classmethod
    def empty(cls, data: BinomialClusters, *, information: bool) -> "_Accumulator":
        groups, rows, p = len(data.start), len(data.n), len(data.design)
        return cls(
            mass=np.zeros(groups),
            residual=np.zeros(rows),
            residual_u=np.zeros(groups),
            pull=np.zeros(groups),
            stretch=np.zeros(groups),
            variance=np.zeros(rows if information else 0),
            variance_u=np.zeros(rows if information else 0),
            variance_uu=np.zeros(groups),
            squares=np.zeros((p + 1, p + 1, groups)) if information else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Peak:
    """Mode of each integrand, its height and width, and their derivatives, shape (p + 1, G)."""

    mode: Floats
    height: Floats
    width: Floats
    mode_slope: Floats
    width_slope: Floats

    @classmethod
    def at(cls, data: BinomialClusters, linear: Floats, sd: float, mode: Floats) -> "_Peak":
        share, log_odds_part = _shares(data, linear + sd * mode[data.cluster])
        variance = data.n * share * (1 - share)
        skew = variance * (1 - 2 * share)
        residual_sum = _by_cluster(data, data.sum_y - data.n * share)
        variance_sum, skew_sum = _by_cluster(data, variance), _by_cluster(data, skew)
        width = 1 / np.sqrt(1 + sd**2 * variance_sum)
        mode_slope = width**2 * np.vstack(
            [
                -sd * _by_cluster(data, data.design * variance),
                residual_sum - sd * mode * variance_sum,
            ]
        )
        curvature_slope = sd**3 * skew_sum * mode_slope + np.vstack(
            [
                sd**2 * _by_cluster(data, data.design * skew),
                2 * sd * variance_sum + sd**2 * mode * skew_sum,
            ]
        )
        return cls(
            mode=mode,
            height=_by_cluster(data, log_odds_part) - mode**2 / 2,
            width=width,
            mode_slope=mode_slope,
            width_slope=-0.5 * width**3 * curvature_slope,
        )


def _add_node(
    total: _Accumulator,
    data: BinomialClusters,
    linear: Floats,
    sd: float,
    peak: _Peak,
    node: float,
    weight: float,
) -> None:
    u = peak.mode + peak.width * node
    share, log_likelihood = _shares(data, linear + sd * u[data.cluster])
    height = _by_cluster(data, log_likelihood) - u**2 / 2
    mass = weight * np.exp(height - peak.height)
    residual = data.sum_y - data.n * share
    residual_sum = _by_cluster(data, residual)
    slope = sd * residual_sum - u
    spread = mass[data.cluster]
    total.mass += mass
    total.residual += spread * residual
    total.residual_u += mass * u * residual_sum
    total.pull += mass * slope
    total.stretch += mass * node * slope
    if total.squares is None:
        return
    variance = data.n * share * (1 - share)
    total.variance += spread * variance
    total.variance_u += (mass * u)[data.cluster] * variance
    total.variance_uu += mass * u**2 * _by_cluster(data, variance)
    scores = np.vstack([_by_cluster(data, data.design * residual), u * residual_sum])
    total.squares += mass * scores[:, None, :] * scores[None, :, :]


def _information(total: _Accumulator, data: BinomialClusters, sums: Floats) -> Floats:
    """Louis (1982): expected complete information less the variance of the complete score."""
    if total.squares is None:
        message = "the sums of squares were not accumulated"
        raise ValueError(message)
    p = len(data.design)
    mass = total.mass[data.cluster]
    complete = np.empty((p + 1, p + 1))
    complete[:p, :p] = (data.design * (total.variance / mass)) @ data.design.T
    complete[p, :p] = complete[:p, p] = data.design @ (total.variance_u / mass)
    complete[p, p] = np.sum(total.variance_uu / total.mass)
    information: Floats = complete - (total.squares / total.mass).sum(axis=2) + sums @ sums.T
    return information


def _modes(data: BinomialClusters, linear: Floats, sd: float, guess: Floats) -> Floats:
    """Newton's method for every cluster at once, kept inside a bracket of the root."""
    events, units = _by_cluster(data, data.sum_y), _by_cluster(data, data.n)
    low, high = sd * (events - units), sd * events
    u = np.clip(guess, low, high)
    last = np.full_like(u, np.inf)
    for _ in range(_MODE_STEPS):
        share, _ = _shares(data, linear + sd * u[data.cluster], likelihood=False)
        slope = sd * _by_cluster(data, data.sum_y - data.n * share) - u
        curvature = 1 + sd**2 * _by_cluster(data, data.n * share * (1 - share))
        low, high = np.where(slope > 0, u, low), np.where(slope < 0, u, high)
        moved, root = u + slope / curvature, np.sqrt(curvature)
        # Newton's steps can cycle inside the bracket when the deviation is large.
        slow = np.abs(moved - u) > np.maximum(last / 2, _MODE_TOLERANCE / root)
        moved = np.where(slow | (moved < low) | (moved > high), (low + high) / 2, moved)
        last, u = np.abs(moved - u), moved
        if np.max(last * root) < _MODE_TOLERANCE:
            return u
    message = (
        f"the mode of a cluster's random intercept was not found at standard deviation {sd:.3g}: "
        "clusters with only 0 or only 1, or covariates within clusters, separate the outcomes; "
        "use a zone-level difference in means or randomisation inference"
    )
    raise AssumptionError(message)


def _shares(
    data: BinomialClusters, eta: Floats, *, likelihood: bool = True
) -> tuple[Floats, Floats]:
    """Probability of the event in each pattern, and its log-likelihood contribution."""
    tail = np.exp(-np.abs(eta))
    smaller = tail / (1 + tail)
    share = np.where(eta >= 0, 1 - smaller, smaller)
    if not likelihood:
        return share, share
    return share, data.sum_y * eta - data.n * (np.maximum(eta, 0) + np.log(1 + tail))


def _by_cluster(data: BinomialClusters, values: Floats) -> Floats:
    """Sum over the patterns of each cluster, along the last axis."""
    sums: Floats = np.add.reduceat(values, data.start, axis=-1)
    return sums
