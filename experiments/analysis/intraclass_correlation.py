"""Intraclass correlation with its interval, from the size and sums of each cluster."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from experiments.analysis.one_way import OneWay, one_way
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
IccMethod = Literal["anova", "fleiss-cuzick", "gee", "mixed"]
AnovaInterval = Literal["searle", "smith", "swiger"]
FEW_CLUSTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class IntraclassCorrelation:
    """Share of an outcome's variance that lies between clusters.

    Attributes
    ----------
    estimate
        In [0, 1): a negative estimate is reported as 0.
    untruncated
        The estimate before it was raised to 0; equal to ``estimate`` for ``"mixed"``, whose
        parameter space starts at 0.
    ci_low, ci_high
        Interval at ``level``, within [0, 1].
    method
        Estimator and interval, in words.
    n_clusters, n_units
        Clusters and units used.
    mean_cluster_size, cv_cluster_size
        Mean size and its coefficient of variation over these clusters (divisor G).
    design_effect
        ``1 + ((1 + cv^2) m - 1) estimate``: variance of the mean over all units against
        independent units (Eldridge, Ashby & Kerry 2006).
    warnings
        What a reader must know before planning with the number.
    """

    estimate: float
    untruncated: float
    ci_low: float
    ci_high: float
    level: float
    method: str
    n_clusters: int
    n_units: float
    mean_cluster_size: float
    cv_cluster_size: float
    design_effect: float
    warnings: tuple[str, ...] = ()


def intraclass_correlation(
    *,
    n: npt.ArrayLike,
    sum_y: npt.ArrayLike,
    sum_yy: npt.ArrayLike,
    arm: npt.ArrayLike | None = None,
    method: IccMethod = "anova",
    interval: AnovaInterval = "searle",
    level: float = 0.95,
) -> IntraclassCorrelation:
    """Intraclass correlation of one outcome on the outcome's own scale.

    Parameters
    ----------
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome in each cluster, shape (G,). Sums about
        any common centre will do, except for ``"fleiss-cuzick"``.
    arm
        Group of each cluster, shape (G,): means are then taken out arm by arm, so that an effect
        is not mistaken for correlation.
    method
        ``"anova"``: Donner (1986), for any outcome. ``"fleiss-cuzick"``: for 0/1 outcomes, with
        the interval of Zou & Donner (2004), whose common-correlation model makes it wide where
        the share is small. ``"gee"``: exchangeable working correlation of
        Liang & Zeger (1986), identity link and one common variance, sandwich interval with
        ``t(G - arms)``. ``"mixed"``: restricted maximum likelihood of the one-way
        random-effects model with a profile-likelihood interval.
    interval
        For ``"anova"``: ``"searle"`` inverts the F ratio and is exact for equal sizes and normal
        outcomes (Searle 1971); ``"smith"`` (1957) and ``"swiger"`` (1964) are normal
        approximations with those papers' variances (compared by Ukoumunne 2002).
    level
        Coverage of the interval.

    Raises
    ------
    InputError
        The arrays do not fit together, or the outcome does not vary.
    AssumptionError
        No cluster holds two units, or the method does not apply to these data.
    """
    anova = one_way(n, sum_y, sum_yy, arm)
    if method == "anova":
        raw, low, high, words = _anova(anova, interval, level)
    elif method == "fleiss-cuzick":
        raw, low, high, words = _fleiss_cuzick(anova, np.asarray(sum_yy, dtype=float), level)
    elif method == "gee":
        raw, low, high, words = _gee(anova, np.asarray(sum_yy, dtype=float), level)
    elif method == "mixed":
        raw, low, high, words = _mixed(anova, level)
    else:
        message = f"method: {method!r} is none of anova, fleiss-cuzick, gee, mixed"
        raise InputError(message)
    mean_size = float(anova.n.mean())
    cv = float(anova.n.std() / mean_size)
    estimate = max(0.0, raw)
    return IntraclassCorrelation(
        estimate=estimate,
        untruncated=raw,
        ci_low=min(max(0.0, low), 1.0),
        ci_high=min(max(0.0, high), 1.0),
        level=level,
        method=words,
        n_clusters=len(anova.n),
        n_units=float(anova.n.sum()),
        mean_cluster_size=mean_size,
        cv_cluster_size=cv,
        design_effect=1 + ((1 + cv**2) * mean_size - 1) * estimate,
        warnings=_warnings(len(anova.n), raw, high),
    )


def _warnings(clusters: int, raw: float, high: float) -> tuple[str, ...]:
    notes = []
    if clusters < FEW_CLUSTERS:
        notes.append(
            f"Only {clusters} clusters: the interval of the intraclass correlation is wide; "
            "plan with its upper end, or with a published value."
        )
    if raw < 0:
        notes.append(f"The estimate, {raw:.4f}, is negative and is reported as 0.")
    if high < 0:
        notes.append("The whole interval lies below 0: clusters differ less than by chance.")
    return tuple(notes)


def _anova(anova: OneWay, interval: AnovaInterval, level: float) -> tuple[float, float, float, str]:
    if anova.within == 0:
        return 1.0, 1.0, 1.0, "analysis of variance; units do not differ within clusters"
    size, ratio = anova.size, anova.variance_ratio
    if ratio - 1 + size <= 0:
        message = (
            "intraclass correlation: clusters are too few and too small for analysis of variance; "
            "use method 'mixed', or more units in each cluster"
        )
        raise AssumptionError(message)
    estimate = (ratio - 1) / (ratio - 1 + size)
    if interval == "searle":
        tails = special.fdtri(anova.df_between, anova.df_within, [(1 + level) / 2, (1 - level) / 2])
        low, high = (ratio / tails - 1) / (ratio / tails - 1 + size)
        return estimate, float(low), float(high), "analysis of variance, exact F interval"
    variances = {"smith": _smith_variance, "swiger": _swiger_variance}
    if interval not in variances:
        message = f"interval: {interval!r} is none of searle, smith, swiger"
        raise InputError(message)
    half = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(variances[interval](anova, estimate)))
    words = f"analysis of variance, {interval.capitalize()}'s normal interval"
    return estimate, estimate - half, estimate + half, words


def _smith_variance(anova: OneWay, icc: float) -> float:
    """Return Smith's (1957) large-sample variance (Donner 1986)."""
    if anova.arms > 1:
        message = "Smith's variance is for one group of clusters; with arms use 'searle'"
        raise AssumptionError(message)
    n, size, between = anova.n, anova.size, anova.df_between
    total, second, third = n.sum(), np.sum(n**2), np.sum(n**3)
    unequal = icc**2 * (second - 2 * third / total + second**2 / total**2)
    inner = (1 + icc * (size - 1)) ** 2 / anova.df_within
    inner += (between * (1 - icc) * (1 + icc * (2 * size - 1)) + unequal) / between**2
    return float(2 * (1 - icc) ** 2 / size**2 * inner)


