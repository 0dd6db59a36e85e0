"""Communes that a message names, inside the territory or not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText, Word
from nlu.entities.gazetteer import ABBREVIATIONS, OUTSIDE, Gazetteer
from nlu.entities.phrase_index import PhraseMatch, find_phrases

# A commune takes no article: with one, the same word is a river or a street.
ARTICLES = frozenset({"la", "les"})


def find_communes(
    folded: FoldedText, words: Sequence[Word], gazetteer: Gazetteer
) -> Iterator[Entity]:
    """Communes of a message: ``commune``, or ``commune_hors_territoire`` for places outside.

    A postcode, a homonym or a river leaves the value empty and gives the candidates; a postcode
    beside a name that it covers is settled by the name.
    """
    full = [replace(word, text=ABBREVIATIONS.get(word.text, word.text)) for word in words]
    matches = list(find_phrases(full, gazetteer.index))
    named = {
        code
        for match in matches
        for name in match.values
        if not name.isdigit() and name in gazetteer.meanings
        for code in gazetteer.meanings[name]
    }
    for match in matches:
        start, end = folded.span(words[match.first].start, words[match.last].end)
        name, value = _meaning(match, words, gazetteer)
        postcode = match.values[0].isdigit()
        if postcode and match.values[0] in gazetteer.meanings:
            covered = named & set(gazetteer.meanings[match.values[0]])
            value = covered.pop() if len(covered) == 1 else value
        entity = Entity(
            name=name,
            start=start,
            end=end,
            text=folded.original[start:end],
            value=value,
            score=match.score,
        )
        if name == "commune" and not value:
            choices = {
                one.value: one
                for key in match.values
                if key in gazetteer.meanings
                for one in gazetteer.candidates(key, score=match.score)
            }
            entity = replace(entity, candidates=tuple(choices.values()))
        yield entity


def _meaning(match: PhraseMatch, words: Sequence[Word], gazetteer: Gazetteer) -> tuple[str, str]:
    """Slot and value; an empty value asks for a choice."""
    if all(name in gazetteer.outside for name in match.values):
        return "commune_hors_territoire", OUTSIDE
    codes = {code for name in match.values for code in gazetteer.meanings.get(name, ())}
    if len(codes) != 1:
        return "commune", ""
    before = words[match.first - 1].text if match.first else ""
    first = words[match.first].text
    doubtful = match.values[0] in gazetteer.doubtful
    river = doubtful and (before in ARTICLES or first in ARTICLES)
    postcode = doubtful and first.isdigit()
    return "commune", "" if river or postcode else codes.pop()
