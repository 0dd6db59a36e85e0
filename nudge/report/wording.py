"""Levels, differences and intervals of an outcome in French, with their unit."""

import math
import re
from collections.abc import Iterable

from nudge.french.numbers import MINUS, NO_BREAK, decimal_comma, percent
from nudge.outcomes.outcome import Outcome
from nudge.report.rounding import digits_for_size, digits_that_keep_signs

INFINITE = "∞"
# Words of units that take an s from two on; the others (kg, m³, %) never do.
COUNTED_UNIT = re.compile(r"^(vote|mégot|dépôt|point)s?\b")


def unit_of(outcome: Outcome, value: float) -> str:
    """Return the unit of differences in the right number: ``point``, ``mégots par m²``."""
    unit = "points" if outcome.is_share else outcome.unit
    plural = "s" if abs(value) >= 2 else ""
    return COUNTED_UNIT.sub(rf"\g<1>{plural}", unit)


def scaled(outcome: Outcome, value: float) -> float:
    """Return a difference in the unit in which it is shown: shares in points."""
    return 100 * value if outcome.is_share else value


def difference_digits(outcome: Outcome, values: Iterable[float]) -> int:
    """Return the decimals with which differences of an outcome are shown together."""
    shown = [scaled(outcome, value) for value in values]
    if outcome.is_share:
        return digits_that_keep_signs(shown, start=1)
    return digits_for_size(shown)


def level_text(outcome: Outcome, value: float) -> str:
    """Return a level: ``53,7 %`` for shares, ``12,4 m³`` for others."""
    if outcome.is_share:
        return percent(value, 1)
    number = decimal_comma(value, digits_for_size([value]))
    return f"{number}{NO_BREAK}{unit_of(outcome, value)}"


def signed(value: float, digits: int) -> str:
    """Return a number with its sign, plus included: ``+2,8``, ``−1,0``, ``+∞``."""
    if not math.isfinite(value):
        return f"+{INFINITE}" if value > 0 else f"{MINUS}{INFINITE}"
    text = decimal_comma(value, digits)
    return f"+{text}" if value > 0 and text.strip("0,") else text


def difference_text(outcome: Outcome, value: float, *, digits: int | None = None) -> str:
    """Return a signed difference with its unit: ``+2,8 points``, ``−4,1 m³``."""
    shown = scaled(outcome, value)
    digits = difference_digits(outcome, [value]) if digits is None else digits
    return f"{signed(shown, digits)}{NO_BREAK}{unit_of(outcome, round(shown, digits))}"


def size_text(outcome: Outcome, value: float, *, digits: int | None = None) -> str:
    """Return the size of a difference without sign: ``2,8 points``."""
    return difference_text(outcome, abs(value), digits=digits).removeprefix("+")


def interval_text(outcome: Outcome, low: float, high: float) -> str:
    """Return an interval of differences: ``de +2,0 à +12,1 points``."""
    digits = difference_digits(outcome, [low, high])
    first = signed(scaled(outcome, low), digits)
    return f"de {first} à {difference_text(outcome, high, digits=digits)}"


def p_text(p_value: float | None) -> str:
    """Return a p-value with a decimal comma, never as zero: ``0,021``, ``< 0,001``."""
    if p_value is None or math.isnan(p_value):
        return "–"
    if p_value < 0.001:
        return f"<{NO_BREAK}0,001"
    return decimal_comma(p_value, 3 if p_value < 0.1 else 2)


def p_phrase(p_value: float) -> str:
    """Return a p-value as told in a sentence: ``p = 0,021``, ``p < 0,001``."""
    text = p_text(p_value)
    told = text if text.startswith("<") else f"={NO_BREAK}{text}"
    return f"p{NO_BREAK}{told}"


def sure(level: float) -> str:
    """Return how sure an interval's level makes us: 95 % is "raisonnablement sûrs"."""
    if math.isclose(level, 0.95, abs_tol=1e-9):
        return "raisonnablement sûrs"
    return f"sûrs à {percent(level, 0 if math.isclose(100 * level, round(100 * level)) else 1)}"


def wave_title(name: str) -> str:
    """Return a wave's name as it may be read: ``suivi-1`` is suivi 1, ``reference`` référence."""
    spaced = re.sub(r"(?<=[^\W\d])-(?=\d)|_", " ", name)
    return re.sub(r"\breference\b", "référence", spaced)


def capital(text: str) -> str:
    """Return a text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does."""
    return text if text.rstrip().endswith((".", "!", "?", "…")) else f"{text.rstrip()}."
