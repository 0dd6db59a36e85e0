"""Sizes of effects in the unit of an outcome, in French."""

from decimal import Decimal

from nudge.french.numbers import NO_BREAK, decimal_comma
from nudge.outcomes.outcome import Outcome

SIGNIFICANT_DIGITS = 3


def size_text(effect: float, outcome: Outcome) -> str:
    """Return a size without sign: ``7,3 points`` for a share, ``0,42 m³`` otherwise."""
    if outcome.is_share:
        points = 100 * abs(effect)
        unit = "point" if round(points, 1) < 2 else "points"
        return f"{decimal_comma(points, 1)}{NO_BREAK}{unit}"
    return f"{significant(abs(effect)).replace('.', ',')}{NO_BREAK}{outcome.unit}"


def significant(value: float) -> str:
    """Return a number with three significant digits and a decimal point, as YAML reads it."""
    return format(Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}"), "f")
