"""Mail addresses, written or dictated."""

import re
from collections.abc import Iterator

from nlu.entities.folding import FoldedText
from nlu.redaction.personal_data import PersonalSpan

TOP = r"(?:com|fr|net|org|eu|info|be|ch|de|uk|it|es|lu|ca|us|io|bzh|gouv)"
AT = r"(?: ?@ ?| ?[\[(] ?(?:at|arobase|@) ?[\])] ?| (?:arr?obas?e?|arobaze?|a commercial) )"
LOCAL = r"[a-z0-9_%+-]{1,64}(?:\.[a-z0-9_%+-]{1,64}){0,4}"
DOMAIN = rf"[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{2,63}}){{1,3}}|[a-z0-9-]{{1,63}} ?\. ?{TOP}\b"
WRITTEN = re.compile(rf"(?<![a-z0-9_%+-]){LOCAL}{AT}(?:{DOMAIN})")
WORD = r"[a-z0-9][a-z0-9._+-]{0,62}"
LINK = r"(?:point|tiret(?: du (?:6|8|bas|haut|six|huit))?|underscore|moins|plus|slash)"
SPOKEN_DOMAIN = rf"{WORD}(?: (?:point|dot) {WORD}){{0,3}}(?: ?\. ?{TOP}\b)?"
# After a cue, every word up to the at sign belongs to the address.
AFTER_CUE = (
    rf"(?:(?<=c'est )|(?<=cest )|(?<=mail )|(?<=email )|(?<=mel )|(?<=courriel )|(?<=adresse )|"
    rf"(?<=est ))(?!c'est|est )(?:{WORD} ){{0,6}}{WORD}"
)
SPOKEN_LOCAL = rf"\b{WORD}(?: {LINK} {WORD}){{0,5}}"
SPOKEN_AT = r" (?:arr?obas?e?|arobaze?|a commercial) "
SPOKEN = re.compile(rf"(?:{AFTER_CUE}|{SPOKEN_LOCAL}){SPOKEN_AT}{SPOKEN_DOMAIN}")
AT_WORD = re.compile(r"@|\bat\b|arr?oba|a commercial")


def find_mail_addresses(folded: FoldedText) -> Iterator[PersonalSpan]:
    """Mail addresses of a text; spans may overlap."""
    if AT_WORD.search(folded.folded) is None:
        return
    for pattern in (SPOKEN, WRITTEN):
        for found in pattern.finditer(folded.folded):
            start, end = folded.span(found.start(), found.end())
            yield PersonalSpan(kind="COURRIEL", start=start, end=end)
