"""Two-stage adjustment: cluster means of what covariates of units leave unexplained."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Family = Literal["gaussian", "binomial", "poisson"]

MOST_ITERATIONS = 100
MOST_HALVINGS = 12
# Relative change of the deviance at which the regression has converged.
CONVERGED = 1e-12
# Smallest eigenvalue of the covariates' correlation matrix.
COLLINEAR = 1e-10
# A fitted share this close to 0 or 1 means that covariates predict perfectly.
BOUNDARY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedMeans:
    """One covariate-adjusted number for each cluster.

    Attributes
    ----------
    values
        Mean residual, in the outcome's unit, or log ratio of observed to expected, shape (G,).
    observed, expected
        Mean outcome of each cluster, and the mean its covariates predict without the arm,
        shape (G,).
    coefficients
        First-stage coefficients by column, on the scale of the link.
    cluster_level
        Columns that are constant within every cluster: each costs the second stage one degree
        of freedom.
    warnings
        Caveats in words.
    """

    values: Floats
    observed: Floats
    expected: Floats
    coefficients: dict[str, float]
    cluster_level: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def df_lost(self) -> int:
        """Degrees of freedom to take from the second stage's t test."""
        return len(self.cluster_level)


def adjusted_means(
    patterns: CovariatePatterns,
    *,
    family: Family,
    scale: Literal["difference", "log_ratio"] = "difference",
) -> AdjustedMeans:
    """Take out of each cluster's mean what covariates predict, the arm left out.

    First stage: unit outcomes on covariates, without the arm, by least squares (gaussian),
    logistic (binomial) or log-linear (poisson) regression. Second stage, done by the caller: a
    zone-level test on ``values``. Clustering does not enter the first stage and need not: under
    no effect the residual means of the two arms have one distribution (Gail et al. 1996, Stat
    Med 15:1069-1092; Hayes & Moulton 2017, ch. 10-11). Away from it, the difference is slightly
    pulled towards zero when arms differ in covariates.

    Parameters
    ----------
    patterns : CovariatePatterns
        Rows grouped by cluster and covariates; no column may hold the arm.
    family : {"gaussian", "binomial", "poisson"}
        First-stage regression.
    scale : {"difference", "log_ratio"}
        ``(observed - expected)`` means, or ``log(observed / expected)``.

    Raises
    ------
    InputError
        Columns that repeat one another.
    AssumptionError
        An outcome that does not vary, or a cluster without events on the log scale.
    """
    coefficients = _fit(patterns, family)
    fitted = _mean(patterns.x @ coefficients, family)
    units = _by_cluster(patterns, patterns.n)
    observed = _by_cluster(patterns, patterns.sum_y) / units
    expected = _by_cluster(patterns, patterns.n * fitted) / units
    if scale == "log_ratio":
        values = _log_ratio(patterns, observed, expected)
    else:
        values = observed - expected
    return AdjustedMeans(
        values=values,
        observed=observed,
        expected=expected,
        coefficients=dict(zip(patterns.columns, coefficients.tolist(), strict=True)),
        cluster_level=_cluster_level(patterns),
        warnings=_caveats(fitted, family),
    )


def _by_cluster(patterns: CovariatePatterns, column: Floats) -> Floats:
    sums = np.bincount(patterns.cluster, weights=column, minlength=patterns.n_clusters)
    return sums.astype(np.float64)


def _mean(linear: Floats, family: Family) -> Floats:
    if family == "gaussian":
        return linear
    mean: Floats = expit(linear) if family == "binomial" else np.exp(linear)
    return mean


def _fit(patterns: CovariatePatterns, family: Family) -> Floats:
    """First-stage coefficients, by least squares or Newton's method on standardised columns."""
    x, shift, scale = _standardised(patterns)
    n, sum_y = patterns.n, patterns.sum_y
    if family == "gaussian":
        coefficients = _weighted_least_squares(x, n, sum_y / n)
    else:
        coefficients = _newton(x, n, sum_y, family)
    coefficients /= scale
    coefficients[0] -= coefficients @ shift
    return coefficients


