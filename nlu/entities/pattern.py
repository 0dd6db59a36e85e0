"""Entities found by one regular expression on the folded text."""

from collections.abc import Callable, Iterator
from re import Match, Pattern

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText


def find_pattern(
    name: str,
    folded: FoldedText,
    pattern: Pattern[str],
    *,
    value: Callable[[Match[str]], str],
    group: int | str = 0,
    score: float = 1.0,
) -> Iterator[Entity]:
    """Matches of a pattern, as entities of the slot ``name``.

    Parameters
    ----------
    name : str
        Slot.
    folded : FoldedText
        The message.
    pattern : Pattern of str
        Written for folded text.
    value : callable
        From a match to the canonical value.
    group : int or str
        Group of the pattern that is the entity.
    score : float
        Confidence of the pattern.
    """
    for found in pattern.finditer(folded.folded):
        if found.start(group) == found.end(group):
            continue
        start, end = folded.span(found.start(group), found.end(group))
        yield Entity(
            name=name,
            start=start,
            end=end,
            text=folded.original[start:end],
            value=value(found),
            score=score,
        )
