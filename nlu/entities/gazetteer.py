"""Names of places that the caller knows, with what each may designate."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nlu.entities.entity import Candidate
from nlu.entities.folding import fold_words
from nlu.entities.phrase_index import PhraseIndex, build_index
from nlu.errors import InputError

# Written in full, so that « St-X s/Mer » and « Saint-X-sur-Mer » are one name.
ABBREVIATIONS = {"st": "saint", "ste": "sainte", "s": "sur"}
OUTSIDE = "hors_territoire"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceName:
    """One name and one place that it may designate.

    Attributes
    ----------
    words : str
        The name, or a postcode.
    code : str
        Code of the commune.
    ambiguous : bool
        Whether the name alone does not settle the place.
    """

    words: str
    code: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Names of places prepared for look-up.

    Attributes
    ----------
    labels : mapping of str to str
        Code to the name to show.
    meanings : mapping of str to tuple of str
        Folded name to the codes that it may designate.
    doubtful : frozenset of str
        Folded names that do not settle the place by themselves.
    index : PhraseIndex
        Names, outside ones included, to folded names.
    outside : frozenset of str
        Folded names of places outside the territory.
    """

    labels: Mapping[str, str]
    meanings: Mapping[str, tuple[str, ...]]
    doubtful: frozenset[str]
    index: PhraseIndex
    outside: frozenset[str]

    def candidates(self, name: str, *, score: float = 1.0) -> tuple[Candidate, ...]:
        """Places that a folded name may designate."""
        return tuple(
            Candidate(value=code, label=self.labels.get(code, code), score=score)
            for code in self.meanings[name]
        )


def build_gazetteer(
    labels: Mapping[str, str],
    names: Iterable[PlaceName],
    *,
    outside: Iterable[str] = (),
    ordinary: frozenset[str] = frozenset(),
) -> Gazetteer:
    """Prepare the names of a territory.

    Parameters
    ----------
    labels : mapping of str to str
        Code of each commune to its official name, which is looked up too.
    names : iterable of PlaceName
        Usual names and postcodes; several rows of one name make it ambiguous.
    outside : iterable of str
        Names of places outside the territory. A name that is also inside stays inside.
    ordinary : frozenset of str
        Words that are never taken for a misspelt name.
    """
    meanings: dict[str, dict[str, None]] = defaultdict(dict)
    doubtful = set()
    official = (PlaceName(words=label, code=code) for code, label in labels.items())
    for name in (*official, *names):
        key = place_key(name.words)
        meanings[key][name.code] = None
        if name.ambiguous:
            doubtful.add(key)
    doubtful |= {key for key, codes in meanings.items() if len(codes) > 1}
    beyond = frozenset(place_key(name) for name in outside) - set(meanings)
    spellings = ((key, key) for key in (*meanings, *beyond))
    return Gazetteer(
        labels=MappingProxyType(dict(labels)),
        meanings=MappingProxyType({key: tuple(codes) for key, codes in meanings.items()}),
        doubtful=frozenset(doubtful),
        index=build_index(spellings, ordinary=ordinary),
        outside=beyond,
    )


def place_key(name: str) -> str:
    """Folded name with its abbreviations in full."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in fold_words(name).split())


def read_gazetteer(
    communes: Path,
    aliases: Path,
    *,
    outside: Iterable[str] = (),
    ordinary: frozenset[str] = frozenset(),
) -> Gazetteer:
    """Read a gazetteer from two CSV files.

    Parameters
    ----------
    communes : Path
        Columns ``code_insee`` and ``nom``, and ``code_postal`` if there is one: a postcode is
        always ambiguous when it is that of several communes of the file.
    aliases : Path
        Columns ``alias``, ``code_insee`` (empty: a place outside) and ``ambigu`` (``oui``).

    Raises
    ------
    InputError
        Naming the file, the column and the mend.
    """
    official = _rows(communes, ("code_insee", "nom"))
    usual = _rows(aliases, ("alias", "code_insee", "ambigu"))
    postcodes = (
        PlaceName(words=row["code_postal"], code=row["code_insee"])
        for row in official
        if row.get("code_postal")
    )
    named = (
        PlaceName(words=row["alias"], code=row["code_insee"], ambiguous=row["ambigu"] == "oui")
        for row in usual
        if row["code_insee"]
    )
    homonyms = [row["alias"] for row in usual if not row["code_insee"]]
    return build_gazetteer(
        {row["code_insee"]: row["nom"] for row in official},
        (*postcodes, *named),
        outside=(*homonyms, *outside),
        ordinary=ordinary,
    )


def read_place_names(path: Path, *, column: str = "nom") -> list[str]:
    """Names of one column of a CSV file; raises as :func:`read_gazetteer`."""
    return [row[column] for row in _rows(path, (column,)) if row[column]]


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise InputError(f"{path}: no column {', '.join(missing)}: add it")
            return [{key: value or "" for key, value in row.items() if key} for row in reader]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: {error}: save it as CSV in UTF-8") from None
