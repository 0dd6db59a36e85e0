"""What a trial rules out: equivalence, non-inferiority, and the effects that it excludes."""

from dataclasses import dataclass
from typing import Literal

from scipy import stats

from experiments.errors import InputError

EquivalenceVerdict = Literal[
    "equivalent",
    "equivalent and different",
    "not shown equivalent",
    "different and not shown equivalent",
    "different beyond the bounds",
]
NonInferiorityVerdict = Literal[
    "non-inferior",
    "non-inferior and superior",
    "not shown non-inferior",
    "inferior beyond the margin",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceTest:
    """Two one-sided tests of an effect against two bounds.

    Attributes
    ----------
    estimate
        Effect, in the outcome's unit.
    lower, upper
        Bounds of practical equivalence, in the same unit.
    p_lower, p_upper
        One-sided p-values against "at or below ``lower``" and "at or above ``upper``".
    p_value
        The larger of the two: that of the equivalence test.
    ci_low, ci_high
        Interval at ``level``; equivalence is shown exactly when it lies inside the bounds.
    level
        1 - 2 alpha.
    alpha
        Size of the equivalence test.
    verdict
        Equivalence at ``alpha``; "different" when the two-sided test of no effect rejects at
        ``alpha``; "beyond the bounds" when the interval lies wholly outside them.
    """

    estimate: float
    lower: float
    upper: float
    p_lower: float
    p_upper: float
    p_value: float
    ci_low: float
    ci_high: float
    level: float
    alpha: float
    verdict: EquivalenceVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class NonInferiorityTest:
    """One-sided test that an arm is not worse than the control by more than a margin.

    Attributes
    ----------
    estimate
        Effect, in the outcome's unit.
    margin
        Largest loss that is tolerated, positive, in the same unit.
    higher_is_better
        Direction in which the outcome improves.
    p_value
        One-sided, against a loss of ``margin`` or more.
    bound
        One-sided confidence bound, at 1 - ``alpha``, on the side of a loss.
    alpha
        Size of the test.
    verdict
        "superior" when the same bound also excludes no effect; "inferior beyond the margin"
        when the opposite bound shows a larger loss than the margin.
    """

    estimate: float
    margin: float
    higher_is_better: bool
    p_value: float
    bound: float
    alpha: float
    verdict: NonInferiorityVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedEffects:
    """The effects that an interval excludes, so that no report says "no effect".

    Attributes
    ----------
    above, below
        Effects above ``above`` and below ``below`` are excluded at ``level``.
    smallest
        Smallest size, of either sign, from which on every effect is excluded.
    level
        Coverage of the interval.
    """

    above: float
    below: float
    smallest: float
    level: float

    def excludes(self, effect: float) -> bool:
        """Whether an effect of this signed size is excluded."""
        return effect > self.above or effect < self.below


def equivalence_test(
    *,
    estimate: float,
    std_error: float,
    df: float,
    lower: float,
    upper: float,
    alpha: float = 0.05,
) -> EquivalenceTest:
    """Two one-sided t tests (Schuirmann 1987).

    Parameters
    ----------
    estimate, std_error
        Effect and its (cluster-robust) standard error, in the outcome's unit.
    df
        Degrees of freedom of the t reference; infinite for the normal.
    lower, upper
        Bounds fixed before the outcome was seen, below and above 0.

    Raises
    ------
    InputError
        Bounds that do not enclose 0, a standard error or df that is not positive.
    """
    _check(std_error, df, alpha)
    if not lower < 0 < upper:
        message = f"bounds {lower} and {upper}: the lower must be below 0 and the upper above 0"
        raise InputError(message)
    p_lower = float(stats.t.sf((estimate - lower) / std_error, df))
    p_upper = float(stats.t.cdf((estimate - upper) / std_error, df))
    half = float(stats.t.isf(alpha, df)) * std_error
    low, high = estimate - half, estimate + half
    different = 2 * float(stats.t.sf(abs(estimate) / std_error, df)) <= alpha
    verdict: EquivalenceVerdict
    if max(p_lower, p_upper) <= alpha:
        verdict = "equivalent and different" if different else "equivalent"
    elif low > upper or high < lower:
        verdict = "different beyond the bounds"
    else:
        verdict = "different and not shown equivalent" if different else "not shown equivalent"
    return EquivalenceTest(
        estimate=estimate,
        lower=lower,
        upper=upper,
        p_lower=p_lower,
        p_upper=p_upper,
        p_value=max(p_lower, p_upper),
        ci_low=low,
        ci_high=high,
        level=1 - 2 * alpha,
        alpha=alpha,
        verdict=verdict,
    )


def non_inferiority_test(
    *,
    estimate: float,
    std_error: float,
    df: float,
    margin: float,
    higher_is_better: bool = True,
    alpha: float = 0.025,
) -> NonInferiorityTest:
    """One-sided t test against a loss of ``margin`` (CONSORT extension, Piaggio et al. 2012).

    Raises
    ------
    InputError
        A margin, standard error or df that is not positive.
    """
    _check(std_error, df, alpha)
    if not margin > 0:
        message = f"margin: {margin} must be positive, in the outcome's unit"
        raise InputError(message)
    sign = 1.0 if higher_is_better else -1.0
    gain = sign * estimate
    half = float(stats.t.isf(alpha, df)) * std_error
    verdict: NonInferiorityVerdict = "not shown non-inferior"
    if gain - half >= -margin:
        verdict = "non-inferior and superior" if gain - half > 0 else "non-inferior"
    elif gain + half < -margin:
        verdict = "inferior beyond the margin"
    return NonInferiorityTest(
        estimate=estimate,
        margin=margin,
        higher_is_better=higher_is_better,
        p_value=float(stats.t.sf((gain + margin) / std_error, df)),
        bound=sign * (gain - half),
        alpha=alpha,
        verdict=verdict,
    )


def excluded_effects(
    *, estimate: float, std_error: float, df: float, level: float = 0.95
) -> ExcludedEffects:
    """Effects outside the two-sided t interval.

    Raises
    ------
    InputError
        A standard error or df that is not positive.
    """
    _check(std_error, df, 1 - level)
    half = float(stats.t.isf((1 - level) / 2, df)) * std_error
    above, below = estimate + half, estimate - half
    return ExcludedEffects(
        above=above, below=below, smallest=max(abs(above), abs(below)), level=level
    )


def _check(std_error: float, df: float, alpha: float) -> None:
    if not (std_error > 0 and df > 0):
        message = f"standard error {std_error} and df {df} must be positive"
        raise InputError(message)
    if not 0 < alpha < 0.5:
        message = f"error rate {alpha:.3g} must lie between 0 and one half"
        raise InputError(message)
