"""Waste objects: a list with synonyms and misspellings, and what each asks of a person."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

from nlu.entities.entity import Candidate, Entity
from nlu.entities.folding import FoldedText, Word
from nlu.entities.phrase_index import PhraseIndex, build_index, find_phrases
from nlu.errors import InputError

SafetyCategory = Literal["courant", "dangereux", "deee", "dasri", "amiante", "pneu", "gaz"]
CATEGORIES: tuple[str, ...] = get_args(SafetyCategory)
DESTINATIONS = (
    "", "emballages", "verre", "papier", "textile", "biodechets", "dechets_verts", "encombrants",
    "omr", "deee", "piles", "pharmacie", "dangereux",
)  # fmt: skip
COLUMNS = ("objet", "synonymes", "fautes", "destination", "categorie", "origine")
SEPARATOR = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteObject:
    """A waste object of the list.

    Attributes
    ----------
    name : str
        French name, the value of the entity.
    synonyms, misspellings : tuple of str
        Other ways to write it.
    destination : str
        Stream or take-back family where it is the same everywhere in France, else empty.
    category : str
        Safety category; anything but ``courant`` calls for its own instructions.
    """

    name: str
    synonyms: tuple[str, ...]
    misspellings: tuple[str, ...]
    destination: str
    category: SafetyCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteObjects:
    """The list prepared for look-up.

    Attributes
    ----------
    objects : mapping of str to WasteObject
        By name.
    index : PhraseIndex
        Every spelling, to names.
    """

    objects: Mapping[str, WasteObject]
    index: PhraseIndex


def read_waste_objects(path: Path) -> tuple[WasteObject, ...]:
    """Read and check a list of waste objects.

    Raises
    ------
    InputError
        Naming the file, the row, the column and the mend.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = set(COLUMNS) - set(rows.fieldnames or ())
            if missing:
                raise InputError(f"{path}: no column {', '.join(sorted(missing))}: add it")
            found = [_parse(row, f"{path}:{number}") for number, row in enumerate(rows, start=2)]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: {error}: save it as CSV in UTF-8") from None
    names = [one.name for one in found]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"{path}: column 'objet': {repeated[0]!r} is written twice: merge them")
    return tuple(found)


def index_waste_objects(
    objects: Sequence[WasteObject], *, ordinary: frozenset[str] = frozenset()
) -> WasteObjects:
    """Prepare a list for look-up; ``ordinary`` words are never taken for misspellings."""
    spellings = (
        (spelling, one.name)
        for one in objects
        for spelling in (one.name, *one.synonyms, *one.misspellings)
    )
    return WasteObjects(
        objects=MappingProxyType({one.name: one for one in objects}),
        index=build_index(spellings, ordinary=ordinary),
    )


def find_waste_objects(
    folded: FoldedText, words: Sequence[Word], waste: WasteObjects
) -> Iterator[Entity]:
    """Waste objects of a message, as ``type_dechet``.

    The value is empty, with candidates, when several objects share the words.
    """
    for match in find_phrases(words, waste.index):
        start, end = folded.span(words[match.first].start, words[match.last].end)
        several = len(match.values) > 1
        yield Entity(
            name="type_dechet",
            start=start,
            end=end,
            text=folded.original[start:end],
            value="" if several else match.values[0],
            score=match.score,
            candidates=tuple(
                Candidate(value=value, label=value, score=match.score) for value in match.values
            )
            if several
            else (),
        )


def safety_categories(entities: Sequence[Entity], waste: WasteObjects) -> tuple[str, ...]:
    """Safety categories other than ``courant`` that a message calls for, without repeats.

    An object that is not settled counts with all its meanings, and a named class of waste
    (``categorie_dechet``) with itself: instructions are rather given too often.
    """
    found: dict[str, None] = {}
    for entity in entities:
        if entity.name == "categorie_dechet":
            found[entity.value] = None
        if entity.name == "type_dechet":
            names = [entity.value] if entity.value else [one.value for one in entity.candidates]
            found |= dict.fromkeys(waste.objects[name].category for name in names)
    return tuple(category for category in found if category != "courant")


def _parse(row: Mapping[str, str | None], place: str) -> WasteObject:
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    if not cells["objet"]:
        raise InputError(f"{place}: column 'objet' is empty: name the object")
    for column, allowed in (("categorie", CATEGORIES), ("destination", DESTINATIONS)):
        if cells[column] not in allowed:
            known = ", ".join(value or "(empty)" for value in allowed)
            raise InputError(f"{place}: column {column!r}: {cells[column]!r}: one of {known}")
    return WasteObject(
        name=cells["objet"],
        synonyms=_spellings(cells["synonymes"]),
        misspellings=_spellings(cells["fautes"]),
        destination=cells["destination"],
        category=cast("SafetyCategory", cells["categorie"]),
    )


def _spellings(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(SEPARATOR) if part.strip())
