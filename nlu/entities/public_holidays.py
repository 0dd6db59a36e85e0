"""French public holidays and feasts, by computation (Code du travail, L3133-1)."""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

FIXED = {
    "nouvel an": (1, 1),
    "fete du travail": (5, 1),
    "8 mai 1945": (5, 8),
    "fete nationale": (7, 14),
    "assomption": (8, 15),
    "toussaint": (11, 1),
    "armistice": (11, 11),
    "noel": (12, 25),
}
# Days after Easter Sunday.
MOVABLE = {
    "vendredi saint": -2,
    "paques": 0,
    "lundi de paques": 1,
    "ascension": 39,
    "pentecote": 49,
    "lundi de pentecote": 50,
}
# Feasts that people name and that are no public holidays.
NOT_HOLIDAYS = frozenset({"vendredi saint", "paques", "pentecote"})


@lru_cache(maxsize=64)
def feasts(year: int) -> dict[str, date]:
    """Named feasts of a year, holidays or not, by folded name."""
    sunday = easter(year)
    fixed = {name: date(year, month, day) for name, (month, day) in FIXED.items()}
    return fixed | {name: sunday + timedelta(days=days) for name, days in MOVABLE.items()}


def public_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of a year in metropolitan France outside Alsace-Moselle."""
    return frozenset(day for name, day in feasts(year).items() if name not in NOT_HOLIDAYS)
