"""Text without accents or case that remembers where each character stood."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SAME = str.maketrans("’‘ʼ′´`＇‐‑‒–—−", "'''''''------")
LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}
INVISIBLE = frozenset({"Cf", "Mn", "Me"})
BLANK = frozenset({"Cc", "Zl", "Zp", "Zs", "Cs"})
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A run of letters and digits of a folded text, with its span there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedText:
    """A folded text and its alignment with the original.

    Attributes
    ----------
    original : str
        The text as received.
    folded : str
        Lower case, without accents or invisible characters, straight apostrophes and hyphens,
        line ends kept, other control characters as spaces.
    origins : tuple of int
        Position in ``original`` of each character of ``folded``.
    """

    original: str
    folded: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span of the original for a non-empty span of the folded text."""
        after = self.origins[end] if end < len(self.origins) else len(self.original)
        return self.origins[start], max(after, self.origins[end - 1] + 1)

    def words(self) -> tuple[Word, ...]:
        """Words of the folded text, in order."""
        return tuple(
            Word(text=found.group(), start=found.start(), end=found.end())
            for found in WORD.finditer(self.folded)
        )


def fold(text: str) -> FoldedText:
    """Fold a text and keep the alignment.

    Parameters
    ----------
    text : str
        Any string, control characters and lone surrogates included.
    """
    pieces = [_fold_character(character) for character in text]
    folded = "".join(pieces)
    if len(folded) == len(text) and all(pieces):
        return FoldedText(original=text, folded=folded, origins=tuple(range(len(text))))
    origins = tuple(place for place, piece in enumerate(pieces) for _ in piece)
    return FoldedText(original=text, folded=folded, origins=origins)


def fold_words(text: str) -> str:
    """Words of a name, folded and separated by single spaces."""
    return " ".join(word.text for word in fold(text).words())


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character == "\n":
        return character
    lowered = character.translate(SAME).lower()
    bare = unicodedata.normalize("NFKD", LIGATURES.get(lowered, lowered))
    return "".join(
        " " if unicodedata.category(each) in BLANK else each.lower()
        for each in bare
        if unicodedata.category(each) not in INVISIBLE
    )
