"""Several arms against one control: single-step adjusted p-values and simultaneous intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isinf, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Alternative = Literal["two-sided", "greater", "less"]

# Beyond this many degrees of freedom the t distribution is the normal one to nine digits.
NORMAL_DF = 1e6
LARGEST_NORMAL = 9.0
QMC_POINTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DunnettComparisons:
    """Comparisons with the control, adjusted together; one row per arm, in the given order.

    Attributes
    ----------
    labels
        Arms, length k.
    estimates, statistics
        Effects and their t statistics, shape (k,).
    p_values
        Single-step adjusted, shape (k,).
    ci_low, ci_high
        Simultaneous intervals, shape (k,): all k hold together with probability ``level``.
        One side is infinite for a one-sided ``alternative``.
    critical_value
        Equicoordinate quantile of the multivariate t.
    df, level, alternative
        As given.
    method
        How the multivariate t was integrated.
    warnings
        Caveats for the reader.
    """

    labels: tuple[str, ...]
    estimates: Floats
    statistics: Floats
    p_values: Floats
    ci_low: Floats
    ci_high: Floats
    critical_value: float
    df: float
    level: float
    alternative: Alternative
    method: str
    warnings: tuple[str, ...]


def dunnett(
    *,
    labels: Sequence[str],
    estimates: npt.ArrayLike,
    covariance: npt.ArrayLike,
    df: float,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
    seed: int = 2026,
) -> DunnettComparisons:
    """Compare k arms with one control at a joint error rate (Dunnett 1955, 1964).

    The joint distribution is the multivariate t of the given covariance, whatever its form
    (Hothorn, Bretz & Westfall 2008). It is a one-factor integral when the correlations are
    products b_i b_j, as they are for arms of separate clusters; otherwise it is integrated by
    seeded quasi-Monte Carlo, to about four digits.

    Parameters
    ----------
    estimates
        Effects against the control, shape (k,).
    covariance
        Their covariance, shape (k, k); the shared control makes the off-diagonal positive.
    df
        Degrees of freedom common to the comparisons. With few clusters give the smallest of
        theirs: the result is then conservative (Hasler & Hothorn 2008).

    Raises
    ------
    InputError
        Shapes that do not match, a covariance that is not positive definite, df below 1.
    """
    effects, matrix = _checked(labels, estimates, covariance, df, level)
    errors = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(errors, errors)
    probability, method = _joint_probability(correlation, df, alternative, seed)
    critical = _critical_value(probability, len(effects), df, alternative, level)
    statistics = effects / errors
    sign = {"two-sided": np.abs(statistics), "greater": statistics, "less": -statistics}
    tail = [1 - probability(float(bound)) for bound in sign[alternative]]
    half = critical * errors
    infinite = np.full(len(effects), np.inf)
    return DunnettComparisons(
        labels=tuple(labels),
        estimates=effects,
        statistics=statistics,
        p_values=np.clip(tail, 0.0, 1.0),
        ci_low=-infinite if alternative == "less" else effects - half,
        ci_high=infinite if alternative == "greater" else effects + half,
        critical_value=critical,
        df=df,
        level=level,
        alternative=alternative,
        method=method,
        warnings=_warnings(df),
    )


def dunnett_critical_value(
    *,
    correlation: npt.ArrayLike,
    df: float,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
    seed: int = 2026,
) -> float:
    """Bound that all k statistics respect together with probability ``level`` under the null.

    ``correlation`` has shape (k, k); .5 off the diagonal is Dunnett's own table (equal arms).
    """
    matrix = np.asarray(correlation, dtype=np.float64)
    _checked([""] * len(matrix), np.zeros(len(matrix)), matrix, df, level)
    probability, _ = _joint_probability(matrix, df, alternative, seed)
    return _critical_value(probability, len(matrix), df, alternative, level)


def product_loadings(correlation: Floats) -> Floats | None:
    """Loadings b, shape (k,), with correlation b_i b_j off the diagonal; None if there are none."""
    k = len(correlation)
    if k == 1:
        return np.zeros(1)
    if k == 2:
        rho = float(correlation[0, 1])
        return np.array([sqrt(abs(rho)), np.sign(rho) * sqrt(abs(rho))])
    off = ~np.eye(k, dtype=bool)
    if np.all(correlation[off] == 0):
        return np.zeros(k)
    if np.any(correlation[off] <= 0):
        return None
    # log rho_ij = l_i + l_j, solved by row sums of the k (k - 1) equations.
    logs = np.where(off, np.log(np.where(off, correlation, 1.0)), 0.0)
    total = logs.sum() / (2 * (k - 1))
    loadings: Floats = np.exp((logs.sum(axis=1) - total) / (k - 2))
    fits = np.abs(np.outer(loadings, loadings) - correlation)[off].max() < 1e-9
    return loadings if fits and loadings.max() < 1 - 1e-9 else None


def _joint_probability(
    correlation: Floats, df: float, alternative: Alternative, seed: int
) -> tuple[Callable[[float], float], str]:
    """P(every statistic within the bound) as a function of the bound, and its name."""
    two_sided = alternative == "two-sided"
    loadings = product_loadings(correlation)
    if loadings is not None:
        return _one_factor(loadings, df, two_sided=two_sided), "one-factor quadrature"
    return _quasi_monte_carlo(correlation, df, seed, two_sided=two_sided), "quasi-Monte Carlo"


def _one_factor(loadings: Floats, df: float, *, two_sided: bool) -> Callable[[float], float]:
    """Gauss-Legendre over the common factor and over chi / sqrt(df) (Dunnett 1955, eq. 6)."""
    rest = np.sqrt(1 - loadings**2)
    # The integrand steps over a width of about rest.min(): nodes must be denser than that.
    count = int(np.clip(ceil(48 / rest.min()), 96, 2048))
    nodes, weights = np.polynomial.legendre.leggauss(count)
    factor = LARGEST_NORMAL * nodes
    factor_weight = weights * LARGEST_NORMAL * stats.norm.pdf(factor)
    scale, scale_weight = _scale_quadrature(df)
    shift = (factor[:, None] * loadings) / rest

    def probability(bound: float) -> float:
        reach = bound * scale[:, None, None] / rest
        inside = ndtr(reach - shift)
        if two_sided:
            inside = inside - ndtr(-reach - shift)
        return float(scale_weight @ inside.prod(axis=2) @ factor_weight)

    return probability


def _scale_quadrature(df: float) -> tuple[Floats, Floats]:
    """Nodes and weights for s = chi_df / sqrt(df); one node at 1 for the normal."""
    if df > NORMAL_DF:
        return np.ones(1), np.ones(1)
    chi = stats.chi(df)
    low, high = float(chi.ppf(1e-16)), float(chi.isf(1e-16))
    nodes, weights = np.polynomial.legendre.leggauss(96)
    points = low + (nodes + 1) * (high - low) / 2
    density = weights * chi.pdf(points)
    return points / sqrt(df), density / density.sum()


def _quasi_monte_carlo(
    correlation: Floats, df: float, seed: int, *, two_sided: bool
) -> Callable[[float], float]:
    """Genz-Bretz integration; one seed for all bounds keeps the curve smooth enough to invert."""
    k = len(correlation)

    def probability(bound: float) -> float:
        upper = np.full(k, bound)
        lower = -upper if two_sided else np.full(k, -np.inf)
        generator = np.random.default_rng(seed)
        if df > NORMAL_DF:
            return float(
                stats.multivariate_normal.cdf(
                    upper, cov=correlation, lower_limit=lower, maxpts=QMC_POINTS, rng=generator
                )
            )
        return float(
            stats.multivariate_t.cdf(
                upper, shape=correlation, df=df, lower_limit=lower, maxpts=QMC_POINTS,
                random_state=generator,
            )
        )  # fmt: skip

    return probability


def _critical_value(
    probability: Callable[[float], float],
    k: int,
    df: float,
    alternative: Alternative,
    level: float,
) -> float:
    sides = 2 if alternative == "two-sided" else 1
    # Perfect correlation and Bonferroni bound the answer; the margin absorbs integration error.
    low = float(stats.t.isf((1 - level) / sides, df)) - 0.01
    high = float(stats.t.isf((1 - level) / (sides * k), df)) + 0.01
    return float(brentq(lambda bound: probability(bound) - level, low, high, xtol=1e-10))


def _checked(
    labels: Sequence[str],
    estimates: npt.ArrayLike,
    covariance: npt.ArrayLike,
    df: float,
    level: float,
) -> tuple[Floats, Floats]:
    effects = np.asarray(estimates, dtype=np.float64)
    matrix = np.asarray(covariance, dtype=np.float64)
    k = len(labels)
    if k == 0 or effects.shape != (k,) or matrix.shape != (k, k):
        message = f"{k} labels, estimates {effects.shape}, covariance {matrix.shape}: shapes differ"
        raise InputError(message)
    if not np.isfinite(effects).all() or not np.isfinite(matrix).all():
        message = "estimates or covariance: a value is not finite; leave that arm out"
        raise InputError(message)
    scale = np.sqrt(np.abs(np.diag(matrix)))
    definite = scale.min() > 0 and np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0] > 1e-12
    if not definite or not np.allclose(matrix, matrix.T):
        message = "covariance: must be symmetric and positive definite; do two arms coincide?"
        raise InputError(message)
    if not df >= 1 or not 0 < level < 1:
        message = f"df {df} must be at least 1 and level {level} between 0 and 1"
        raise InputError(message)
    return effects, matrix


def _warnings(df: float) -> tuple[str, ...]:
    if isinf(df) or df >= 4:
        return ()
    return (f"{df:.3g} degrees of freedom: the t reference itself is rough, add clusters",)