def _swiger_variance(anova: OneWay, icc: float) -> float:
    """Return Swiger et al.'s (1964) large-sample variance."""
    size, between, within = anova.size, anova.df_between, anova.df_within
    total = between + within
    top = 2 * total * (1 - icc) ** 2 * (1 + (size - 1) * icc) ** 2
    return float(top / (size**2 * within * between))


def _fleiss_cuzick(anova: OneWay, sum_yy: Floats, level: float) -> tuple[float, float, float, str]:
    """Fleiss & Cuzick (1979), with the interval of Zou & Donner (2004) by inversion."""
    n, total = anova.n, anova.n.sum()
    if anova.arms > 1:
        message = "'fleiss-cuzick' is for one group of clusters; with arms use 'anova'"
        raise AssumptionError(message)
    if not np.allclose(anova.sum_y, sum_yy) or np.any((sum_yy < 0) | (sum_yy > n)):
        message = "'fleiss-cuzick' is for outcomes of 0 and 1; for others use 'anova'"
        raise AssumptionError(message)
    share = anova.sum_y.sum() / total
    spread, clusters = share * (1 - share), len(n)
    estimate = float(1 - anova.within / (anova.df_within * spread))
    within, second = anova.df_within**2, np.sum(n**2)
    # Variance (1 - r)(a + b r + c r^2) under the common-correlation model.
    constant = (1 / spread - 6) * np.sum(1 / n) / within
    constant += (2 * total + 4 * clusters - clusters / spread) * clusters / (total * within)
    linear = second / (total**2 * spread) - (2 * total - clusters) / within
    linear -= (3 * total - 2 * clusters) * (total - 2 * clusters) * second / (total**2 * within)
    square = (4 - 1 / spread) * (second - total) / total**2
    variance = np.polynomial.Polynomial([1, -1]) * np.polynomial.Polynomial(
        [constant, linear, square]
    )
    distance = np.polynomial.Polynomial([estimate, -1]) ** 2
    quantile = stats.norm.ppf((1 + level) / 2)
    roots = (distance - quantile**2 * variance).roots()
    real = np.sort(roots[np.isclose(roots.imag, 0)].real)
    low = max((root for root in real if root < estimate), default=0.0)
    high = min((root for root in real if root > estimate), default=1.0)
    return estimate, float(low), float(high), "Fleiss-Cuzick, Zou-Donner interval"


