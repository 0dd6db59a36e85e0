"""Quantities, bin volumes and amounts of money."""

import re
from collections.abc import Iterator

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText
from nlu.entities.numbers_in_words import NUMBER, number_of
from nlu.entities.pattern import find_pattern

LITRES = r"(?:litres?|litr|l)"
# Usual sizes of wheeled bins (EN 840) and of smaller household ones, in litres.
BIN_SIZES = frozenset({35, 60, 80, 120, 140, 180, 240, 340, 360, 500, 660, 750, 770, 1000, 1100})
VOLUME = re.compile(rf"\b(?P<number>{NUMBER}) ?{LITRES}\b")
SEVERAL = (
    r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante)"
)
BARE_VOLUME = re.compile(r"\b(?:bac|poubelle|poubel|conteneur|container)s? (?:de |en )?(\d{2,4})\b")
UNIT = (
    r"(?P<unit>m3|m ?cubes?|metres? cubes?|kilos?|kg|tonnes?|sacs?|remorques?|voyages?|bennes?|"
    r"coffres?|caisses?|rouleaux|seaux|sceaux?|camions?|brouettes?|big ?bags?)"
)
# Counted objects are entities of their own: only their number is the quantity.
COUNTED = re.compile(
    rf"\b(?P<number>\d{{1,3}}|{SEVERAL}) (?=(?:gros(?:ses)? |grande?s? |petite?s? |"
    r"vieux |vieilles )?"
    r"(?:cartons|bidons|palettes|pots|bouteilles|meubles|matelas|chaises|lits|pneus|planches|"
    r"frigos|tables|fauteuils|armoires|commodes|portes|fenetres|velos|encombrants|canapes)\b)"
)
QUANTITY = re.compile(rf"\b(?P<number>{NUMBER}) (?:gros(?:ses)? |grands? |petits? )?{UNIT}\b")
CUBIC = re.compile(r"\b(?P<number>\d+(?:[.,]\d+)?) ?(?P<unit>m3|m ?cubes?|kg|kilos?)(?![a-z0-9])")
ABOUT = re.compile(
    r"\b(?:une |1 )?(?P<number>dizaine|douzaine|quinzaine|vingtaine|trentaine|cinquantaine|"
    r"centaine)(?! de jours)(?: de (?:sacs?|cartons?|pots?|litres?|kilos?))?\b"
)
APPROXIMATE = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "cinquantaine": 50, "centaine": 100,
}  # fmt: skip
MONEY = re.compile(
    rf"\b(?P<number>\d{{1,3}}(?: \d{{3}})+|{NUMBER}) ?(?:€|euros?\b|e\b(?= par| ttc))"
)
CANONICAL_UNITS = {
    "m cube": "m3", "m cubes": "m3", "metre cube": "m3", "metres cubes": "m3", "mcube": "m3",
    "kilo": "kg", "kilos": "kg", "rouleaux": "rouleau", "seaux": "seau", "sceau": "seau",
    "sceaux": "seau", "matelas": "matelas",
}  # fmt: skip


def find_quantities(folded: FoldedText) -> Iterator[Entity]:
    """Quantities (``quantite``), bin volumes (``volume``) and amounts (``montant``).

    Values are a number and its unit: ``2 m3``, ``12 sac``, ``240 l``, ``480 EUR``. A number of
    litres is a volume where it is a usual size of a bin, else a quantity.
    """
    for entity in find_pattern("volume", folded, VOLUME, value=_litres, group=0):
        number = float(entity.value.split()[0])
        if number in BIN_SIZES:
            yield entity
        else:
            yield Entity(
                name="quantite",
                start=entity.start,
                end=entity.end,
                text=entity.text,
                value=entity.value,
            )
    yield from find_pattern(
        "volume", folded, BARE_VOLUME, value=lambda found: f"{found[1]} l", group=1, score=0.8
    )
    yield from find_pattern("quantite", folded, QUANTITY, value=_counted)
    yield from find_pattern("quantite", folded, CUBIC, value=_counted)
    yield from find_pattern("quantite", folded, COUNTED, value=_bare_number, group="number")
    yield from find_pattern(
        "quantite", folded, ABOUT, value=lambda found: f"{APPROXIMATE[found['number']]}", score=0.8
    )
    yield from find_pattern("montant", folded, MONEY, value=_euros)


def _litres(found: re.Match[str]) -> str:
    return f"{number_of(found['number']) or 0:g} l"


def _bare_number(found: re.Match[str]) -> str:
    return f"{number_of(found['number']) or 0:g}"


def _counted(found: re.Match[str]) -> str:
    unit = found["unit"]
    unit = CANONICAL_UNITS.get(unit, unit.removesuffix("s"))
    return f"{number_of(found['number']) or 0:g} {unit}"


def _euros(found: re.Match[str]) -> str:
    return f"{number_of(found['number'].replace(' ', '')) or number_of(found['number']) or 0:g} EUR"
