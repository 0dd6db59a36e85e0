"""One contrast of two arm means on the scales that readers ask for, with t intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, isfinite, pi, sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, logit

from experiments.analysis.effect_estimate import Scale
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Transform = Callable[[Floats], Floats]

DIFFERENCE_INSTEAD = "use scale 'difference', with a randomisation-inference interval"
# Each scale is a difference of one transform of the two means; its derivative beside it.
TRANSFORMS: dict[str, tuple[Transform, Transform]] = {
    "difference": (lambda mean: mean, np.ones_like),
    "log_ratio": (np.log, np.reciprocal),
    "log_odds_ratio": (logit, lambda share: 1 / (share * (1 - share))),
    "cohens_h": (
        lambda share: 2 * np.arcsin(np.sqrt(share)),
        lambda share: 1 / np.sqrt(share * (1 - share)),
    ),
}
LARGEST_LOG = 700.0
EXPONENTIALS = {"ratio": "log_ratio", "odds_ratio": "log_odds_ratio"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmMeans:
    """Two arm means with their joint uncertainty.

    Attributes
    ----------
    control, treated
        Means, or shares when ``share`` is true.
    covariance
        Cluster-robust covariance of (control, treated), shape (2, 2); its off-diagonal is not
        zero when clusters or strata hold both arms.
    df
        Degrees of freedom of the t reference; infinite for the normal.
    share
        Whether the means are shares between 0 and 1.
    """

    control: float
    treated: float
    covariance: Floats
    df: float
    share: bool

    def __post_init__(self) -> None:
        values = np.asarray(self.covariance, dtype=np.float64)
        finite = np.isfinite([self.control, self.treated]).all() and np.isfinite(values).all()
        if values.shape != (2, 2) or not finite:
            message = "arm means: two finite means and a finite (2, 2) covariance are expected"
            raise InputError(message)
        low = float(np.linalg.eigvalsh(values)[0])
        if not np.allclose(values, values.T) or low < -1e-10 * np.trace(values):
            message = "covariance: not symmetric and positive semi-definite, so not a covariance"
            raise InputError(message)
        if not self.df > 0:
            message = f"df: {self.df} is not positive; too few clusters for an interval"
            raise InputError(message)
        if self.share and not (0 <= self.control <= 1 and 0 <= self.treated <= 1):
            message = f"shares {self.control} and {self.treated} must lie between 0 and 1"
            raise InputError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledEffect:
    """Effect on one scale; the interval follows the scale and need not be symmetric.

    Attributes
    ----------
    estimate, std_error
        On ``scale``; the standard error by the delta method.
    ci_low, ci_high
        Interval at ``level``.
    scale
        Name of the scale.
    level
        Coverage of the interval.
    note
        How the interval was made, and what the number means.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    scale: Scale
    level: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiellerSet:
    """Confidence set of a ratio, which may be unbounded.

    Attributes
    ----------
    estimate
        Treated mean over control mean.
    intervals
        One finite interval, two half-lines, or the whole line.
    bounded
        False when the control mean is not distinguishable from zero at ``level``.
    level
        Coverage of the set.
    note
        The set in words.
    """

    estimate: float
    intervals: tuple[tuple[float, float], ...]
    bounded: bool
    level: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeededToTreat:
    """Units to reach for one more good outcome, as a set that may pass through infinity.

    Attributes
    ----------
    estimate
        Positive: units for one more good outcome. Negative: for one more bad outcome. Infinite:
        the two shares are equal.
    benefit, harm
        Range of numbers needed to benefit and to harm; None when ``level`` excludes that side.
        Both are given, each reaching infinity, when the difference is compatible with zero.
    level
        Coverage of the set.
    note
        The set in words.
    """

    estimate: float
    benefit: tuple[float, float] | None
    harm: tuple[float, float] | None
    level: float
    note: str


def critical_value(level: float, df: float) -> float:
    """Two-sided t quantile; the normal one for infinite ``df``."""
    if not 0 < level < 1:
        message = f"level: {level} is not between 0 and 1"
        raise InputError(message)
    return float(stats.t.ppf((1 + level) / 2, df))


