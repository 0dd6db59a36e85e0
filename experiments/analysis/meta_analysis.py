"""Random-effects meta-analysis: what several campaigns say together, and the next may find."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import brentq

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Tau2Method = Literal["reml", "paule-mandel", "dersimonian-laird"]
IntervalMethod = Literal["hartung-knapp", "hartung-knapp-floor", "normal"]

FEW_TRIALS, MANY_TRIALS = 5, 20
GRID = 96
REFERENCES = {
    "reml": "Viechtbauer 2005",
    "paule-mandel": "Paule & Mandel 1982",
    "dersimonian-laird": "DerSimonian & Laird 1986",
    "hartung-knapp": "Hartung & Knapp 2001; Sidik & Jonkman 2002",
    "hartung-knapp-floor": "Knapp & Hartung 2003, with the factor held at 1 or more",
    "normal": "Wald",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaAnalysis:
    """Pooled effect of k trials and its heterogeneity, on the scale of the effects.

    Attributes
    ----------
    k
        Number of trials.
    estimate, std_error, df
        Mean effect; df is k - 1 for Hartung-Knapp and infinite for the normal interval.
    ci_low, ci_high, p_value
        Interval of the mean effect at ``level``, and two-sided test that it is zero.
    prediction_low, prediction_high
        Where the effect of a new trial would lie: t with k - 2 degrees of freedom and variance
        tau² + s.e.² (Higgins, Thompson & Spiegelhalter 2009); infinite for two trials. With few
        trials it covers less than ``level`` (Partlett & Riley 2017).
    tau2, tau2_low, tau2_high
        Variance of the true effects, interval by the Q-profile (Viechtbauer 2007).
    i2, i2_low, i2_high
        Percent of the variance that is between trials, for a typical sampling variance (Higgins
        & Thompson 2002), from ``tau2`` and its interval.
    q, q_df, q_p_value
        Cochran's test of one common effect.
    weights
        Share of each trial in the mean, shape (k,), summing to 1.
    tau2_method, interval_method, level
        As asked.
    reference
        Papers followed.
    warnings
        Caveats for the reader.
    """

    k: int
    estimate: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    prediction_low: float
    prediction_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    i2_low: float
    i2_high: float
    q: float
    q_df: int
    q_p_value: float
    weights: Floats
    tau2_method: Tau2Method
    interval_method: IntervalMethod
    level: float
    reference: str
    warnings: tuple[str, ...]


def meta_analyse(
    effects: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    tau2_method: Tau2Method = "reml",
    interval_method: IntervalMethod = "hartung-knapp",
    level: float = 0.95,
) -> MetaAnalysis:
    """Pool independent trials whose true effects differ.

    Parameters
    ----------
    effects
        One effect a trial, shape (k,), on a scale with a roughly normal estimate: differences,
        log ratios, log odds ratios.
    variances
        Their (cluster-robust) sampling variances, shape (k,), taken as known.
    tau2_method
        Restricted maximum likelihood (the global maximum is found, not a local one),
        Paule-Mandel or DerSimonian-Laird.
    interval_method
        ``"hartung-knapp"`` holds its level with few trials of like size;
        ``"hartung-knapp-floor"`` never takes a standard error below the plain one and suits few
        trials of very unequal size; ``"normal"`` is for many trials.

    Raises
    ------
    AssumptionError
        Fewer than two trials.
    InputError
        A value that is not finite, a variance that is not positive, shapes that differ.
    """
    y, v = _checked(effects, variances, level)
    # A typical variance of 1 keeps the tolerances below meaningful on any scale of effects.
    unit = float(np.median(v))
    y, v = y / sqrt(unit), v / unit
    k, tail = len(y), (1 - level) / 2
    estimators = {"reml": _reml, "paule-mandel": _paule_mandel, "dersimonian-laird": _dersimonian}
    tau2 = estimators[tau2_method](y, v)
    weights, mean, dispersion = _pooled(y, v, tau2)
    q = _pooled(y, v, 0.0)[2]
    profile = [
        _solve_dispersion(y, v, float(stats.chi2.ppf(quantile, k - 1)))
        for quantile in (1 - tail, tail)
    ]
    factor = dispersion / (k - 1)
    error, df = _standard_error(weights, factor, k, interval_method)
    half = float(stats.t.ppf(1 - tail, df)) * error
    reach = inf
    if k > 2:
        reach = float(stats.t.ppf(1 - tail, k - 2)) * sqrt(tau2 + error * error)
    back, typical = sqrt(unit), _typical_variance(v)
    share = [100 * value / (value + typical) for value in (tau2, *profile)]
    return MetaAnalysis(
        k=k,
        estimate=back * mean,
        std_error=back * error,
        df=df,
        ci_low=back * (mean - half),
        ci_high=back * (mean + half),
        p_value=2 * float(stats.t.sf(abs(mean) / error, df)) if error > 0 else float(mean == 0),
        prediction_low=back * (mean - reach),
        prediction_high=back * (mean + reach),
        tau2=unit * tau2,
        tau2_low=unit * profile[0],
        tau2_high=unit * profile[1],
        i2=share[0],
        i2_low=share[1],
        i2_high=share[2],
        q=q,
        q_df=k - 1,
        q_p_value=float(stats.chi2.sf(q, k - 1)),
        weights=weights / weights.sum(),
        tau2_method=tau2_method,
        interval_method=interval_method,
        level=level,
        reference=f"{REFERENCES[tau2_method]}; {REFERENCES[interval_method]}",
        warnings=_warnings(v, tau2, factor, interval_method),
    )


def _pooled(y: Floats, v: Floats, tau2: float) -> tuple[Floats, float, float]:
    """Weights 1 / (v + tau²), weighted mean, and weighted squares about it."""
    weights = 1 / (v + tau2)
    mean = float(weights @ y / weights.sum())
    return weights, mean, float(weights @ (y - mean) ** 2)


def _dersimonian(y: Floats, v: Floats) -> float:
    weights, _, q = _pooled(y, v, 0.0)
    total = weights.sum()
    return max(0.0, float((q - (len(y) - 1)) / (total - (weights @ weights) / total)))


def _paule_mandel(y: Floats, v: Floats) -> float:
    return _solve_dispersion(y, v, len(y) - 1)


def _solve_dispersion(y: Floats, v: Floats, target: float) -> float:
    """tau² at which the generalised Q, which falls with tau², equals ``target``; 0 if below."""

    def excess(tau2: float) -> float:
        return _pooled(y, v, tau2)[2] - target

    if excess(0.0) <= 0:
        return 0.0
    return _root(excess, 0.0, _double_until_negative(excess, float(np.var(y)) + 1.0))


def _reml(y: Floats, v: Floats) -> float:
    """Global maximum of the restricted likelihood: a grid finds the peak, the score its top."""

    def score(tau2: float) -> float:
        weights, mean, _ = _pooled(y, v, tau2)
        squares = weights**2
        return float(squares @ (y - mean) ** 2 - weights.sum() + squares.sum() / weights.sum())

    high = _double_until_negative(score, 4 * float(np.ptp(y)) ** 2 + float(v.max()))
    low = min(1e-4, 1e-2 * float(v.min()), 1e-2 * high)
    grid = np.concatenate([[0.0], np.geomspace(low, high, GRID)])
    weights = 1 / (v + grid[:, None])
    total = weights.sum(axis=1)
    mean = weights @ y / total
    squares = weights @ y**2 - total * mean**2
    likelihood = np.log(weights).sum(axis=1) - np.log(total) - squares
    best = int(likelihood.argmax())
    left, right = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID)])
    if score(left) <= 0:
        return left
    return _root(score, left, right)


def _root(function: Callable[[float], float], left: float, right: float) -> float:
    return float(brentq(function, left, right, xtol=1e-13, rtol=1e-13))


def _double_until_negative(function: Callable[[float], float], start: float) -> float:
    while function(start) > 0:
        start *= 2
    return start


def _typical_variance(v: Floats) -> float:
    weights = 1 / v
    total = weights.sum()
    return float((len(v) - 1) * total / (total**2 - weights @ weights))


def _standard_error(
    weights: Floats, factor: float, k: int, method: IntervalMethod
) -> tuple[float, float]:
    """Standard error of the mean and df; ``factor`` is the generalised Q over k - 1."""
    plain = sqrt(1 / float(weights.sum()))
    if method == "normal":
        return plain, inf
    if method == "hartung-knapp-floor":
        factor = max(factor, 1.0)
    return plain * sqrt(factor), k - 1


def _checked(
    effects: npt.ArrayLike, variances: npt.ArrayLike, level: float
) -> tuple[Floats, Floats]:
    y = np.asarray(effects, dtype=np.float64)
    v = np.asarray(variances, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape or not 0 < level < 1:
        message = f"effects {y.shape}, variances {v.shape}, level {level}: one of each per trial"
        raise InputError(message)
    if len(y) < 2:
        message = f"{len(y)} trial: nothing to pool; report the trial's own estimate"
        raise AssumptionError(message)
    wrong = np.flatnonzero(~(np.isfinite(y) & np.isfinite(v) & (v > 0)))
    if len(wrong):
        row = wrong[0]
        message = (
            f"trial {row + 1}: effect {y[row]} with variance {v[row]}; a finite effect and a "
            "positive variance are needed, leave the trial out"
        )
        raise InputError(message)
    return y, v


def _warnings(v: Floats, tau2: float, factor: float, method: IntervalMethod) -> tuple[str, ...]:
    k, found = len(v), []
    if k < FEW_TRIALS:
        found.append(f"{k} trials: the variance between trials is hardly known")
    if k < 2 * FEW_TRIALS:
        found.append(f"prediction interval of {k} trials: holds less often than it says")
    if method == "normal" and k < MANY_TRIALS:
        found.append(f"normal interval with {k} trials is too narrow; use hartung-knapp")
    if tau2 == 0:
        found.append("tau² is estimated as 0, which does not show that the effects are equal")
    if method == "hartung-knapp" and factor < 1:
        found.append(
            "the Hartung-Knapp factor is below 1, the interval may be too narrow; compare "
            "hartung-knapp-floor"
        )
    # Five trials with variances thirty-fold apart: 91 % coverage simulated for a nominal 95 %.
    if method == "hartung-knapp" and k < 2 * FEW_TRIALS and v.max() > 10 * v.min():
        found.append(
            f"{k} trials of very unequal size: the interval is somewhat too narrow; compare "
            "hartung-knapp-floor"
        )
    return tuple(found)
