"""Wild cluster bootstrap-t of one linear combination of coefficients, from cluster scores."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from experiments.analysis.absorption import group_sums
from experiments.analysis.cluster_leverage import FULL_LEVERAGE, ClusterLeverage
from experiments.analysis.cluster_robust import ClusterRobustFit
from experiments.analysis.contrast import check_identified, check_variation, contrast_weights
from experiments.analysis.p_value_function import (
    PValueFunction,
    last_kept,
)
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Weights = Literal["rademacher", "webb"]

VALUES: dict[str, tuple[float, ...]] = {
    "rademacher": (1.0, -1.0),
    "webb": (
        math.sqrt(1.5), 1.0, math.sqrt(0.5), -math.sqrt(0.5), -1.0, -math.sqrt(1.5),
    ),
}  # fmt: skip
FEW_CLUSTERS = 12
# Weights held in memory at once.
BATCH = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class WildClusterBootstrap:
    """Bootstrap test of one linear combination of coefficients and the interval that inverts it.

    Attributes
    ----------
    estimate, std_error
        Least squares, and the cluster-robust standard error that studentises it.
    statistic, p_value
        ``(estimate - null) / std_error``, and its two-sided bootstrap p.
    ci_low, ci_high
        Values not rejected at ``1 - level``; infinite on a side where none can be rejected, NaN
        when not asked for.
    level
        Coverage of the interval.
    n_draws
        Draws compared: half of all weight vectors when enumerated, since a vector and its
        opposite give the same ``|t|``.
    enumerated
        True when p is exact, without Monte Carlo error.
    weights
        Distribution of the weights.
    warnings
        Caveats in words.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    level: float
    n_draws: int
    enumerated: bool
    weights: Weights
    warnings: tuple[str, ...] = ()


