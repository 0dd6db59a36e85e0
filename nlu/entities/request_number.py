"""Reference of a request or a form, where a cue says that it is one."""

import re
from collections.abc import Iterator

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText
from nlu.entities.numbers_in_words import NUMBER_WORD
from nlu.entities.pattern import find_pattern

CUE = (
    r"(?:dossiers?|demandes?|tickets?|references?|refs?|requetes?|reclamations?|signalements?|"
    r"declarations?(?: de [a-z]+)?|formulaires?|courriers?|commandes?|suivi|plaintes?)"
)
FILLER = (
    r"(?:[ :,]*(?:n ?[°ºo]\.?|nº|numero|num|no|portant|porte|est|le|sous|la|ref|reference|"
    r"c'est|suivant)){0,6}"
)
CODE = (
    r"(?:[a-z]{1,5}[-/ ]?)?\d{2,}(?:[-/][a-z0-9]{1,8}){0,4}"
    rf"|(?:{NUMBER_WORD})(?:[ -](?:{NUMBER_WORD})){{1,8}}"
)
# A day, a time, a quantity or an amount after « demande » is no reference.
NOT_A_UNIT = (
    r"(?! ?(?:h\b|heures?|jours?|j\b|semaines?|mois|ans?\b|m3|metres?|litres?|l\b|kg|euros?|€|"
    r"sacs?|bacs?|%|janv|fev|mars|avr|mai\b|juin|juil|aou|sept|oct|nov|dec))(?!/\d)"
)
REQUEST = re.compile(rf"\b{CUE}{FILLER}[ :]*(?:n ?[°º] ?)?(?P<code>{CODE})\b{NOT_A_UNIT}")
NUMBERED = re.compile(
    rf"\b(?:numero|num|n ?[°º])(?: (?:la|de suivi|de demande|de dossier|sur le papier|est|c'est|"
    rf"la sur le papier)){{0,4}} ?(?P<code>{CODE})\b{NOT_A_UNIT}"
)
OTHER_NUMBERS = re.compile(
    r"(?:bac|poubelle|telephone|tel|portable|maison|rue|appartement|appt|porte|lot|secteur|zone|"
    r"article|annexe|compteur|ligne|bus|magazine)s? $"
)


def find_request_numbers(folded: FoldedText) -> Iterator[Entity]:
    """References of requests of a message, as ``numero_demande``, in upper case."""

    def value(found: re.Match[str]) -> str:
        before = found.string[max(0, found.start() - 15) : found.start()]
        return "" if OTHER_NUMBERS.search(before) else found["code"].upper()

    for pattern, score in ((REQUEST, 1.0), (NUMBERED, 0.8)):
        for entity in find_pattern(
            "numero_demande", folded, pattern, value=value, group="code", score=score
        ):
            if entity.value:
                yield entity
