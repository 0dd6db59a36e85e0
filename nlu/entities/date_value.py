"""What a French date expression means, seen from a day: ISO 8601 and RFC 5545 values."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache

from nlu.entities.numbers_in_words import NUMBER, number_of
from nlu.entities.public_holidays import feasts

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS_OF_DAY = {
    "matin": "matin", "mat": "matin", "matinee": "matin", "soir": "soir", "soiree": "soir",
    "midi": "midi", "aprem": "apres-midi", "apres-midi": "apres-midi", "apres midi": "apres-midi",
    "aprem'": "apres-midi", "nuit": "nuit", "aube": "matin",
}  # fmt: skip
SEASONS = {"printemps": (3, 5), "ete": (6, 8), "automne": (9, 11), "hiver": (12, 2)}
PAST = re.compile(r"\b(?:dernier|derniere|passe|passee|il y a|ya|y a|depuis|depui)\b")
NEXT = re.compile(r"\b(?:prochain|prochaine|prochin|pro|suivant|suivante|d'apres|en huit)\b")


@lru_cache(maxsize=4)
def _parser(today: date):  # type: ignore[no-untyped-def]
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]

    return DateDataParser(
        languages=["fr"],
        settings={
            "TIMEZONE": "Europe/Paris",
            "RELATIVE_BASE": datetime(today.year, today.month, today.day),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "PARSERS": ["relative-time", "absolute-time"],
        },
    )


@lru_cache(maxsize=4096)
def parsed(expression: str, today: date) -> date | None:
    """Day of an absolute or relative expression by dateparser, None when it has none."""
    spelled = re.sub(NUMBER, _in_digits, expression)
    found = _parser(today).get_date_data(spelled).date_obj
    return found.date() if found is not None else None


def weekday_of(name: str) -> int:
    """Number of a weekday (Monday is 0) from its first letters, misspelt or not."""
    starts = {"lun": 0, "mar": 1, "mer": 2, "jeu": 3, "jed": 3, "ven": 4, "sam": 5, "dim": 6}
    return starts[name[:3]]


def weekday_date(day: int, around: str, today: date) -> date:
    """Date of a weekday: the next one, today included; the last one where a past is told."""
    ahead = (day - today.weekday()) % 7
    if PAST.search(around):
        return today - timedelta(days=(today.weekday() - day) % 7 or 7)
    if NEXT.search(around):
        ahead = ahead or 7
    return today + timedelta(days=ahead + (7 if "en huit" in around else 0))


def feast_date(name: str, around: str, today: date) -> date:
    """Date of a feast: the next one, today included; the last one where a past is told."""
    past = PAST.search(around) is not None
    years = (today.year, today.year - 1) if past else (today.year, today.year + 1)
    dates = [feasts(year)[name] for year in years]
    return next((one for one in dates if (one < today if past else one >= today)), dates[-1])


def month_value(month: int, year: int | None, around: str, today: date) -> str:
    """ISO month: the next one, the current included, unless a year or a past is told."""
    if year is None:
        year = today.year
        if PAST.search(around):
            year -= month > today.month
        else:
            year += month < today.month
    return f"{year:04d}-{month:02d}"


def season_value(name: str, around: str, today: date) -> str:
    """ISO interval of the months of a season: the next one, or the current, or the last."""
    first, last = SEASONS[name]
    year = today.year
    span = _season(first, last, year)
    if PAST.search(around):
        while span[1] >= today:
            year -= 1
            span = _season(first, last, year)
    else:
        if first > last and today.month <= last:
            span = _season(first, last, year - 1)
        if span[1] < today:
            span = _season(first, last, year + 1)
    return f"{span[0].isoformat()}/{span[1].isoformat()}"


def week_value(around: str, today: date) -> str:
    """ISO interval, Monday to Sunday, of the week told: this, the next or the last."""
    shift = -7 if PAST.search(around) else 7 if NEXT.search(around) else 0
    monday = today - timedelta(days=today.weekday()) + timedelta(days=shift)
    return f"{monday.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"


def clock_value(hour: str, minute: str | None) -> str:
    """ISO time, empty when there is no such hour."""
    hours, minutes = number_of(hour), number_of(minute) if minute else 0.0
    if hours is None or minutes is None or hours > 24 or minutes > 59:
        return ""
    return f"T{int(hours) % 24:02d}:{int(minutes):02d}"


def day_value(day: int, month: int, year: int | None, around: str, today: date) -> str:
    """ISO date of a day and month; without a year the next one, empty when it does not exist."""
    if year is not None:
        year += 2000 if year < 100 else 0
        return date(year, month, day).isoformat() if _exists(day, month, year) else ""
    past = PAST.search(around) is not None
    # A 29 February is at most eight years away.
    for shift in range(9):
        one = today.year - shift if past else today.year + shift
        if _exists(day, month, one):
            found = date(one, month, day)
            if found < today if past else found >= today:
                return found.isoformat()
    return ""


def day_of_month(day: int, today: date) -> str:
    """ISO date of the next such day of a month, today included; empty when there is none."""
    year, month = today.year, today.month
    for _ in range(12):
        if _exists(day, month, year) and date(year, month, day) >= today:
            return date(year, month, day).isoformat()
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return ""


def _exists(day: int, month: int, year: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _season(first: int, last: int, year: int) -> tuple[date, date]:
    end = year + (last < first)
    return date(year, first, 1), date(end, last, monthrange(end, last)[1])


def _in_digits(found: re.Match[str]) -> str:
    number = number_of(found.group())
    return found.group() if number is None else f"{number:g}"
