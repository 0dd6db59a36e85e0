"""Which commune a text names: official names, usual names, codes, small typos."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from nudge.territory.territory import Territory

CLOSE_ENOUGH = 0.85
AS_CLOSE = 0.05
# Shorter names resemble common words, the more so inside a sentence (« villes », « Villers »).
SHORTEST_ALONE, SHORTEST_IN_SENTENCE = 6, 8
ABBREVIATIONS = {"st": "saint", "ste": "sainte", "s": "sur"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A commune that a text may name.

    Attributes
    ----------
    code_insee, name
        The commune.
    score
        Likeness of the words to a name of the commune, in [0.85, 1]; 1 when they are the same.
    ambiguous
        Whether these words alone do not say which commune is meant, so that one must ask.
    remark
        What is to be known of the name, in French; empty where there is nothing.
    """

    code_insee: str
    name: str
    score: float
    ambiguous: bool
    remark: str


# Names without accents nor case, each with what it may designate; no code: outside the territory.
Names = Mapping[str, Sequence[Candidate]]


def find_commune(territory: Territory, text: str) -> list[Candidate]:
    """Return the communes that a text may name, the likeliest first.

    Accents, case, hyphens, « st » for « saint » and small typos do not matter. A postcode is
    not a commune: it returns all those of the territory that it covers, and chooses among
    them when a name is given beside it. Places listed as outside the territory return nothing.

    Parameters
    ----------
    territory
        Territory of :func:`nudge.territory.territory.load_territory`.
    text
        A name, a postcode, an INSEE code, or a sentence that holds one.
    """
    words = plain(text).split()
    names = _names(territory)
    spans = list(_exact_spans(words, names)) or list(_close_spans(words, names))
    found = [one for span in spans if not span[0].isdigit() for one in span[1]]
    coded = [one for span in spans if span[0].isdigit() for one in span[1]]
    chosen = _narrowed(found, coded) if found and coded else found or coded
    best: dict[str, Candidate] = {}
    for one in sorted(chosen, key=lambda one: -one.score):
        if one.code_insee:
            best.setdefault(one.code_insee, one)
    return list(best.values())


def plain(text: str) -> str:
    """Return a text without accents, case, punctuation or abbreviations of place names."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    letters = "".join(character for character in bare if not unicodedata.combining(character))
    words = re.findall(r"[a-z0-9]+", letters)
    return " ".join(ABBREVIATIONS.get(word, word) for word in words)


def _names(territory: Territory) -> Names:
    """Gather official names and codes; what the aliases say of the same words prevails."""
    official = territory.communes.set_index("code_insee")["nom"].to_dict()
    meanings: dict[str, dict[str, Candidate]] = defaultdict(dict)

    def add(words: str, code: str, *, ambiguous: bool = False, remark: str = "") -> None:
        meanings[plain(words)][code] = Candidate(
            code_insee=code,
            name=official.get(code, ""),
            score=1.0,
            ambiguous=ambiguous,
            remark=remark,
        )

    for row in territory.communes.itertuples(index=False):
        for words in (row.nom, row.code_insee, row.code_postal):
            add(words, row.code_insee)
    for row in territory.aliases.fillna({"code_insee": "", "remarque": ""}).itertuples(index=False):
        add(row.alias, row.code_insee, ambiguous=row.ambigu, remark=row.remarque)
    return {words: _together(found.values()) for words, found in meanings.items()}


def _together(found: Iterable[Candidate]) -> list[Candidate]:
    """Return the meanings of the same words; several of them are ambiguous."""
    each = list(found)
    several = len({one.code_insee for one in each}) > 1
    return [replace(one, ambiguous=True) for one in each] if several else each


def _exact_spans(words: Sequence[str], names: Names) -> Iterator[tuple[str, Sequence[Candidate]]]:
    """Yield the names that the words hold, the longest first from left to right."""
    longest = max(len(name.split()) for name in names)
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            span = " ".join(words[start : start + length])
            if span in names:
                yield span, names[span]
                start += length - 1
                break
        start += 1


def _close_spans(words: Sequence[str], names: Names) -> Iterator[tuple[str, Sequence[Candidate]]]:
    """Yield the run of words that most resembles a name, with the names as close to it."""
    longest = max(len(name.split()) for name in names)
    close: list[tuple[float, str, str]] = []
    for start in range(len(words)):
        for end in range(start + 1, min(start + longest, len(words)) + 1):
            span = "".join(words[start:end])
            alone = end - start == len(words)
            shortest = SHORTEST_ALONE if alone else SHORTEST_IN_SENTENCE
            close += [
                (score, span, name)
                for name in names
                if min(len(name), len(span)) >= shortest and not span.isdigit()
                if (score := _likeness(span, name.replace(" ", ""))) >= CLOSE_ENOUGH
            ]
    if close:
        score, span, _ = max(close)
        likeliest = {
            one.code_insee: replace(one, score=round(likeness, 3))
            for likeness, other, name in sorted(close)
            if other == span and likeness >= score - AS_CLOSE
            for one in names[name]
        }
        yield span, _together(likeliest.values())


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= CLOSE_ENOUGH else 0.0


def _narrowed(found: Sequence[Candidate], coded: Sequence[Candidate]) -> list[Candidate]:
    """Keep the named communes that the code covers; doubt all when it covers none."""
    codes = {one.code_insee for one in coded}
    covered = [one for one in found if one.code_insee in codes]
    if not covered:
        return [replace(one, ambiguous=True) for one in found]
    clear = len({one.code_insee for one in covered}) == 1
    return [replace(one, ambiguous=not clear) for one in covered]
