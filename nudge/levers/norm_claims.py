"""Finding typed claims about how many people do something: « 80 % », « neuf sur dix »."""

import re

from nudge.levers.plain_text import FIGURE_MARK, plain

_PLURALS = (
    "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|"
    "vingt|trente|quarante|cinquante|soixante|septante|quatre-vingts?|nonante|cent|mille"
)
_WORDS = rf"(?:une?|{_PLURALS})(?:[ -](?:et[ -])?(?:une?|{_PLURALS}))*"
_NUMBER = rf"(?:\d+(?:[ .,]\d+)*|{_WORDS})"
_SEVERAL = rf"(?:\d+(?:[ .,]\d+)*|(?:{_PLURALS})(?:[ -](?:et[ -])?(?:une?|{_PLURALS}))*)"
_PEOPLE = (
    "voisins?|voisines?|habitants?|foyers?|menages?|logements?|bacs?|rues?|familles?|"
    "personnes?|riverains?|residents?|gens|trieurs?|communes?|d'entre"
)
_TIME = frozenset(
    {"h", "heure", "heures", "j", "jour", "jours", "semaine", "semaines", "mois", "an", "ans"}
)

_PERCENT = re.compile(rf"{_NUMBER}\s*(?:%|‰|pour\s?cents?\b|pct\b|pour mille\b)|%|‰")
_OUT_OF = re.compile(rf"\b({_NUMBER})\s+(?:([a-z'-]+)\s+){{0,3}}?sur\s+({_SEVERAL})\b")
_SLASH = re.compile(r"(?<![\d/,.])(\d{1,4})\s*/\s*(\d{1,4})(?![\d/])")
_FRACTION = re.compile(
    rf"\b(?:la moitie|(?:le|les|une?|{_SEVERAL}) (?:{_SEVERAL} )?"
    r"(?:quarts?|tiers|cinquiemes?|dixiemes?)) (?:des?\b|d'(?!heure))|"
    r"\btrois quarts\b|\bdeux tiers\b"
)
_MOST = re.compile(
    r"\b(?:la plupart|la (?:grande |tres grande |quasi-)?majorite|la quasi-totalite|"
    r"(?:presque )?tou(?:s|tes)|une majorite)\s+"
    rf"(?:de\s+|des\s+|d'|de vos\s+|vos\s+|les\s+|nos\s+|de nos\s+)*(?:{_PEOPLE})\b"
)
_TIMES = re.compile(rf"\b{_NUMBER} fois (?:plus|moins|mieux)\b")
_STUCK = re.compile(rf"[\d,.]{FIGURE_MARK}|{FIGURE_MARK}[,.]?\d")


def typed_norm_claims(text: str) -> list[str]:
    """Return the parts of a text that claim a share or a majority, made plain, in order.

    Parameters
    ----------
    text
        Text whose computed figures are replaced by
        :data:`nudge.levers.plain_text.FIGURE_MARK`.

    Notes
    -----
    Rhythms such as « 7 jours sur 7 », « une semaine sur deux » or « 24/24 » are no claims.
    """
    words = plain(text)
    found = [*_PERCENT.finditer(words), *_FRACTION.finditer(words), *_MOST.finditer(words)]
    found += [*_TIMES.finditer(words), *_STUCK.finditer(words)]
    found += [one for one in _OUT_OF.finditer(words) if not _is_rhythm(one)]
    found += [one for one in _SLASH.finditer(words) if int(one[1]) < int(one[2])]
    found.sort(key=lambda one: one.start())
    return list(dict.fromkeys(one.group().strip() for one in found))


def _is_rhythm(match: re.Match[str]) -> bool:
    between = match.group()[len(match[1]) :].split(" sur ")[0].split()
    return bool(_TIME.intersection(between)) or match[1] == match[3]
