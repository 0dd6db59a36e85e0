"""Names of persons, where a cue or a first name gives them away."""

from collections.abc import Iterator

from nlu.entities.folding import FoldedText
from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.name_cues import (
    AND_NAME,
    BEFORE_PLACE,
    CIVILITY_NEXT,
    FULL_NAME_CUE,
    INLINE_FIELD,
    LABEL,
    LIKELY,
    SPEAKING,
    SPELLED,
    SURE,
    UNKNOWN_LOWER,
)
from nlu.redaction.name_runs import WORD, Reading, Words, capitalised_words, lower_words, read
from nlu.redaction.not_names import ALSO_WORDS, NO_NAME
from nlu.redaction.personal_data import PersonalSpan
from nlu.redaction.signatures import find_signatures
from nlu.redaction.uncued_names import find_full_names, find_unknown_words
from nlu.redaction.vocabulary import Vocabulary, usual_vocabulary

MOST_TOGETHER = 4
SHORT_ACRONYM = 5


def find_person_names(
    folded: FoldedText, vocabulary: Vocabulary | None = None
) -> Iterator[PersonalSpan]:
    """Names of persons of a text; spans may overlap.

    After a cue, in doubt, a word is a name; elsewhere only a common first name, or two capitals
    inside a sentence, are. In text with capitals a name runs through them. Without (dictation,
    SMS), it is the word after a sure cue, or a first name or an unknown word after a likely one.
    With a vocabulary, any other capitalised word inside a sentence is a name.
    """
    reading = read(folded, usual_vocabulary())
    for found in SURE.finditer(folded.folded):
        full = FULL_NAME_CUE.search(found.group()) is not None
        yield from names_at(reading, found.end(), sure=True, full=full)
    for found in LIKELY.finditer(folded.folded):
        unknown = UNKNOWN_LOWER.search(found.group()) is not None
        yield from names_at(reading, found.end(), sure=False, full=unknown, unknown=unknown)
    for found in LABEL.finditer(folded.folded):
        own = found["own"] is not None
        yield from names_at(reading, found.end(), sure=own, full=True, unknown=True)
    for found in INLINE_FIELD.finditer(folded.folded):
        yield from names_at(reading, found.end(), sure=True, full=True)
    yield from _speaking(reading)
    yield from find_signatures(reading, names_at)
    yield from find_full_names(reading)
    if vocabulary is not None:
        yield from find_unknown_words(reading, vocabulary)
    for found in SPELLED.finditer(folded.folded):
        group = "letters" if found["letters"] else "run"
        start, end = folded.span(found.start(group), found.end(group))
        yield PersonalSpan(kind="NOM", start=start, end=end)


def names_at(
    reading: Reading, place: int, *, sure: bool, full: bool, unknown: bool = False
) -> Iterator[PersonalSpan]:
    """Name that begins at a place, and those joined to it: « Jeanne et Paul Dupont ».

    Parameters
    ----------
    reading : Reading
        Text.
    place : int
        Where a cue ends.
    sure : bool
        Whether a name follows whatever its case.
    full : bool
        Whether first name and surname are expected.
    unknown : bool
        Whether, without capitals, a word that is not of the language is a name.
    """
    text = reading.folded.folded
    words = _name_at(reading, place, sure=sure, full=full, unknown=unknown)
    for _ in range(MOST_TOGETHER):
        if not words:
            return
        yield reading.name(words)
        joined = AND_NAME.match(text, words[-1].end())
        if joined is None:
            return
        words = _joined_name(reading, joined.end(), listed="," in joined.group())


def _name_at(reading: Reading, place: int, *, sure: bool, full: bool, unknown: bool) -> Words:
    text = reading.folded.folded
    # The civility is a cue of its own, found by itself.
    if WORD.match(text, place) is None or CIVILITY_NEXT.match(text, place):
        return []
    if reading.cased:
        words = capitalised_words(reading, place, sure=sure)
        if words:
            return words if sure or _is_likely(reading, words) else []
    if not sure and BEFORE_PLACE.search(text[max(0, place - 40) : place]):
        return []
    return lower_words(reading, place, sure=sure, full=full, unknown=unknown)


def _is_likely(reading: Reading, words: Words) -> bool:
    """Whether capitals after a likely cue are a name, and not a place, a brand or an acronym."""
    first = words[0].group().rstrip(".")
    if first in reading.usual.proper:
        return False
    if len(words) > 1:
        return True
    written = reading.written(words[0])
    return len(first) > 1 and not (written.isupper() and len(first) <= SHORT_ACRONYM)


def _joined_name(reading: Reading, place: int, *, listed: bool) -> Words:
    """Name after « et », « ou », « pas » or a comma; nothing when it may be another word."""
    if CIVILITY_NEXT.match(reading.folded.folded, place):
        return []
    if not reading.cased:
        return lower_words(reading, place, sure=False, full=True, unknown=not listed)
    words = capitalised_words(reading, place, sure=True)
    if not words or not _is_likely(reading, words):
        return []
    bare = [word.group().rstrip(".") for word in words]
    named = any(map(reading.is_unknown, bare)) or bool(set(bare) & FIRST_NAMES)
    return words if named or not listed else []


def _speaking(reading: Reading) -> Iterator[PersonalSpan]:
    """« jeanne dupont à l'appareil »: the words before the cue that may be a name."""
    for found in SPEAKING.finditer(reading.folded.folded):
        start, end = found.span("name")
        words = [
            word
            for word in WORD.finditer(reading.folded.folded, start, end)
            if word.group() not in NO_NAME
        ]
        known = any(word.group() in FIRST_NAMES - ALSO_WORDS for word in words)
        if words and (known or not found.group().endswith("ici")):
            yield reading.name(words)
