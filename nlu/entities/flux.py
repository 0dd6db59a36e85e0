"""Collection streams, by name or by the colour of their bin."""

import re
from collections.abc import Iterator, Mapping, Sequence

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText, Word
from nlu.entities.listed_words import find_listed
from nlu.entities.pattern import find_pattern
from nlu.entities.phrase_index import PhraseIndex

COLOURS = {
    "jaune": r"jaunes?|jones?|jonne",
    "gris": r"gris(?:es?)?|gri",
    "vert": r"vert(?:e?s?)",
    "noir": r"noire?s?",
    "bleu": r"bleue?s?",
    "marron": r"marrons?",
}
COLOUR = "|".join(f"(?P<{name}>{forms})" for name, forms in COLOURS.items())
CONTAINER = (
    r"(?:bacs?|poubel(?:les?|s)?|containers?|conteneurs?|conteneurs|sacs?|couvercles?|bennes?)"
)
BIN = re.compile(rf"\b(?:{CONTAINER}(?: a)?(?: couvercles?)? )(?:{COLOUR})\b")
# « la jaune », « les jaunes »: the colour stands for the bin, unless it is that of a sticker.
ALONE = re.compile(
    rf"\b(?:la|le|les|du|de la|des|ma|mon|mes|nos|et|ou|ni|ce|votre|vos) (?P<colour>{COLOUR})\b"
)


def find_flux(
    folded: FoldedText,
    words: Sequence[Word],
    index: PhraseIndex,
    *,
    bin_colours: Mapping[str, str],
) -> Iterator[Entity]:
    """Streams of a message.

    Parameters
    ----------
    folded, words
        The message.
    index : PhraseIndex
        Names of streams.
    bin_colours : mapping of str to str
        Colour of a bin to its stream, which differs between territories; a colour that is not
        there leaves the value empty.
    """

    def stream(found: re.Match[str]) -> str:
        colour = next(name for name in COLOURS if found.group(name))
        return bin_colours.get(colour, "")

    yield from find_pattern("flux", folded, BIN, value=stream)
    yield from find_pattern("flux", folded, ALONE, value=stream, group="colour", score=0.8)
    yield from find_listed("flux", folded, words, index)
