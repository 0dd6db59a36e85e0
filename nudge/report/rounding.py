"""Rounding that never moves a number onto zero or across it."""

import math
from collections.abc import Iterable

NATURAL_BASES = (100, 1_000, 10_000, 100_000)
MOST_DIGITS = 6


def digits_that_keep_signs(values: Iterable[float], *, start: int) -> int:
    """Return the fewest decimals, from ``start``, at which no value becomes zero.

    An interval that excludes zero still excludes it once rounded, and one that reaches past zero
    still does; infinite values and true zeros are left aside.
    """
    finite = [value for value in values if math.isfinite(value) and value != 0]
    for digits in range(start, MOST_DIGITS):
        if all(round(value, digits) != 0 for value in finite):
            return digits
    return MOST_DIGITS


def natural_base(values: Iterable[float]) -> int:
    """Return "out of how many" lets every share difference be told as whole numbers.

    The smallest of 100, 1 000, 10 000 and 100 000 at which none of ``values``, differences of
    shares, rounds to zero.
    """
    finite = [value for value in values if math.isfinite(value) and value != 0]
    for base in NATURAL_BASES:
        if all(round(base * value) != 0 for value in finite):
            return base
    return NATURAL_BASES[-1]


def digits_for_size(values: Iterable[float]) -> int:
    """Return decimals that suit a measured quantity, signs kept: 0 from 100 on, 1 from 1 on."""
    finite = [value for value in values if math.isfinite(value)]
    largest = max(map(abs, finite), default=0.0)
    start = 0 if largest >= 100 else 1 if largest >= 1 else 2
    return digits_that_keep_signs(finite, start=start)


def significant(value: float, digits: int = 2) -> float:
    """Return a value rounded to significant digits, as a rough total deserves."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