def convert(means: ArmMeans, *, scale: Scale, level: float = 0.95) -> ScaledEffect:
    """Contrast of two arm means on the scale named, treated against control.

    Each scale is the difference of one function of the two means, by the delta method; ratios
    are exponentials of differences of logs. The odds ratio is the population-level one, nearer
    to 1 than a mixed model's. Cohen's h follows Cohen (1988), eq. 6.2.1.

    Raises
    ------
    InputError
        The scale needs more than two means (Hedges' g) or gives a set, not an interval (number
        needed to treat): they have their own functions.
    AssumptionError
        A mean that is not positive or a share of 0 or 1 on a ratio scale; odds or Cohen's h of
        means that are not shares; a contrast without variance.
    """
    base = EXPONENTIALS.get(scale, scale)
    if base not in TRANSFORMS:
        message = (
            f"scale '{scale}': known here are {', '.join([*TRANSFORMS, *EXPONENTIALS])}; "
            "hedges_g and number_needed_to_treat have their own functions"
        )
        raise InputError(message)
    _require_domain(means, scale)
    pair = np.array([means.control, means.treated])
    transform, derivative = TRANSFORMS[base]
    value = float(np.diff(transform(pair))[0])
    gradient = np.array([-1.0, 1.0]) * derivative(pair)
    error = sqrt(max(float(gradient @ means.covariance @ gradient), 0.0))
    if error == 0:
        message = "covariance: the contrast has no variance (do all clusters have one mean?), so"
        raise AssumptionError(f"{message} no interval; use randomisation inference")
    if base == scale:
        note = "t interval" if scale == "difference" else "delta method, t interval"
        return _interval(value, error, means.df, scale, level, note)
    return _exponential(value, error, means.df, scale, level)


def number_needed_to_treat(
    means: ArmMeans, *, higher_is_better: bool = True, level: float = 0.95
) -> NumberNeededToTreat:
    """Reciprocal of the difference of two shares and of its interval (Altman 1998).

    Raises
    ------
    AssumptionError
        The means are not shares.
    """
    if not means.share:
        message = "number needed to treat is for shares; use scale 'difference' for means"
        raise AssumptionError(message)
    points = convert(means, scale="difference", level=level)
    value, low, high = points.estimate, points.ci_low, points.ci_high
    if not higher_is_better:
        value, low, high = -value, -high, -low
    benefit = (1 / high, 1 / low if low > 0 else inf) if high > 0 else None
    harm = (-1 / low, -1 / high if high < 0 else inf) if low < 0 else None
    if benefit and harm:
        note = (
            f"compatible with no difference: from {benefit[0]:.4g} to benefit, through "
            f"infinity, to {harm[0]:.4g} to harm; not an ordinary interval"
        )
    else:
        note = "every number in the interval is to " + ("benefit" if benefit else "harm")
    return NumberNeededToTreat(
        estimate=1 / value if value else inf, benefit=benefit, harm=harm, level=level, note=note
    )


def fieller_ratio(means: ArmMeans, *, level: float = 0.95) -> FiellerSet:
    """Confidence set of treated over control without linearisation (Fieller 1954).

    The set holds each ratio r for which a t test of treated - r control = 0 does not reject.
    """
    if means.control == 0:
        message = "ratio: the control mean is 0, so no ratio exists; use scale 'difference'"
        raise AssumptionError(message)
    square = critical_value(level, means.df) ** 2
    covariance = np.asarray(means.covariance)
    a = means.control**2 - square * covariance[0, 0]
    b = means.control * means.treated - square * covariance[0, 1]
    c = means.treated**2 - square * covariance[1, 1]
    root = sqrt(max(b * b - a * c, 0.0))
    ends: tuple[tuple[float, float], ...] = ((-inf, inf),)
    note = "unbounded: neither mean is distinguishable from zero, no ratio is excluded"
    if a > 0:
        ends, note = (((b - root) / a, (b + root) / a),), "Fieller interval"
    elif a < 0 and b * b > a * c:
        low, high = sorted(((b - root) / a, (b + root) / a))
        ends = ((-inf, low), (high, inf))
        note = (
            "unbounded: the control mean is not distinguishable from zero; the set is "
            f"all ratios outside {low:.4g} to {high:.4g}"
        )
    return FiellerSet(
        estimate=means.treated / means.control, intervals=ends, bounded=a > 0, level=level,
        note=note,
    )  # fmt: skip