def wild_cluster_bootstrap(
    fit: ClusterRobustFit,
    contrast: str | npt.ArrayLike,
    *,
    rng: np.random.Generator,
    null: float = 0.0,
    weights: Weights = "webb",
    scores: Literal["plain", "jackknife"] = "plain",
    impose_null: bool = True,
    draws: int = 9999,
    level: float = 0.95,
    interval: bool = True,
) -> WildClusterBootstrap:
    """Test one coefficient by resampling the signs (and sizes) of whole clusters' residuals.

    Cameron, Gelbach & Miller (2008, REStat 90:414-427); computed from cluster scores as in
    Roodman, Nielsen, MacKinnon & Webb (2019, Stata J 19:4-60) and MacKinnon (2023, Econometrics
    and Statistics). The statistic is studentised by the covariance of ``fit``: CR1 for the
    usual bootstrap. With ``scores="jackknife"`` it is the WCR-S of MacKinnon, Nielsen & Webb
    (2023, J Appl Econom 38:671-694), their 31 with a CR1 fit and 33 with a CR3 or CR3J fit.

    In a draw, the numerator less the value tested, and the terms of its variance, are linear in
    that value. Each draw so keeps five numbers, p is cheap for any value, and the interval is
    found by bisection with the same draws.

    All weight vectors are taken when they are no more than ``draws`` (2^G Rademacher, 6^G
    Webb), the null is imposed and scores are plain, so that the observed sample is one of them:
    p is then the share of ``|t*| >= |t|``, ties included (wildboottest and pyfixest leave them
    out, the observed sample too). Otherwise p is ``(1 + #{|t*| >= |t|}) / (draws + 1)``.

    Parameters
    ----------
    fit : ClusterRobustFit
        From `cluster_robust_fit`, with ``correction="CR1"`` unless said otherwise.
    contrast : str or array_like
        Name of a design column, or one weight for each of ``fit.columns``.
    rng : Generator
        Source of the draws.
    null : float
        Value tested.
    weights : {"webb", "rademacher"}
        The six points of Webb (2023, CJE 56:839-858), or signs.
    scores : {"plain", "jackknife"}
        Residual scores as they are, or divided by one less their leverage.
    impose_null : bool
        Resample residuals of the fit under the null (WCR, recommended) or of ``fit`` (WCU).
    draws : int
        Number of draws.
    level : float
        Coverage of the interval.
    interval : bool
        Whether to invert the test.

    Returns
    -------
    WildClusterBootstrap

    Raises
    ------
    InputError
        Unknown weights, scores or column.
    AssumptionError
        Two clusters or fewer, one cluster alone on a side, or no variation.
    """
    _check_options(weights, scores, draws)
    places = contrast_weights(contrast, columns=fit.columns, dropped=fit.dropped)
    direction = fit.leverage.whitening.T @ places
    carried = check_identified(fit.leverage, direction, clusters=fit.clusters)
    std_error = math.sqrt(float(places @ fit.covariance @ places))
    check_variation(std_error, direction, outcome_square=fit.outcome_square)
    estimate = float(places @ fit.coefficients)
    observed_repeats = impose_null and scores == "plain"
    enumerated = observed_repeats and len(VALUES[weights]) ** fit.n_clusters <= draws
    function = _p_value_function(
        _equations(fit, direction, jackknife=scores == "jackknife", impose_null=impose_null),
        _enumerate(weights, fit.n_clusters)
        if enumerated
        else _sample(weights, fit.n_clusters, draws, rng),
        std_error=std_error,
        enumerated=enumerated,
    )
    low = high = math.nan
    if interval:
        low = estimate - last_kept(function, side=-1, alpha=1 - level)
        high = estimate + last_kept(function, side=1, alpha=1 - level)
    return WildClusterBootstrap(
        estimate=estimate,
        std_error=std_error,
        statistic=(estimate - null) / std_error,
        p_value=function.p_value(null - estimate, studentised=True),
        ci_low=low,
        ci_high=high,
        level=level,
        n_draws=len(function.gap),
        enumerated=enumerated,
        weights=weights,
        warnings=fit.warnings + carried + _cautions(fit.n_clusters, weights, low, high),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Equations:
    """What a draw needs: scores under the value tested, and how they enter the variance.

    Scores are ``scores[0] + (estimate - value) * scores[1]``, each of shape (G, k); cluster g
    adds ``(v_g a_g - h_g' w)^2`` to the variance, with ``a_g`` the adjusted score along the
    contrast, ``h_g`` = ``pull`` and w the change of the coefficients.
    """

    direction: Floats
    factor: Floats
    pull: Floats
    scores: tuple[Floats, Floats]
    observed: float
    codes: npt.NDArray[np.int64] | None


def _equations(
    fit: ClusterRobustFit, direction: Floats, *, jackknife: bool, impose_null: bool
) -> _Equations:
    leverage = fit.leverage
    factor = fit.adjusted @ direction
    unrestricted = leverage.scores
    restricting = np.zeros_like(unrestricted)
    if impose_null:
        restricting = leverage.gram[:, :, -leverage.p :] @ (direction / (direction @ direction))
    scores = (unrestricted, restricting)
    if jackknife:
        fixed = direction if impose_null else None
        scores = (_jackknife(leverage, scores[0], fixed), _jackknife(leverage, scores[1], fixed))
    return _Equations(
        direction=direction,
        factor=factor,
        pull=np.einsum("gij,gj->gi", leverage.gram, factor),
        scores=scores,
        observed=float(np.sum(np.einsum("gi,gi->g", factor, unrestricted) ** 2)),
        codes=leverage.codes,
    )


def _jackknife(leverage: ClusterLeverage, scores: Floats, fixed: Floats | None) -> Floats:
    """Scores of residuals divided by one less the leverage of the fit with ``fixed`` held."""
    k, p = leverage.gram.shape[1], leverage.p
    basis = np.eye(k)
    if fixed is not None:
        left, _, _ = np.linalg.svd(np.concatenate([np.zeros(k - p), fixed])[:, None])
        basis = left[:, 1:]
    inner = basis.T @ leverage.gram @ basis
    values, vectors = np.linalg.eigh(inner)
    kept = values < FULL_LEVERAGE
    inverse = np.where(kept, 1 / np.where(kept, 1 - values, 1.0), 0.0)
    turned = np.einsum("gji,gj->gi", vectors, scores @ basis) * inverse
    added = np.einsum("gij,gj->gi", vectors, turned) @ basis.T
    inflated: Floats = scores + np.einsum("gij,gj->gi", leverage.gram, added)
    return inflated


def _p_value_function(
    equations: _Equations, batches: Iterator[Floats], *, std_error: float, enumerated: bool
) -> PValueFunction:
    parts = [_draw_coefficients(equations, batch) for batch in batches]
    gap, slope, constant, linear, square = np.concatenate(parts, axis=1)
    scale = std_error**2 / equations.observed
    return PValueFunction(
        gap=gap,
        slope=slope,
        constant=scale * constant,
        linear=scale * linear,
        square=scale * square,
        std_error=std_error,
        scale=std_error,
        enumerated=enumerated,
    )


def _draw_coefficients(equations: _Equations, draws: Floats) -> Floats:
    """Numerators and variance terms of some draws, shape (5, D), from weights (D, G)."""
    at_estimate, with_value = (
        _contributions(equations, scores, draws) for scores in equations.scores
    )
    return np.stack(
        [
            at_estimate[0],
            with_value[0],
            np.einsum("dg,dg->d", at_estimate[1], at_estimate[1]),
            np.einsum("dg,dg->d", at_estimate[1], with_value[1]),
            np.einsum("dg,dg->d", with_value[1], with_value[1]),
        ]
    )


def _contributions(equations: _Equations, scores: Floats, draws: Floats) -> tuple[Floats, Floats]:
    """Change of the contrast, shape (D,), and cluster terms of its variance, shape (D, G)."""
    p = len(equations.direction)
    change = draws @ scores[:, -p:]
    terms = draws * np.einsum("gi,gi->g", equations.factor, scores)
    terms -= change @ equations.pull[:, -p:].T
    if equations.codes is not None:
        means = group_sums((draws * scores[:, 0]).T, equations.codes)[equations.codes].T
        terms -= means * equations.pull[:, 0]
    return change @ equations.direction, terms


def _enumerate(weights: Weights, n_clusters: int) -> Iterator[Floats]:
    """All weight vectors up to their sign, in batches: the first cluster's weight is positive."""
    values = np.array(VALUES[weights])
    base = len(values)
    places = base ** np.arange(n_clusters - 1) * (base // 2)
    for start in range(0, total := base**n_clusters // 2, step := max(1, BATCH // n_clusters)):
        index = np.arange(start, min(start + step, total))
        rest = index[:, None] // places % base
        yield values[np.column_stack([index % (base // 2), rest])]


def _sample(
    weights: Weights, n_clusters: int, draws: int, rng: np.random.Generator
) -> Iterator[Floats]:
    values = np.array(VALUES[weights])
    step = max(1, BATCH // n_clusters)
    for start in range(0, draws, step):
        size = (min(step, draws - start), n_clusters)
        yield values[rng.integers(0, len(values), size=size, dtype=np.int8)]


def _check_options(weights: str, scores: str, draws: int) -> None:
    if weights not in VALUES:
        message = f"weights '{weights}': choose among {', '.join(get_args(Weights))}"
        raise InputError(message)
    if scores not in {"plain", "jackknife"}:
        message = f"scores '{scores}': choose among plain, jackknife"
        raise InputError(message)
    if draws < 1:
        message = f"draws {draws}: give a positive number, such as 9999"
        raise InputError(message)


def _cautions(n_clusters: int, weights: Weights, low: float, high: float) -> tuple[str, ...]:
    said = []
    if weights == "rademacher" and n_clusters < FEW_CLUSTERS:
        said.append(
            f"Rademacher weights with {n_clusters} clusters give at most {2 ** (n_clusters - 1)} "
            "distinct statistics: use Webb weights."
        )
    sides = [name for name, end in (("below", low), ("above", high)) if math.isinf(end)]
    if sides:
        said.append(
            f"No value {' or '.join(sides)} the estimate can be rejected at this level: the "
            "interval is open there; use randomisation inference, or more clusters."
        )
    return tuple(said)
