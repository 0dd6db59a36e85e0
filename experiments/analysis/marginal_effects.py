"""Risk difference, risk ratio and odds ratio standardised over the units of a trial."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.analysis.coefficient_test import wald_test
from experiments.analysis.estimating_equations import inverse_link
from experiments.analysis.gauss_hermite import normal_quadrature
from experiments.engine.covariate_patterns import CovariatePatterns, Floats
from experiments.errors import InputError

MarginalScale = Literal["difference", "ratio", "odds_ratio"]

LARGEST_LOG = 700.0
# Means are right to 1e-6 for deviations up to 3 on the logit scale.
_INTERCEPT_POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalEffect:
    """One contrast of the two standardised means.

    Attributes
    ----------
    scale
        Ratio scales are tested and bounded on the log, then transformed back.
    estimate, ci_low, ci_high
        On ``scale``.
    std_error
        Of the estimate, or of its log on ratio scales.
    df
        Degrees of freedom of the t distribution; infinite for the normal one.
    p_value
        Two-sided, of no difference or a ratio of 1.
    """

    scale: MarginalScale
    estimate: float
    std_error: float
    df: float
    p_value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalEffects:
    """Standardised means of two arms and their contrasts.

    Attributes
    ----------
    mean_treated, mean_control
        Mean outcome had every unit been in that arm.
    covariance
        Of (control, treated) means, shape (2, 2).
    difference
        Risk difference, in points of the outcome.
    ratio, odds_ratio
        None where the means are not positive, or not below 1.
    """

    mean_treated: float
    mean_control: float
    covariance: Floats
    difference: MarginalEffect
    ratio: MarginalEffect | None
    odds_ratio: MarginalEffect | None


def marginal_effects(
    patterns: CovariatePatterns,
    *,
    coefficients: Floats,
    covariance: Floats,
    treatment: str,
    other_arms: Iterable[str] = (),
    link: str,
    df: float,
    level: float = 0.95,
    random_intercept_sd: float | None = None,
    offset: npt.ArrayLike | None = None,
) -> MarginalEffects:
    """Average fitted means with everyone treated and everyone in control, and contrast them.

    G-computation over the trial's own units, each counted once; standard errors by the delta
    method with the covariates held at their observed values. The design must not hold
    interactions with the arm: use `standardised_effects` with the two designs for those.

    Parameters
    ----------
    patterns : CovariatePatterns
        Those of the fit.
    coefficients, covariance : ndarray
        Of the fit, shapes (p,) and (p, p). With ``random_intercept_sd`` the covariance is the
        joint one of coefficients and standard deviation, shape (p + 1, p + 1).
    treatment : str
        0/1 column of the arm.
    other_arms : iterable of str
        0/1 columns of the other treated arms, set to 0 in both designs.
    link : {"identity", "logit", "log"}
        Of the fit.
    df : float
        Degrees of freedom, as in the test of the coefficient.
    level : float
        Coverage of the intervals.
    random_intercept_sd : float, optional
        Of a mixed logistic regression: means are then taken over its random intercept too.
    offset : array_like, optional
        Of the fit, shape (R,).

    Returns
    -------
    MarginalEffects

    Raises
    ------
    InputError
        Unknown or non-binary arm column, another link, covariance of the wrong shape.
    """
    designs = []
    for value in (1.0, 0.0):
        x = patterns.x.astype(float, copy=True)
        for name in (treatment, *other_arms):
            x[:, _binary_column(patterns, name)] = value if name == treatment else 0.0
        designs.append(x)
    return standardised_effects(
        designs[0],
        designs[1],
        patterns.n,
        coefficients=coefficients,
        covariance=covariance,
        link=link,
        df=df,
        level=level,
        random_intercept_sd=random_intercept_sd,
        offset=offset,
    )


def standardised_effects(
    treated: Floats,
    control: Floats,
    n: Floats,
    *,
    coefficients: Floats,
    covariance: Floats,
    link: str,
    df: float,
    level: float = 0.95,
    random_intercept_sd: float | None = None,
    offset: npt.ArrayLike | None = None,
) -> MarginalEffects:
    """Contrast the means fitted to two counterfactual designs of the same units.

    Parameters
    ----------
    treated, control : ndarray
        Design rows with every unit in the one arm and in the other, shape (R, p).
    n : ndarray
        Units that each row stands for, shape (R,).
    coefficients, covariance, link, df, level, random_intercept_sd, offset
        See `marginal_effects`.

    Returns
    -------
    MarginalEffects
    """
    size = len(coefficients) + (random_intercept_sd is not None)
    if covariance.shape != (size, size):
        message = f"covariance: shape {covariance.shape} where ({size}, {size}) is needed"
        raise InputError(message)
    shift = np.zeros(len(n)) if offset is None else np.asarray(offset, dtype=float)
    (one, slope_one), (zero, slope_zero) = (
        _standardised_mean(
            x, n, x @ coefficients + shift, link=link, random_intercept_sd=random_intercept_sd
        )
        for x in (treated, control)
    )

    def effect(scale: MarginalScale) -> MarginalEffect:
        gradient = _slope(scale, one) * slope_one - _slope(scale, zero) * slope_zero
        return _effect(
            scale,
            _transformed(scale, one) - _transformed(scale, zero),
            math.sqrt(max(0.0, float(gradient @ covariance @ gradient))),
            df=df,
            level=level,
        )

    slopes = np.stack([slope_zero, slope_one])
    return MarginalEffects(
        mean_treated=one,
        mean_control=zero,
        covariance=slopes @ covariance @ slopes.T,
        difference=effect("difference"),
        ratio=effect("ratio") if min(one, zero) > 0 else None,
        odds_ratio=effect("odds_ratio") if min(one, zero) > 0 and max(one, zero) < 1 else None,
    )


def _binary_column(patterns: CovariatePatterns, name: str) -> int:
    if name not in patterns.columns:
        message = f"{name!r} is not a design column; choose among {', '.join(patterns.columns)}"
        raise InputError(message)
    place = patterns.columns.index(name)
    values = patterns.x[:, place]
    if not np.all((values == 0) | (values == 1)):
        message = f"column {name!r} holds values other than 0 and 1; use standardised_effects"
        raise InputError(message)
    return place


def _standardised_mean(
    x: Floats, n: Floats, eta: Floats, *, link: str, random_intercept_sd: float | None
) -> tuple[float, Floats]:
    """Mean over units of the fitted means, and its gradient in the parameters."""
    share = n / n.sum()
    if random_intercept_sd is None:
        mu, slope = inverse_link(link, eta)
        return float(share @ mu), (share * slope) @ x
    mean, slope_sd, slopes = 0.0, 0.0, np.zeros(len(eta))
    for node, weight in zip(*normal_quadrature(_INTERCEPT_POINTS), strict=True):
        mu, slope = inverse_link(link, eta + random_intercept_sd * node)
        mean += weight * float(share @ mu)
        slope_sd += weight * node * float(share @ slope)
        slopes += weight * slope
    return mean, np.append((share * slopes) @ x, slope_sd)


def _transformed(scale: MarginalScale, mean: float) -> float:
    if scale == "difference":
        return mean
    return math.log(mean) if scale == "ratio" else math.log(mean / (1 - mean))


def _slope(scale: MarginalScale, mean: float) -> float:
    if scale == "difference":
        return 1.0
    return 1 / mean if scale == "ratio" else 1 / (mean * (1 - mean))


def _exp(value: float) -> float:
    # A hopelessly wide interval on the log scale is unbounded on the ratio scale.
    return math.exp(value) if value < LARGEST_LOG else math.inf


def _effect(
    scale: MarginalScale, contrast: float, std_error: float, *, df: float, level: float
) -> MarginalEffect:
    test = wald_test(estimate=contrast, std_error=std_error, df=df, level=level)
    values = (test.estimate, test.ci_low, test.ci_high)
    estimate, low, high = values if scale == "difference" else map(_exp, values)
    return MarginalEffect(
        scale=scale,
        estimate=estimate,
        std_error=std_error,
        df=df,
        p_value=test.p_value,
        ci_low=low,
        ci_high=high,
    )
