"""Date expressions of a message: where they stand, in French as written, spoken or texted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from nlu.entities import date_value as values
from nlu.entities.entity import Candidate, Entity
from nlu.entities.folding import FoldedText
from nlu.entities.numbers_in_words import NUMBER, number_of
from nlu.entities.pattern import find_pattern

Value = Callable[[re.Match[str], date], str]

WEEKDAY = (
    r"(?:lundi|mardi|mercredi|mercredit|mecredi|jeudi|jedi|vendredi|vendredit|venredi|samedi|"
    r"samdi|dimanche|dimanch)"
)
PART = r"(?:matinee|matin|mat|soiree|soir|apres[- ]?midi|aprem|midi|nuit)"
MONTHS = {
    "janv(?:ier)?": 1, "fev(?:rier)?": 2, "mars": 3, "avr(?:il)?": 4, "mai": 5, "juin": 6,
    "juil(?:l?et)?": 7, "aout|out": 8, "sept(?:embre)?": 9, "oct(?:obre)?": 10,
    "nov(?:embre)?": 11, "dec(?:embre)?": 12,
}  # fmt: skip
MONTH = "(?:" + "|".join(MONTHS) + r")\b\.?"
LONG_MONTH = (
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|juilet|aout|septembre|octobre|novembre|"
    r"decembre)"
)
DAY = (
    r"(?:0?[1-9]|[12]\d|3[01]|1er|premier|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|"
    r"douze|treize|quatorze|quinze|seize|dix[- ](?:sept|huit|neuf)|trente(?:[- ]et[- ]un)?|"
    r"vingt(?:[- ](?:et[- ])?(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf))?)\b"
)
YEAR = r"(?:19|20)\d\d"
UNIT = r"(?:minutes?|mn|heures?|jours?|j|semaines?|sem|mois|ans?|annees?|trimestres?|semestres?)"
DIRECTION = (
    r"(?:prochaine?s?|prochin|pro|derniere?s?|passee?s?|suivante?s?|d'apres|d'avant|en huit)"
)
FEASTS = {
    r"(?:lundi|lundis?) de (?:paques?|pakes?|pak)": "lundi de paques",
    r"(?:lundi|lundis?) de (?:la )?pent(?:e|)co(?:te|t)s?": "lundi de pentecote",
    r"vendredi saint": "vendredi saint",
    r"(?:jeudi de )?l?'?ascens+ion": "ascension",
    r"paques?|pakes?": "paques",
    r"pentecotes?": "pentecote",
    r"(?:la )?tous+ain[ts]?": "toussaint",
    r"armistice": "armistice",
    r"assomption": "assomption",
    r"fete du travail": "fete du travail",
    r"fete nationale": "fete nationale",
    r"(?:jour|nuit|lendemain|veille|soir) de (?:no[e]l)|noel": "noel",
    r"(?:jour|premier) de l'?an|nouvel an|jour de lan": "nouvel an",
}
NEAR_DAYS = {
    r"avant[- ]?hier": -2, r"hier": -1, r"apres[- ]?(?:de|2)main": 2, r"(?:de|2)main|dmain": 1,
    r"aujourd ?'? ?hui|aujourdhui|aujourdui|ojd|ojourdhui|ajd|auj|ojourdui": 0,
}  # fmt: skip

# Nothing of a date is possible without one of these letters or a digit.
CUE = re.compile(
    r"\d|lun|mar|mer|mec|jeu|jed|ven|sam|dim|matin|mat\b|soir|midi|nuit|jour|jr|main|hier|sem|"
    r"mois|ann|an\b|ans\b|jan|fev|avr|mai|juin|juil|out|sep|oct|nov|dec|ete|hiver|print|autom|"
    r"paq|pak|pent|ascen|tous|armi|assom|noel|fete|ojd|ajd|auj|week|we\b|heur|vacanc|chaque|"
    r"trimestre|semestre|quinzaine"
)


def find_dates(folded: FoldedText, *, today: date) -> Iterator[Entity]:
    """Date expressions of a message, as ``date``; they may overlap.

    Parameters
    ----------
    folded : FoldedText
        The message.
    today : date
        Day from which relative expressions are read, in Europe/Paris.

    Yields
    ------
    Entity
        ``value`` is an ISO 8601 date, month, year, interval or time, or the RFC 5545 rule of a
        recurrence; empty when the words do not say. A bare weekday has the last one as second
        candidate. A bare number is no date.
    """
    if CUE.search(folded.folded) is None:
        return
    for pattern, value in PATTERNS:
        yield from find_pattern("date", folded, pattern, value=partial(_seen_from, today, value))
    for entity in find_pattern(
        "date", folded, ONE_WEEKDAY, value=lambda found: _weekday(found, today)
    ):
        yield _with_last(entity, today)


def _seen_from(today: date, value: Value, found: re.Match[str]) -> str:
    return value(found, today)


def _with_last(entity: Entity, today: date) -> Entity:
    """A weekday with no word of time beside it may be the last one as well as the next."""
    if not entity.value or "FREQ" in entity.value or values.PAST.search(entity.text.lower()):
        return entity
    if values.NEXT.search(entity.text.lower()):
        return entity
    ahead = date.fromisoformat(entity.value[:10])
    both = (ahead, ahead - timedelta(days=7))
    return replace(
        entity,
        candidates=tuple(
            Candidate(value=one.isoformat(), label=one.strftime("%d/%m/%Y"), score=score)
            for one, score in zip(both, (0.6, 0.4), strict=True)
        ),
    )


def _weekday(found: re.Match[str], today: date) -> str:
    text = found.group()
    around = found.string[max(0, found.start() - 12) : found.end() + 10]
    day = values.weekday_of(found["weekday"])
    several = found["weekday"].endswith("s") or (found["plural"] or "") == "s"
    if several or re.match(r"(?:chaque|tous les|ts les) ", text):
        return f"FREQ=WEEKLY;BYDAY={values.DAY_CODES[day]}"
    return values.weekday_date(day, around, today).isoformat()


def _near_day(found: re.Match[str], today: date) -> str:
    for form, shift in NEAR_DAYS.items():
        if re.fullmatch(form, found["day"]):
            return (today + timedelta(days=shift)).isoformat()
    return ""


def _today(found: re.Match[str], today: date) -> str:
    return today.isoformat()


def _feast(found: re.Match[str], today: date) -> str:
    for form, name in FEASTS.items():
        if re.fullmatch(form, found["feast"]):
            around = found.string[found.start() : found.end() + 10]
            return values.feast_date(name, around, today).isoformat()
    return ""


def _day_number(text: str) -> int:
    if text in {"1er", "premier"}:
        return 1
    return int(number_of(text) or 0)


def _month_number(text: str) -> int:
    bare = text.rstrip(".")
    return next(number for form, number in MONTHS.items() if re.fullmatch(form, bare))


def _calendar_day(found: re.Match[str], today: date) -> str:
    year = int(found["year"]) if found["year"] else None
    around = found.string[max(0, found.start() - 10) : found.end() + 10]
    return values.day_value(
        _day_number(found["day"]), _month_number(found["month"]), year, around, today
    )


def _numeric_day(found: re.Match[str], today: date) -> str:
    year = int(found["year"]) if found["year"] else None
    return values.day_value(int(found["day"]), int(found["month"]), year, "", today)


def _month(found: re.Match[str], today: date) -> str:
    year = int(found["year"]) if found["year"] else None
    around = found.string[max(0, found.start() - 10) : found.end() + 10]
    return values.month_value(_month_number(found["month"]), year, around, today)


def _week(found: re.Match[str], today: date) -> str:
    return values.week_value(found.group(), today)


def _season(found: re.Match[str], today: date) -> str:
    return values.season_value(found["season"] or found["summer"], found.group(), today)


def _day_of_month(found: re.Match[str], today: date) -> str:
    return values.day_of_month(_day_number(found["day"]), today)


def _day_range(found: re.Match[str], today: date) -> str:
    first, last = _day_number(found["day"]), _day_number(found["last"])
    if found["month"]:
        month = _month_number(found["month"])
        start = values.day_value(first, month, None, "", today)
        end = values.day_value(last, month, None, "", today)
    else:
        start, end = values.day_of_month(first, today), values.day_of_month(last, today)
    return f"{start}/{end}" if start and end and start < end else ""


def _clock(found: re.Match[str], today: date) -> str:
    return values.clock_value(found["hour"], found["minute"])


def _relative(found: re.Match[str], today: date) -> str:
    day = values.parsed(found.group().replace("ya ", "il y a ").replace("depuis", "il y a"), today)
    return day.isoformat() if day is not None else ""


def _recurrence(found: re.Match[str], today: date) -> str:
    text = found.group()
    if "sur" in text or "impaire" in text or "paire" in text or "quinz" in text or "15" in text:
        return "FREQ=WEEKLY;INTERVAL=2"
    if "mois" in text:
        return "FREQ=MONTHLY"
    return "FREQ=DAILY" if "jour" in text else "FREQ=WEEKLY"


def _nothing(found: re.Match[str], today: date) -> str:
    return ""


def _year(found: re.Match[str], today: date) -> str:
    return found["year"] or found["year2"]


# What introduces a date and is not part of it.
AFTER_LINK = (
    r"(?:(?<=\ble )|(?<=\bla )|(?<=\bles )|(?<=\bau )|(?<=\bdu )|(?<=\bde )|(?<=\bun )|(?<=\ba )|"
    r"(?<=\ben )|(?<=\bl')|(?<=\bd')|(?<=\bl)|(?<=\bcet )|(?<=\bdes )|(?<=\bfin )|(?<=\bmi-)|"
    r"(?<=\bdebut )|(?<=\bpour )|(?<=\bdepuis )|(?<=\bdepui )|(?<=\bavant )|(?<=\bapres ))"
)
ONE_WEEKDAY = re.compile(
    rf"\b(?:ce |chaque |tous les |ts les )?(?P<weekday>{WEEKDAY})(?P<plural>s?)"
    rf"(?: {PART})?(?: {DIRECTION})?\b"
)
# « le 4 »: a day of the month, where neither a unit nor a noun follows.
ONE_DAY = (
    rf"(?<=\ble )(?P<day>{DAY})(?=(?: au\b| a\b| et\b| ou\b| du mois| prochain| dernier| je\b|"
    r" vous\b| vs\b| on\b| pour\b| pr\b| mais\b| c'| est\b| ca\b)|[ ?.!,;:]*$|[?.!,;:)])(?!,\d)"
)
PATTERNS: tuple[tuple[re.Pattern[str], Value], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (
            rf"\b(?:{WEEKDAY} )?(?<!\d[.,])(?P<day>{DAY}) (?P<month>{MONTH})"
            rf"(?: (?P<year>{YEAR})\b)?",
            _calendar_day,
        ),
        (
            r"(?<![\d/.,-])(?P<day>0?[1-9]|[12]\d|3[01])(?P<sep>[/.-])(?P<month>0?[1-9]|1[0-2])"
            r"(?:(?P=sep)(?P<year>(?:19|20)?\d\d))?(?![\d/]|[.,-]\d)"
            r"(?! ?(?:m3|h\b|euros?|€|kg|etoiles?|\())",
            _numeric_day,
        ),
        (rf"\bdu (?P<day>{DAY}) au (?P<last>{DAY})(?: (?P<month>{MONTH}))?(?![\w/])", _day_range),
        (ONE_DAY, _day_of_month),
        (rf"\b(?P<day>{'|'.join(NEAR_DAYS)})(?: (?:au )?{PART})?\b", _near_day),
        (
            rf"\b(?:ce {PART}|cette (?:nuit|apres[- ]?midi|matinee|soiree)|"
            r"cet (?:apres[- ]?midi|aprem)|smatin|cematin)\b",
            _today,
        ),
        (rf"(?<!\w)(?P<feast>{'|'.join(FEASTS)})(?: {DIRECTION})?\b", _feast),
        (
            rf"{AFTER_LINK}(?P<month>{LONG_MONTH})(?: (?P<year>{YEAR})\b)?(?: {DIRECTION})?\b",
            _month,
        ),
        (rf"\b(?P<month>(?!mars|mai\b){LONG_MONTH})(?: (?P<year>{YEAR})\b)?\b", _month),
        (
            rf"\b(?:cette |cte |cett |la |une )?(?:semaine|sem) {DIRECTION}\b|"
            r"\b(?:cette|cte|cett) (?:semaine|sem)\b",
            _week,
        ),
        (
            rf"\b(?:week[- ]?ends?|weekends?|we)(?: {DIRECTION})?\b|\ble mois {DIRECTION}\b|"
            rf"\bce mois(?:-ci| ci)?\b|\bl'(?:an|annee) {DIRECTION}\b|\bcette annee\b|"
            r"\blan dernier\b|\b(?:premiere|deuxieme|1ere|2e|2eme) quinzaine\b|"
            r"\b(?:premier|deuxieme|second|dernier|1er|2e) (?:trimestre|semestre)\b|\bminuit\b|"
            r"\bjours? feries?\b",
            _nothing,
        ),
        (
            rf"\b(?P<season>hiver|printemps|automne)(?: {DIRECTION})?\b|"
            rf"(?:(?<=\ben )|(?<=\bcet )|(?<=\bd')|(?<=\bl')|(?<=\bl)|(?<=\bdet )|(?<=\bun ))"
            rf"(?P<summer>ete)(?: {DIRECTION})?\b",
            _season,
        ),
        (rf"\b(?:il y a|ya|y a|dans|depuis|depui|sous|d'ici) {NUMBER} ?{UNIT}\b", _relative),
        (rf"(?<!\bun )\b(?!une? ){NUMBER} ?(?:jours?|j|semaines?|mois)\b(?! sur)", _nothing),
        (
            rf"\b(?:(?:apres|avant) )?(?P<hour>\d{{1,2}}|{NUMBER}) ?(?:h|heures?|heur)"
            r"(?: ?(?P<minute>[0-5]\d)\b|\b)(?: du (?:matin|mat|soir))?",
            _clock,
        ),
        (
            r"\b(?:une semaine sur deux|1 semaine sur 2|semaines? (?:im)?paires?|impaires?|"
            r"tous les (?:quinze|15) jours|tous les jours|ts les jours|"
            r"chaque (?:semaine|jour|mois|matin|soir)|toutes les semaines|tous les mois|"
            r"(?:une|1|deux|2|trois|3) fois (?:par|/) ?(?:semaine|sem|mois|jour)|"
            r"tous les (?:matins|soirs))\b",
            _recurrence,
        ),
        (rf"{AFTER_LINK}(?P<year>{YEAR})\b|(?<=\bannee )(?P<year2>{YEAR})\b", _year),
        (
            rf"{AFTER_LINK}(?:matins?|matinee|soirs?|nuit|midi|apres-?midi|veille|lendemain|"
            r"soiree)\b",
            _nothing,
        ),
    )
)
