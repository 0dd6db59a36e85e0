"""Numbers, shares, dates and lists as French readers expect them."""

from collections.abc import Sequence
from datetime import date

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"
MINUS = "\u2212"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def decimal_comma(value: float, digits: int = 1) -> str:
    """Return a number with a decimal comma, thin spaces between thousands and a true minus."""
    text = f"{abs(value):,.{digits}f}".replace(",", NARROW_NO_BREAK).replace(".", ",")
    negative = value < 0 and any(character in "123456789" for character in text)
    return f"{MINUS}{text}" if negative else text


def whole(value: float) -> str:
    """Return a whole number: ``20 687``."""
    return decimal_comma(round(value), 0)


def percent(share: float, digits: int = 0) -> str:
    """Return a share in [0, 1] as a percentage: ``53,7 %``."""
    return f"{decimal_comma(100 * share, digits)}{NO_BREAK}%"


def points(difference: float, digits: int = 1) -> str:
    """Return a difference of shares as signed points: ``+2,8 points``."""
    value = decimal_comma(100 * difference, digits)
    sign = "+" if 100 * difference > 0 and value.strip("0,") else ""
    unit = "point" if abs(round(100 * difference, digits)) < 2 else "points"
    return f"{sign}{value}{NO_BREAK}{unit}"


def count(number: float, singular: str, plural: str | None = None) -> str:
    """Return a whole number with its noun in the right number: ``1 rue``, ``24 rues``."""
    noun = singular if abs(number) < 2 else (plural or f"{singular}s")
    return f"{whole(number)}{NO_BREAK}{noun}"


def date_fr(day: date) -> str:
    """Return a date in words: ``1er juin 2027``."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NO_BREAK}{MONTHS[day.month - 1]} {day.year}"


def and_list(items: Sequence[str], word: str = "et") -> str:
    """Join items as in a sentence: ``a, b et c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
