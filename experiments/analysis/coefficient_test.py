"""Wald test of one linear combination of coefficients, by t on given degrees of freedom."""

from dataclasses import dataclass

from scipy import special

from experiments.errors import AssumptionError


@dataclass(frozen=True, slots=True, kw_only=True)
class CoefficientTest:
    """Estimate, test and interval of one linear combination of coefficients.

    Attributes
    ----------
    estimate, std_error
        On the scale of the model: the outcome's unit, or that of the link.
    df
        Degrees of freedom of the t distribution; infinite for the normal one.
    statistic, p_value
        Estimate less the value tested, over the standard error, and its two-sided p.
    ci_low, ci_high
        Interval at ``level``.
    level
        Coverage of the interval.
    warnings
        Caveats in words, those of the fit included.
    """

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    level: float
    warnings: tuple[str, ...] = ()


def wald_test(
    *,
    estimate: float,
    std_error: float,
    df: float,
    level: float,
    null: float = 0.0,
    warnings: tuple[str, ...] = (),
) -> CoefficientTest:
    """Two-sided t test and interval; the normal distribution where ``df`` is infinite.

    Raises
    ------
    AssumptionError
        The standard error is zero.
    """
    if not std_error > 0:
        message = "the standard error is zero: the outcome does not vary between clusters"
        raise AssumptionError(message)
    statistic = (estimate - null) / std_error
    margin = -float(special.stdtrit(df, (1 - level) / 2)) * std_error
    return CoefficientTest(
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=float(2 * special.stdtr(df, -abs(statistic))),
        ci_low=estimate - margin,
        ci_high=estimate + margin,
        level=level,
        warnings=warnings,
    )