def _gee(anova: OneWay, sum_yy: Floats, level: float) -> tuple[float, float, float, str]:
    """Moment estimator of an exchangeable correlation about generalised least squares means."""
    n, code = anova.n, anova.arm
    pairs = n * (n - 1) / 2
    icc = 0.0
    for _ in range(200):
        weight = n / (1 + (n - 1) * icc)
        centre = np.bincount(code, weight * anova.mean) / np.bincount(code, weight)
        residual = anova.sum_y - n * centre[code]
        square = sum_yy - 2 * centre[code] * anova.sum_y + n * centre[code] ** 2
        variance = square.sum() / n.sum()
        products = (residual**2 - square) / 2
        updated = products.sum() / (variance * pairs.sum())
        # Below -1/(n - 1) the working correlation is no correlation matrix.
        updated = max(updated, -0.99 / max(n.max() - 1, 1.0))
        converged, icc = abs(updated - icc) < 1e-12, float(updated)
        if converged:
            break
    error = _exchangeable_error(anova, residual, square, products, icc)
    half = float(stats.t.ppf((1 + level) / 2, anova.df_between)) * error
    return icc, icc - half, icc + half, "GEE exchangeable correlation, sandwich interval"


def _exchangeable_error(
    anova: OneWay, residual: Floats, square: Floats, products: Floats, icc: float
) -> float:
    """Sandwich error of the correlation from stacked mean, variance and pair equations.

    Follows Yan & Fine (2004), whose correlation depends on means and variance but not the
    reverse; times ``G / (G - arms)`` for few clusters.
    """
    n, code = anova.n, anova.arm
    pairs, total = n * (n - 1) / 2, n.sum()
    weight = 1 / (1 + (n - 1) * icc)
    variance = square.sum() / total
    # Influence of each cluster on its arm's mean, on the variance, then on the correlation.
    on_mean = weight * residual / np.bincount(code, weight * n)[code]
    residual_sum = np.bincount(code, residual)
    on_variance = (square - variance * n - 2 * on_mean * residual_sum[code]) / total
    slope = np.bincount(code, (n - 1) * residual)[code]
    score = products / variance - icc * pairs - slope / variance * on_mean
    score -= products.sum() / variance**2 * on_variance
    spread = np.sum((score / pairs.sum()) ** 2) * len(n) / anova.df_between
    return float(np.sqrt(spread))


def _mixed(anova: OneWay, level: float) -> tuple[float, float, float, str]:
    """Restricted likelihood of the one-way model, profiled over means and residual variance."""
    words = "restricted maximum likelihood, profile-likelihood interval"
    if anova.within == 0:
        return 1.0, 1.0, 1.0, words
    deviance = _restricted_deviance(anova)
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 0.999, 80)])
    values = np.array([deviance(icc) for icc in grid])
    best = int(values.argmin())
    around = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = optimize.minimize_scalar(
        deviance, bounds=around, method="bounded", options={"xatol": 1e-10}
    )
    estimate, least = float(grid[best]), float(values[best])
    if found.fun < least:
        estimate, least = float(found.x), float(found.fun)
    limit = least + float(stats.chi2.ppf(level, 1))

    def excess(icc: float) -> float:
        return deviance(icc) - limit

    low, high = 0.0, 1 - 1e-9
    if excess(0.0) > 0:
        low = optimize.brentq(excess, 0.0, estimate, xtol=1e-12)
    if excess(high) > 0:
        high = optimize.brentq(excess, estimate, high, xtol=1e-12)
    return estimate, float(low), float(high), words


def _restricted_deviance(anova: OneWay) -> Callable[[float], float]:
    """Return -2 log restricted likelihood of the correlation, up to a constant.

    Means and residual variance are profiled out (Patterson & Thompson 1971).
    """
    n, code, mean = anova.n, anova.arm, anova.mean
    df = n.sum() - anova.arms

    def deviance(icc: float) -> float:
        theta = icc / (1 - icc)
        weight = n / (1 + n * theta)
        precision = np.bincount(code, weight)
        centre = np.bincount(code, weight * mean) / precision
        squares = anova.within + np.sum(weight * (mean - centre[code]) ** 2)
        determinant = np.sum(np.log1p(n * theta)) + np.sum(np.log(precision))
        return float(df * np.log(squares) + determinant)

    return deviance