def convert_log_odds_ratio(
    *,
    estimate: float,
    std_error: float,
    df: float,
    scale: Scale,
    control_share: float | None = None,
    level: float = 0.95,
) -> ScaledEffect:
    """Log odds ratio of a logistic model on another scale.

    Hedges' g is the log odds ratio times sqrt(3)/pi (Hasselblad & Hedges 1995). The difference,
    the ratio and Cohen's h are those of a population whose control share is exactly
    ``control_share``: the interval holds the odds ratio uncertain and that share known.

    Raises
    ------
    InputError
        A standard error that is not positive, or a control share missing or outside (0, 1)
        where the scale needs it.
    """
    if not (isfinite(estimate) and std_error > 0 and df > 0):
        message = f"log odds ratio {estimate}, s.e. {std_error}, df {df}: not an estimate"
        raise InputError(message)
    if scale == "log_odds_ratio":
        return _interval(estimate, std_error, df, scale, level, "t interval")
    if scale == "odds_ratio":
        return _exponential(estimate, std_error, df, scale, level)
    if scale == "hedges_g":
        note = "log odds ratio times sqrt(3)/pi, logistic latent outcome"
        factor = sqrt(3) / pi
        return _interval(factor * estimate, factor * std_error, df, scale, level, note)
    if scale not in {"difference", "ratio", "log_ratio", "cohens_h"}:
        message = f"scale '{scale}': a log odds ratio cannot be converted to it"
        raise InputError(message)
    if control_share is None or not 0 < control_share < 1:
        message = f"control_share: {control_share}; scale '{scale}' needs a share inside (0, 1)"
        raise InputError(message)
    half = critical_value(level, df) * std_error
    ends = np.array([estimate, estimate - half, estimate + half])
    shares = expit(logit(control_share) + ends)
    transform, derivative = TRANSFORMS[EXPONENTIALS.get(scale, scale)]
    values = transform(shares) - transform(np.array(control_share))
    slope = float(derivative(shares[0]) * shares[0] * (1 - shares[0]))
    if scale in EXPONENTIALS:
        values = np.exp(values)
        slope *= float(values[0])
    return ScaledEffect(
        estimate=float(values[0]), std_error=slope * std_error, ci_low=float(values[1]),
        ci_high=float(values[2]), scale=scale, level=level,
        note=f"at a control share of {control_share:.4g}, taken as known",
    )  # fmt: skip


def _interval(
    value: float, error: float, df: float, scale: Scale, level: float, note: str
) -> ScaledEffect:
    half = critical_value(level, df) * error
    return ScaledEffect(
        estimate=value, std_error=error, ci_low=value - half, ci_high=value + half, scale=scale,
        level=level, note=note,
    )  # fmt: skip


def _exponential(value: float, error: float, df: float, scale: Scale, level: float) -> ScaledEffect:
    half = critical_value(level, df) * error
    # An interval too wide for floating point is unbounded.
    high = exp(value + half) if value + half < LARGEST_LOG else inf
    return ScaledEffect(
        estimate=exp(value), std_error=exp(value) * error, ci_low=exp(value - half),
        ci_high=high, scale=scale, level=level, note="t interval on the log scale",
    )  # fmt: skip


def _require_domain(means: ArmMeans, scale: Scale) -> None:
    pair = (means.control, means.treated)
    if scale != "difference" and means.share and (min(pair) <= 0 or max(pair) >= 1):
        message = f"scale '{scale}': a share is 0 or 1 ({pair[0]}, {pair[1]}), so it has no"
        raise AssumptionError(f"{message} finite standard error; {DIFFERENCE_INSTEAD}")
    if scale in {"ratio", "log_ratio"} and min(pair) <= 0:
        message = f"scale '{scale}': means {pair[0]} and {pair[1]} must be positive"
        raise AssumptionError(f"{message}; use scale 'difference'")
    if scale in {"odds_ratio", "log_odds_ratio", "cohens_h"} and not means.share:
        message = f"scale '{scale}' is for shares; use scale 'difference' or 'ratio' for means"
        raise AssumptionError(message)
