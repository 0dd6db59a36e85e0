"""Dates of birth, where a cue says that they are."""

import re
from collections.abc import Iterator

from nlu.entities.folding import FoldedText
from nlu.entities.numbers_in_words import NUMBER_WORD
from nlu.redaction.personal_data import PersonalSpan

WORDS = rf"(?:{NUMBER_WORD})(?:[ -](?:et[ -])?(?:{NUMBER_WORD})){{0,8}}"
MONTH = (
    r"(?:janv(?:ier)?|fev(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:l?et)?|aout|sept(?:embre)?|"
    r"oct(?:obre)?|nov(?:embre)?|dec(?:embre)?)\.?"
)
DATE = (
    rf"(?:\d{{1,2}}[ /.-]{{1,2}}\d{{1,2}}[ /.-]{{1,2}}(?:\d{{4}}|\d\d)"
    rf"|(?:\d{{1,2}}(?:er)?|premier|{WORDS}) {MONTH}(?: (?:\d{{4}}|\d\d|{WORDS}))?|\d{{8}})\b"
)
CUE = (
    r"(?:\bne\(?e?\)?s? le|\bnee? le|\bne en|\bnee en|naissance(?: est| c'est| cest| c)?(?: le)?"
    r"|\bnaiss\.?|\bddn|"
    r"\bne\(e\)(?: le)?|\bnee?)"
)
BIRTH = re.compile(rf"{CUE}[ :,]{{0,3}}(?:le |du |au )?(?P<date>{DATE})")


def find_birth_dates(folded: FoldedText) -> Iterator[PersonalSpan]:
    """Dates of birth of a text; the words around the date stay."""
    for found in BIRTH.finditer(folded.folded):
        start, end = folded.span(found.start("date"), found.end("date"))
        yield PersonalSpan(kind="NAISSANCE", start=start, end=end)
