"""Phone numbers, bank accounts, payment cards, social security numbers and number plates."""

import re
from collections.abc import Iterator

from nlu.entities.folding import FoldedText
from nlu.entities.numbers_in_words import NUMBER_WORD
from nlu.redaction.personal_data import Kind, PersonalSpan

GAP = r"[ .\-/_]{0,3}"
NO_DATE = r"(?!\d\d[./-]\d\d[./-](?:19|20)\d\d(?!\d))"
PHONE = re.compile(
    rf"(?<![\d+]){NO_DATE}0{GAP}[1-9](?:{GAP}\d){{8}}(?!\d)"
    rf"|(?:\+|\b00) ?33{GAP}(?:\(0\))?{GAP}0?{GAP}[1-9](?:{GAP}\d){{8}}(?!\d)"
    rf"|\+ ?[1-9]\d{{0,2}}(?:{GAP}\d){{7,12}}(?!\d)"
)
SPOKEN = rf"(?:{NUMBER_WORD}|\d{{1,4}})"
SPOKEN_PHONE = re.compile(
    rf"\b(?:0 ?[1-9]|zero[ -](?:{NUMBER_WORD}|[1-9])|plus trente[ -]trois)"
    rf"(?:(?:[ ,.-]{{1,2}}|[ -]et[ -]){SPOKEN}){{4,24}}\b"
)
# Any long run of numbers in words is dictated data, whatever it is.
SPOKEN_RUN = re.compile(
    rf"\b(?:{NUMBER_WORD})(?:[ ,.-]{{1,2}}(?:et[ -])?(?:{NUMBER_WORD})){{9,40}}\b"
)
NIR = re.compile(
    rf"(?<!\d)[12]{GAP}\d\d{GAP}(?:0[1-9]|1[0-2]|[2-9]\d){GAP}(?:\d\d"
    rf"|2[ab]){GAP}\d{{3}}{GAP}\d{{3}}"
    rf"(?:{GAP}\(?\d\d\)?)?(?![\d])"
)
IBAN = re.compile(
    r"\b[a-z]{2} ?\d{2}(?=(?:[ .-]?[a-z0-9]){11,30})(?:[ .-]?(?=[a-z]{0,3}\d)[a-z0-9]{2,4}|"
    r"[a-z0-9]){3,26}(?:[ .-]?\d{1,3}\b)?"
)
CARD = re.compile(
    rf"(?<!\d)\d{{4}}(?:{GAP}\d{{4}}){{3}}(?!\d)|(?<!\d)3[47]\d\d{GAP}\d{{6}}{GAP}\d{{5}}(?!\d)"
)
LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ .-]{0,2}\d){12,33}(?!\d)")
PLATE_LETTERS = r"[a-hj-np-tv-z]{2}"
NEW_PLATE = re.compile(rf"(?<![\w-]){PLATE_LETTERS}[ .-]?\d{{3}}[ .-]?{PLATE_LETTERS}(?![\w-])")
OLD_PLATE = re.compile(
    r"(?<![\w,.])\d{1,4}[ -]?(?!mn|cm|mm|kg|ah|et|ou|de|la|le|au|du|un)[a-z]{2,3}[ -]?(?:0[1-9]"
    r"|[1-8]\d|9[0-5]|2[ab]|97\d)(?![\w,.]?\w)"
)
PLATE_CUE = re.compile(
    r"\b(?:plaques?|immat\w*|voitures?|vehicules?|camion\w*|remorques?|scooters?|motos?|autos?|"
    r"fourgon\w*|utilitaires?|4x4|4l|clio|peugeot|renault|citroen|kangoo|tracteurs?)\b"
)
LEAST_CAPITALS = 2


def find_numeric_identifiers(folded: FoldedText) -> Iterator[PersonalSpan]:
    """Numbers that identify a person; spans may overlap, the first kind yielded is the likelier."""
    patterns: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("NIR", NIR), ("IBAN", IBAN), ("CARTE", CARD), ("TELEPHONE", PHONE),
        ("TELEPHONE", SPOKEN_PHONE), ("IBAN", LONG_NUMBER), ("TELEPHONE", SPOKEN_RUN),
    )  # fmt: skip
    for kind, pattern in patterns:
        for found in pattern.finditer(folded.folded):
            if kind == "IBAN" and not _enough_digits(found.group()):
                continue
            yield _span(folded, kind, found)
    for pattern in (NEW_PLATE, OLD_PLATE):
        for found in pattern.finditer(folded.folded):
            if _is_plate(folded, found, new=pattern is NEW_PLATE):
                yield _span(folded, "PLAQUE", found)


def _span(folded: FoldedText, kind: Kind, found: re.Match[str]) -> PersonalSpan:
    start, end = folded.span(found.start(), found.end())
    return PersonalSpan(kind=kind, start=start, end=end)


def _enough_digits(text: str) -> bool:
    """An account number is mostly digits; words and quantities are not."""
    kept = [character for character in text if character.isalnum()]
    digits = sum(character.isdigit() for character in kept)
    return len(kept) >= 13 and digits >= 0.6 * len(kept)


def _is_plate(folded: FoldedText, found: re.Match[str], *, new: bool) -> bool:
    """A plate joined, hyphenated or in capitals, or told to be one; else it is ordinary text."""
    before = folded.folded[max(0, found.start() - 60) : found.start()]
    if PLATE_CUE.search(before):
        return True
    start, end = folded.span(found.start(), found.end())
    written = folded.original[start:end]
    letters = [character for character in written if character.isalpha()]
    if new and " " not in written:
        return True
    capitals = len(letters) >= LEAST_CAPITALS and all(letter.isupper() for letter in letters)
    return capitals and not _shouted(folded.original)


def _shouted(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
