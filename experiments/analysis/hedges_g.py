"""Hedges' g of a cluster-randomised trial: which standard deviation, and what clusters do to it."""

from math import exp, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from experiments.analysis.effect_scales import ArmMeans, ScaledEffect, convert, critical_value
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Standardiser = Literal["total", "within", "between"]


def hedges_g(
    means: ArmMeans,
    *,
    variance: float,
    icc: float,
    cluster_sizes: tuple[npt.ArrayLike, npt.ArrayLike],
    standardiser: Standardiser = "total",
    level: float = 0.95,
) -> ScaledEffect:
    """Standardised mean difference of a cluster-randomised trial, equal or unequal sizes.

    Follows Hedges (2007), Effect sizes in cluster-randomized designs, sections on each
    standardiser: the variance estimate is freed of the bias that clustering gives it, its
    degrees of freedom h come from matching its first two moments, J(h) corrects the ratio, and
    Var(g) = J² (Var(difference) / sigma² + d² / 2h). The variance of the difference is that of
    ``means``, so it need not come from the icc.

    Parameters
    ----------
    variance
        Pooled within-arm sample variance: of the units (``"total"``), of the units within
        clusters (``"within"``), or of the unweighted cluster means (``"between"``).
    icc
        Intraclass correlation within arms, in [0, 1).
    cluster_sizes
        Units per cluster, control then treated, shapes (G0,) and (G1,).

    Raises
    ------
    InputError
        A variance that is not positive, an icc outside [0, 1), fewer than two clusters in all.
    AssumptionError
        ``"between"`` with an icc of 0: there is no between variance to standardise by.
    """
    sizes = tuple(np.asarray(arm, dtype=np.float64) for arm in cluster_sizes)
    if not variance > 0 or not 0 <= icc < 1:
        message = f"variance {variance} must be positive and icc {icc} in [0, 1)"
        raise InputError(message)
    if any(len(arm) == 0 or np.any(arm < 1) for arm in sizes):
        message = "cluster_sizes: each arm needs at least one cluster of at least one unit"
        raise InputError(message)
    if standardiser == "between" and icc == 0:
        message = "hedges_g: icc is 0, no variance between clusters; use standardiser 'total'"
        raise AssumptionError(message)
    inflation, h = _variance_moments(sizes, icc, standardiser)
    if h <= 1:
        message = f"hedges_g: {h:.3g} degrees of freedom for the {standardiser} variance"
        raise AssumptionError(message + "; give the difference in points")
    sigma2 = variance / inflation
    points = convert(means, scale="difference", level=level)
    d = points.estimate / sqrt(sigma2)
    correction = exp(gammaln(h / 2) - gammaln((h - 1) / 2)) / sqrt(h / 2)
    error = correction * sqrt(points.std_error**2 / sigma2 + d * d / (2 * h))
    half = critical_value(level, means.df) * error
    note = f"in {standardiser} standard deviations; {h:.1f} degrees of freedom for them"
    return ScaledEffect(
        estimate=correction * d, std_error=error, ci_low=correction * d - half,
        ci_high=correction * d + half, scale="hedges_g", level=level, note=note,
    )  # fmt: skip


def _variance_moments(
    sizes: tuple[Floats, ...], icc: float, standardiser: Standardiser
) -> tuple[float, float]:
    """Expectation of the sample variance over its target, and its moment-matched df."""
    units = sum(float(arm.sum()) for arm in sizes)
    clusters = sum(len(arm) for arm in sizes)
    if standardiser == "within":
        return 1.0, units - clusters
    traces = [_total_traces(arm, icc) for arm in sizes]
    freedom, scale = units - 2, 1.0
    if standardiser == "between":
        traces = [_between_traces(arm, icc) for arm in sizes]
        freedom, scale = clusters - 2, icc
    first, second = (sum(values) for values in zip(*traces, strict=True))
    if freedom <= 0 or second <= 0:
        return 1.0, 0.0
    return first / (freedom * scale), first * first / second


def _total_traces(n: Floats, icc: float) -> tuple[float, float]:
    """tr(A S) and tr((A S)²): A centres one arm, S is compound symmetric within clusters."""
    total, squares, cubes = n.sum(), (n**2).sum(), (n**3).sum()
    within, between = 1 - icc, icc
    shared = total - squares / total
    first = within * (total - 1) + between * shared
    second = (
        within**2 * (total - 1)
        + 2 * within * between * shared
        + between**2 * (squares - 2 * cubes / total + (squares / total) ** 2)
    )
    return float(first), float(second)


def _between_traces(n: Floats, icc: float) -> tuple[float, float]:
    """tr(A D) and tr((A D)²): A centres the cluster means of one arm, D holds their variances."""
    variances = icc + (1 - icc) / n
    count = len(n)
    first = variances.sum() * (1 - 1 / count)
    second = (variances**2).sum() * (1 - 2 / count) + (variances.sum() / count) ** 2
    return float(first), float(second)
