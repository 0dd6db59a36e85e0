"""Colour of the sticker left on a bin."""

import re
from collections.abc import Iterator

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText

COLOURS = {
    "rouge": r"rouges?|rouj",
    "orange": r"oranges?|oranj(?:e|s)?",
    "vert": r"vert(?:e?s?)",
    "jaune": r"jaunes?|jones?",
    "bleu": r"bleue?s?",
    "gris": r"gris(?:es?)?",
    "blanc": r"blanc(?:he)?s?",
    "noir": r"noire?s?",
}
COLOUR = "|".join(f"(?P<{name}>{forms})" for name, forms in COLOURS.items())
STICKER = (
    r"(?:etiquet+es?|etik+et+e?s?|etiket+e?s?|autoco[l]+ants?|collants?|pastil+es?|stick?ers?|"
    r"gommet+es?|vignet+es?|rubans?|ronds?|scotchs?|croix|bandes?(?: adhesives?)?|cartes?|"
    r"cartons?|points?|macarons?|adhesifs?|trucs?|papiers?|smileys?|feuilles?|marques?|signaux|"
    r"signal|tampons?|avertissements?)"
)
# Up to three words may stand between (« étiquette de bac rouge »), and colours follow each other.
FIRST = re.compile(rf"\b{STICKER}(?: [a-z']+){{0,3}}? (?P<colour>{COLOUR})\b")
NEXT = re.compile(rf"(?: ?,| et| ou|) (?P<colour>{COLOUR})\b")


def find_label_colours(folded: FoldedText) -> Iterator[Entity]:
    """Sticker colours of a message, as ``couleur_etiquette``."""
    for found in FIRST.finditer(folded.folded):
        here: re.Match[str] | None = found
        while here is not None:
            start, end = folded.span(here.start("colour"), here.end("colour"))
            yield Entity(
                name="couleur_etiquette",
                start=start,
                end=end,
                text=folded.original[start:end],
                value=_colour(here),
                score=0.9,
            )
            here = NEXT.match(folded.folded, here.end("colour"))


def _colour(found: re.Match[str]) -> str:
    return next(name for name in COLOURS if found.group(name))
