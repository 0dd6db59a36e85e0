"""Names that sign: after a closing formula, on a line of their own, beside personal data."""

import re
from collections.abc import Callable, Iterator

from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.name_cues import (
    BESIDE,
    BESIDE_LOWER,
    CLOSING,
    LAST_NAME,
    NAME_BEGINS,
    OFFICE_SIGNS,
    SURE_CLOSING,
)
from nlu.redaction.name_runs import (
    BARE_WORD,
    OTHER_ENDING,
    REACH,
    Reading,
    Words,
    capitalised_words,
    count_names,
    lower_words,
)
from nlu.redaction.not_names import ALSO_WORDS, NO_LOWER_NAME, PARTICLES
from nlu.redaction.personal_data import PersonalSpan

LINE = re.compile(r"[^\n]+")
GOES_ON = re.compile(r"[^\n.]{0,3}\w")
NamesAt = Callable[..., Iterator[PersonalSpan]]


def find_signatures(reading: Reading, names_at: NamesAt) -> Iterator[PersonalSpan]:
    """Names that end a message or a part of it; spans may overlap.

    Parameters
    ----------
    reading : Reading
        Text.
    names_at : callable
        Reader of the names at a place.
    """
    text, original = reading.folded.folded, reading.folded.original
    for found in CLOSING.finditer(text):
        certain = "\n" in found.group() or found.group().startswith(SURE_CLOSING)
        names = list(names_at(reading, found.end(), sure=certain, full=True))
        if names and _ends(original[names[-1].end :]):
            yield from names
    for found in OFFICE_SIGNS.finditer(text):
        names = list(names_at(reading, found.end(), sure=False, full=True))
        if names and _ends(original[names[-1].end :]):
            yield from names
    if reading.cased:
        yield from _name_lines(reading)
        yield from _last_name(reading)
    else:
        yield from _lower_signature(reading)


def _ends(rest: str) -> bool:
    """Whether nothing but punctuation or personal data follows on the line."""
    return GOES_ON.match(rest) is None or BESIDE.match(rest) is not None


def _name_lines(reading: Reading) -> Iterator[PersonalSpan]:
    """Lines after the first that are a first name and a surname, or an initial and a surname."""
    for line in LINE.finditer(reading.folded.folded):
        if line.start() == 0:
            continue
        indent = len(line.group()) - len(line.group().lstrip(" "))
        words = capitalised_words(reading, line.start() + indent)
        rest = line.group().rstrip(" .,;!")
        if (
            len(words) > 1
            and words[-1].end() >= line.start() + len(rest)
            and _is_full(reading, words)
        ):
            yield reading.name(words)


def _is_full(reading: Reading, words: Words) -> bool:
    bare = [word.group().rstrip(".") for word in words]
    if bare[0] in reading.usual.proper:
        return False
    unknown = any(map(reading.is_unknown, bare))
    return unknown or bool(set(bare) & FIRST_NAMES) or len(bare[0]) == 1


def _last_name(reading: Reading) -> Iterator[PersonalSpan]:
    """A name that ends the text, after a line end, a full stop or a comma."""
    text = reading.folded.folded.rstrip(" \n.!?;,")
    last = max(text.rfind(mark) for mark in ("\n", ". ", "! ", "? ", ", "))
    if last <= 0:
        return
    start = last + 1 + (text[last] != "\n")
    words = capitalised_words(reading, start)
    words = words or lower_words(reading, start, sure=False, full=False)
    if not words or words[-1].end() < len(text) or words[0].group() in reading.usual.proper:
        return
    if len(words) > 1 or words[0].group() in FIRST_NAMES - {"noel"}:
        yield reading.name(words)


def _lower_signature(reading: Reading) -> Iterator[PersonalSpan]:
    """First name and surname, without capitals, that end a text or stand by personal data."""
    text = reading.folded.folded.rstrip(" \n.!?;,")
    for beside in BESIDE_LOWER.finditer(reading.folded.folded):
        words = _words_beside(reading, *beside.span("name"))
        if words and _is_beside(reading, words):
            yield reading.name(words)
    found = LAST_NAME.search(text)
    if found is not None and found["first"] in FIRST_NAMES:
        start, end = reading.folded.span(found.start("first"), found.end())
        yield PersonalSpan(kind="NOM", start=start, end=end)


def _is_beside(reading: Reading, words: Words) -> bool:
    """A first name, with or without a surname, or two words where a name begins."""
    if words[0].group() in FIRST_NAMES:
        return len(words) > 1 or words[0].group() not in ALSO_WORDS
    start = words[0].start()
    begins = NAME_BEGINS.search(reading.folded.folded, max(0, start - REACH), start) is not None
    return begins and count_names(words) == 2 and OTHER_ENDING.search(words[0].group()) is None


def _words_beside(reading: Reading, start: int, end: int) -> Words:
    """Longest end of a run of words that begins like a name and has no word that is none."""
    words = list(BARE_WORD.finditer(reading.folded.folded, start, end))
    begin = len(words)
    others = 0
    for place in range(len(words) - 1, -1, -1):
        bare = words[place].group()
        named = bare in FIRST_NAMES or reading.is_unknown(bare)
        others += not named and bare not in PARTICLES
        # A surname may be an ordinary word; two ordinary words are no name.
        if others > 1 or bare in NO_LOWER_NAME - PARTICLES:
            break
        if named:
            begin = place
    return words[begin:]