def _newton(x: Floats, n: Floats, sum_y: Floats, family: Family) -> Floats:
    """Maximum likelihood from the intercept-only fit, steps halved while they overshoot."""
    share = sum_y.sum() / n.sum()
    if share <= 0 or (family == "binomial" and share >= 1):
        raise AssumptionError("every unit has the same outcome: there is nothing to adjust")
    coefficients: Floats = np.zeros(x.shape[1])
    coefficients[0] = np.log(share / (1 - share)) if family == "binomial" else np.log(share)
    linear = x @ coefficients
    deviance = _deviance(linear, n, sum_y, family)
    for _ in range(MOST_ITERATIONS):
        mean = _mean(linear, family)
        curvature = mean * (1 - mean) if family == "binomial" else mean
        step = _weighted_least_squares(x, n * curvature, (sum_y / n - mean) / curvature)
        before = deviance
        for halving in range(MOST_HALVINGS):
            trial = coefficients + step / 2**halving
            linear = x @ trial
            deviance = _deviance(linear, n, sum_y, family)
            if deviance <= before + CONVERGED * (abs(before) + 1):
                break
        coefficients = trial
        if abs(before - deviance) <= CONVERGED * (abs(deviance) + 1):
            return coefficients
    message = (
        "the first-stage regression does not converge; leave out or coarsen a covariate, or use "
        "family='gaussian'"
    )
    raise AssumptionError(message)


def _standardised(patterns: CovariatePatterns) -> tuple[Floats, Floats, Floats]:
    """Columns with mean 0 and deviation 1 over units, the intercept apart; means; deviations."""
    weight = patterns.n / patterns.n.sum()
    shift = weight @ patterns.x
    shift[0] = 0.0
    centred = patterns.x - shift
    scale = np.sqrt(weight @ centred**2).astype(np.float64)
    size = np.abs(patterns.x).max(axis=0)
    gram = (centred * weight[:, None]).T @ centred / np.outer(scale, scale).clip(1e-300)
    kept: list[int] = []
    for place, name in enumerate(patterns.columns):
        block = gram[np.ix_([*kept, place], [*kept, place])]
        if scale[place] <= 1e-10 * size[place] or np.linalg.eigvalsh(block)[0] < COLLINEAR:
            raise InputError(
                f"covariate '{name}' is constant or a combination of the others: leave it out"
            )
        kept.append(place)
    standardised: Floats = centred / scale
    return standardised, shift, scale


def _weighted_least_squares(x: Floats, weight: Floats, y: Floats) -> Floats:
    weighted = x * weight[:, None]
    return np.linalg.solve(weighted.T @ x, weighted.T @ y).astype(np.float64)


def _deviance(linear: Floats, n: Floats, sum_y: Floats, family: Family) -> float:
    """Minus twice the log likelihood, up to a constant."""
    cumulant = np.logaddexp(0, linear) if family == "binomial" else np.exp(linear)
    return float(-2 * (sum_y @ linear - n @ cumulant))


def _caveats(fitted: Floats, family: Family) -> tuple[str, ...]:
    if family == "gaussian":
        return ()
    low, high = fitted.min(), fitted.max()
    if low > BOUNDARY and (family == "poisson" or high < 1 - BOUNDARY):
        return ()
    return (
        "the covariates predict some units perfectly, so first-stage coefficients are not finite; "
        "adjusted means remain defined",
    )


def _cluster_level(patterns: CovariatePatterns) -> tuple[str, ...]:
    first = patterns.x[patterns.start[:-1]]
    constant = (patterns.x == first[patterns.cluster]).all(axis=0)
    varies = (first != first[0]).any(axis=0)
    return tuple(
        name for name, held in zip(patterns.columns, constant & varies, strict=True) if held
    )


def _log_ratio(patterns: CovariatePatterns, observed: Floats, expected: Floats) -> Floats:
    if observed.min() <= 0 or expected.min() <= 0:
        lowest = int(np.argmin(np.minimum(observed, expected)))
        message = (
            f"cluster '{patterns.clusters[lowest]}' has no events, so its log ratio is not "
            "finite; use scale='difference'"
        )
        raise AssumptionError(message)
    ratio: Floats = np.log(observed / expected)
    return ratio
