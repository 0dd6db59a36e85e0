"""Mantel-Haenszel risk ratio and risk difference over strata of the draw."""

from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RatioVariance = Literal["greenland-robins", "jackknife", "cluster"]
DifferenceVariance = Literal["sato", "greenland-robins", "klingenberg", "jackknife", "cluster"]

FEW_STRATA = 10
REFERENCES = {
    "greenland-robins": "Greenland & Robins 1985",
    "sato": "Sato 1989",
    "klingenberg": "Klingenberg 2014",
    "jackknife": "jackknife over strata (Efron & Tibshirani 1993, eq. 11.5)",
    "cluster": "clusters within stratum and arm (Bell & McCaffrey 2002)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MantelHaenszel:
    """Stratified effect of one arm against the control.

    Attributes
    ----------
    estimate
        Risk ratio, or risk difference (0.05 is five points).
    std_error
        Of the log ratio, or of the difference.
    df
        Degrees of freedom of the t reference; infinite for the binomial variances.
    ci_low, ci_high, p_value
        Interval at ``level`` and two-sided test of no effect.
    scale
        ``"ratio"`` or ``"difference"``.
    n_strata
        Strata that hold both arms.
    variance, reference
        Variance used and its paper.
    level
        Coverage of the interval.
    warnings
        Caveats for the reader.
    """

    estimate: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    scale: Literal["ratio", "difference"]
    n_strata: int
    variance: str
    reference: str
    level: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumCounts:
    """Counts of one arm and the control, one row for each cluster.

    Attributes
    ----------
    stratum
        Codes 0 … S - 1, shape (R,).
    treated
        Arm of each row, shape (R,).
    events, n
        Events and units of each row, shape (R,).
    a, n1, c, n0
        Events and units of the arm, then of the control, by stratum, shape (S,).
    """

    stratum: Ints
    treated: npt.NDArray[np.bool_]
    events: Floats
    n: Floats
    a: Floats
    n1: Floats
    c: Floats
    n0: Floats

    @property
    def total(self) -> Floats:
        """Units of each stratum, shape (S,)."""
        return self.n1 + self.n0


def stratum_counts(
    *, stratum: npt.ArrayLike, treated: npt.ArrayLike, events: npt.ArrayLike, n: npt.ArrayLike
) -> StratumCounts:
    """Sum the counts of clusters into strata, leaving out strata that lack an arm.

    Parameters
    ----------
    stratum
        Block of the draw, shape (R,).
    treated
        True for the arm, false for the control, shape (R,).
    events, n
        Events and units of each cluster (or of each arm of a stratum), shape (R,).

    Raises
    ------
    InputError
        Shapes that differ, a missing stratum, events outside 0 … n, or no units.
    AssumptionError
        No stratum holds both arms.
    """
    codes = pd.factorize(np.asarray(stratum))[0]
    arm = np.asarray(treated, dtype=bool)
    count, units = (np.asarray(values, dtype=np.float64) for values in (events, n))
    if not codes.shape == arm.shape == count.shape == units.shape or codes.ndim != 1:
        message = "stratum, treated, events and n must have one value for each row"
        raise InputError(message)
    wrong = np.flatnonzero(~((units > 0) & (count >= 0) & (count <= units)) | (codes < 0))
    if len(wrong):
        row = wrong[0]
        message = (
            f"row {row + 1}: {count[row]:g} events of {units[row]:g} units; a stratum, at least "
            "one unit and events between 0 and their number are needed"
        )
        raise InputError(message)
    held = np.bincount(codes, arm) * np.bincount(codes, ~arm) > 0
    if not held.any():
        message = "no stratum holds both arms; compare the arms without strata (ols-cr2)"
        raise AssumptionError(message)
    kept = held[codes]
    codes = pd.factorize(codes[kept])[0].astype(np.int64)
    arm, count, units = arm[kept], count[kept], units[kept]
    return StratumCounts(
        stratum=codes,
        treated=arm,
        events=count,
        n=units,
        a=_sums(codes, count * arm),
        n1=_sums(codes, units * arm),
        c=_sums(codes, count * ~arm),
        n0=_sums(codes, units * ~arm),
    )


def mantel_haenszel_ratio(
    counts: StratumCounts, *, variance: RatioVariance = "jackknife", level: float = 0.95
) -> MantelHaenszel:
    """Mantel-Haenszel risk ratio, interval from the log.

    Parameters
    ----------
    variance
        ``"greenland-robins"``: binomial, as if units of a stratum and arm were independent.
        ``"jackknife"``: leaves out one stratum at a time, right when strata are independent and
        clusters are not. ``"cluster"``: between clusters of one stratum and arm, for few strata
        with two or more clusters in each arm.

    Raises
    ------
    AssumptionError
        No events in one of the arms, fewer than three strata for the jackknife, or a stratum
        with a single cluster in an arm for ``"cluster"``.
    """
    top, bottom = counts.a * counts.n0 / counts.total, counts.c * counts.n1 / counts.total
    if top.sum() == 0 or bottom.sum() == 0:
        message = "risk ratio: one of the arms has no events; use mantel_haenszel_difference"
        raise AssumptionError(message)
    ratio = float(top.sum() / bottom.sum())
    df: float = inf
    if variance == "greenland-robins":
        cases = counts.n1 * counts.n0 * (counts.a + counts.c) - counts.a * counts.c * counts.total
        error2 = float((cases / counts.total**2).sum() / (top.sum() * bottom.sum()))
    elif variance == "jackknife":
        without = _leave_one_out(top, bottom)
        if without.min() <= 0 or not np.isfinite(without).all():
            message = (
                "jackknife: all events of an arm lie in one stratum; use variance 'cluster' or "
                "mantel_haenszel_difference"
            )
            raise AssumptionError(message)
        error2, df = _jackknife(np.log(without))
    else:
        error2, df = _between_clusters(counts, control_weight=ratio)
        error2 /= float(bottom.sum() * ratio) ** 2
    return _result(log(ratio), error2, df, counts, variance, "ratio", level)


def mantel_haenszel_difference(
    counts: StratumCounts, *, variance: DifferenceVariance = "jackknife", level: float = 0.95
) -> MantelHaenszel:
    """Mantel-Haenszel risk difference.

    Parameters
    ----------
    variance
        Binomial: ``"sato"`` holds with sparse and with large strata, ``"klingenberg"`` inverts
        the test whose variance is Sato's at the difference tested, ``"greenland-robins"`` is
        for large strata. ``"jackknife"`` and ``"cluster"`` as in
        :func:`mantel_haenszel_ratio`.

    Raises
    ------
    AssumptionError
        No events at all or nothing but events, and as :func:`mantel_haenszel_ratio`.
    """
    if counts.events.sum() == 0 or np.array_equal(counts.events, counts.n):
        message = "risk difference: every unit has the same outcome, strata carry no information"
        raise AssumptionError(message)
    weight = counts.n1 * counts.n0 / counts.total
    gaps = (counts.a * counts.n0 - counts.c * counts.n1) / counts.total
    value, total = float(gaps.sum() / weight.sum()), float(weight.sum())
    df: float = inf
    if variance == "klingenberg":
        return _klingenberg(value, counts, level)
    if variance == "jackknife":
        error2, df = _jackknife(_leave_one_out(gaps, weight))
    elif variance == "cluster":
        error2, df = _between_clusters(counts, control_weight=1.0)
        error2 /= total**2
    elif variance == "sato":
        slope, base = _sato_terms(counts)
        error2 = (value * slope + base) / total**2
    else:
        well1, well0 = counts.n1 - counts.a, counts.n0 - counts.c
        cases = counts.a * well1 * counts.n0**3 + counts.c * well0 * counts.n1**3
        error2 = float((cases / (counts.n1 * counts.n0 * counts.total**2)).sum() / total**2)
    return _result(value, error2, df, counts, variance, "difference", level)


def _sums(code: Ints, values: Floats) -> Floats:
    return np.bincount(code, values).astype(np.float64, copy=False)


def _sato_terms(counts: StratumCounts) -> tuple[float, float]:
    """Var(difference) times the squared weight is difference * first + second (Sato 1989)."""
    a, c, n1, n0, total = counts.a, counts.c, counts.n1, counts.n0, counts.total
    slope = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / total**2
    base = (a * (n0 - c) + c * (n1 - a)) / (2 * total)
    return float(slope.sum()), float(base.sum())


def _klingenberg(value: float, counts: StratumCounts, level: float) -> MantelHaenszel:
    """Roots of (value - d)² = z² (d P + Q) / w², an interval about a shifted middle."""
    slope, base = _sato_terms(counts)
    weight2 = float((counts.n1 * counts.n0 / counts.total).sum()) ** 2
    square = float(stats.norm.ppf((1 + level) / 2)) ** 2
    middle = value + square * slope / weight2 / 2
    half = sqrt(max(middle**2 - value**2 + square * base / weight2, 0.0))
    return MantelHaenszel(
        estimate=value,
        std_error=half / sqrt(square),
        df=inf,
        ci_low=max(middle - half, -1.0),
        ci_high=min(middle + half, 1.0),
        p_value=2 * float(stats.norm.sf(abs(value) / sqrt(base / weight2))),
        scale="difference",
        n_strata=len(counts.n1),
        variance="klingenberg",
        reference=REFERENCES["klingenberg"],
        level=level,
        warnings=_warnings(counts, "klingenberg"),
    )


def _leave_one_out(numerator: Floats, denominator: Floats) -> Floats:
    """Pooled ratio without each stratum in turn, shape (S,)."""
    if len(numerator) < 3:
        message = f"jackknife: {len(numerator)} strata are too few; use variance 'cluster'"
        raise AssumptionError(message)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled: Floats = (numerator.sum() - numerator) / (denominator.sum() - denominator)
    return pooled


def _jackknife(without: Floats) -> tuple[float, float]:
    size = len(without)
    return float(((without - without.mean()) ** 2).sum() * (size - 1) / size), size - 1


def _between_clusters(counts: StratumCounts, *, control_weight: float) -> tuple[float, float]:
    """CR2 variance of the score, clusters within stratum and arm, and its Satterthwaite df.

    In one cell of m clusters the residual total of cluster j, with share h_j of the units, is
    divided by sqrt(1 - h_j) (Bell & McCaffrey 2002); equal sizes give the factor m / (m - 1).
    """
    cell = 2 * counts.stratum + counts.treated
    if np.bincount(cell, minlength=2 * len(counts.n1)).min() < 2:
        message = (
            "cluster: some stratum has a single cluster in an arm, so its variance cannot be "
            "seen; use variance 'jackknife'"
        )
        raise AssumptionError(message)
    events, units = (
        np.stack(pair, axis=1).ravel() for pair in ((counts.c, counts.a), (counts.n0, counts.n1))
    )
    weight = np.stack([control_weight * counts.n1, counts.n0], axis=1).ravel()
    weight /= np.repeat(counts.total, 2)
    share = counts.n / units[cell]
    residual = weight[cell] * (counts.events - (events / units)[cell] * counts.n)
    # Moments of the squared adjusted residuals when the units of a cell are alike.
    leverage = counts.n * share / (1 - share)
    cross = _sums(cell, leverage) ** 2 - _sums(cell, leverage**2)
    second = _sums(cell, counts.n**2) + cross
    df = float((weight**2 @ units) ** 2 / (weight**4 @ second))
    return float((residual**2 / (1 - share)).sum()), df


def _result(
    value: float,
    error2: float,
    df: float,
    counts: StratumCounts,
    variance: str,
    scale: Literal["ratio", "difference"],
    level: float,
) -> MantelHaenszel:
    if not error2 > 0:
        message = f"variance '{variance}' is 0: the counts carry no information on it"
        raise AssumptionError(f"{message}; use randomisation inference")
    error = sqrt(error2)
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    ends = (value, value - half, value + half)
    estimate, low, high = (exp(end) for end in ends) if scale == "ratio" else ends
    return MantelHaenszel(
        estimate=estimate,
        std_error=error,
        df=df,
        ci_low=low,
        ci_high=high,
        p_value=2 * float(stats.t.sf(abs(value) / error, df)),
        scale=scale,
        n_strata=len(counts.n1),
        variance=variance,
        reference=REFERENCES[variance],
        level=level,
        warnings=_warnings(counts, variance),
    )


def _warnings(counts: StratumCounts, variance: str) -> tuple[str, ...]:
    if variance == "jackknife" and len(counts.n1) < FEW_STRATA:
        return (f"{len(counts.n1)} strata: the jackknife variance is rough",)
    if variance not in {"jackknife", "cluster"} and counts.n.max() > 1:
        return (
            f"{variance}: takes the units of a stratum and arm as independent; if clusters were "
            "drawn, the interval is too narrow, use variance 'jackknife'",
        )
    return ()
