"""Entities that are the words of a closed list."""

from collections.abc import Iterator, Mapping, Sequence

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText, Word
from nlu.entities.phrase_index import PhraseIndex, build_index, find_phrases


def index_lists(
    lists: Mapping[str, Sequence[str]], *, ordinary: frozenset[str] = frozenset()
) -> PhraseIndex:
    """Prepare lists of phrases by value; ``ordinary`` words are no misspellings."""
    return build_index(
        ((phrase, value) for value, phrases in lists.items() for phrase in phrases),
        ordinary=ordinary,
    )


def find_listed(
    name: str, folded: FoldedText, words: Sequence[Word], index: PhraseIndex
) -> Iterator[Entity]:
    """Phrases of a list, as entities of the slot ``name``; the first value listed wins."""
    for match in find_phrases(words, index):
        start, end = folded.span(words[match.first].start, words[match.last].end)
        yield Entity(
            name=name,
            start=start,
            end=end,
            text=folded.original[start:end],
            value=match.values[0],
            score=match.score,
        )
