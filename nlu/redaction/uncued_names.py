"""Names without a cue: common first names, runs of capitals, words that nobody knows."""

import re
from collections.abc import Iterator, Sequence

from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.name_cues import (
    AFTER_SAINT,
    BEFORE_PLACE,
    BESIDE,
    BETWEEN,
    PRODUCT,
    SENTENCE_START,
    UNKNOWN_CUE,
    UPPER_PARTICLE,
)
from nlu.redaction.name_runs import (
    GAP,
    WORD,
    Reading,
    Words,
    capitalised_words,
    count_names,
    lower_words,
)
from nlu.redaction.not_names import ALSO_WORDS, NO_NAME, SAINTS
from nlu.redaction.personal_data import PersonalSpan
from nlu.redaction.vocabulary import Vocabulary

REACH = 40
SHORT_ACRONYM = 5
LONGEST_RUN = 4
# What may stand between two names, or a name and other personal data.
SEPARATORS = " ,-:\n"


def find_full_names(reading: Reading) -> Iterator[PersonalSpan]:
    """Common first names anywhere, and runs of capitals inside a sentence or beside a name."""
    text = reading.folded.folded
    place = 0
    named_to = -1
    starts: set[int] = set()
    in_doubt: list[Words] = []
    while (found := WORD.search(text, place)) is not None:
        place = found.end()
        if reading.cased and not reading.is_capital(found):
            continue
        before = text[max(0, found.start() - REACH) : found.start()]
        if AFTER_SAINT.search(before) or BEFORE_PLACE.search(before):
            continue
        if reading.cased:
            words = capitalised_words(reading, found.start())
            follows = named_to >= 0 and not text[named_to : found.start()].strip(SEPARATORS)
            personal = _is_person(reading, words, before, follows=follows)
            if not personal and _may_be_person(reading, words):
                in_doubt.append(words)
        else:
            words = lower_words(reading, found.start(), sure=False, full=True)
            personal = len(words) > 1
        if personal:
            yield _with_particle(reading, reading.name(words))
            starts.add(words[0].start())
            place = named_to = words[-1].end()
    yield from _before_names(reading, in_doubt, starts)


def _before_names(
    reading: Reading, in_doubt: Sequence[Words], starts: set[int]
) -> Iterator[PersonalSpan]:
    """Runs that go right before a name, from the last to the first: each may tell the one before.

    A chain is followed in one reading, so that a long list of names is neither slow nor cut.
    """
    for words in reversed(in_doubt):
        gap = BETWEEN.match(reading.folded.folded, words[-1].end())
        if gap is not None and gap.end() in starts:
            starts.add(words[0].start())
            yield _with_particle(reading, reading.name(words))


def find_unknown_words(reading: Reading, vocabulary: Vocabulary) -> Iterator[PersonalSpan]:
    """Capitals inside a sentence, and words after a cue, that nobody knows."""
    text = reading.folded.folded
    if not reading.cased:
        for cue in UNKNOWN_CUE.finditer(text):
            words = list(_unknown_run(reading, cue.end(), vocabulary))
            if words:
                yield reading.name(words)
        return
    for found in WORD.finditer(text):
        if not reading.is_capital(found):
            continue
        before = text[max(0, found.start() - REACH) : found.start()]
        if _is_unknown_capital(reading, found, before, vocabulary):
            start, _ = reading.folded.span(found.start(), found.end())
            end = start + len(reading.written(found))
            yield _with_particle(reading, PersonalSpan(kind="NOM", start=start, end=end))


def _is_unknown_capital(
    reading: Reading, word: re.Match[str], before: str, vocabulary: Vocabulary
) -> bool:
    bare = word.group().rstrip(".")
    if bare in vocabulary.proper or bare in reading.usual.proper or bare in NO_NAME | SAINTS:
        return False
    if len(bare) < 3 or (reading.written(word).isupper() and len(bare) <= SHORT_ACRONYM):
        return False
    if SENTENCE_START.search(before) and not _capital_follows(reading, word, vocabulary):
        return False
    model = PRODUCT.match(reading.folded.folded, word.start() + len(bare))
    return not (BEFORE_PLACE.search(before) or AFTER_SAINT.search(before) or model)


def _capital_follows(reading: Reading, word: re.Match[str], vocabulary: Vocabulary) -> bool:
    """Whether a word that begins a sentence, itself unknown, is followed by an unknown capital."""
    text = reading.folded.folded
    gap = GAP.match(text, word.end())
    following = WORD.match(text, gap.end()) if gap is not None else None
    # « Prévenez Jeanne »: an imperative is no name.
    if following is None or word.group() in vocabulary.ordinary or word.group().endswith("ez"):
        return False
    return reading.is_capital(following) and following.group() not in vocabulary.proper


def _unknown_run(reading: Reading, place: int, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    """Up to four words from a place that are neither ordinary nor known, or are first names."""
    text = reading.folded.folded
    for _ in range(LONGEST_RUN):
        found = WORD.match(text, place)
        if found is None:
            return
        bare = found.group().rstrip(".")
        unknown = bare not in vocabulary.ordinary and bare not in vocabulary.proper
        named = bare in FIRST_NAMES - ALSO_WORDS
        if bare in NO_NAME or len(bare) < 3 or not (unknown or named):
            return
        yield found
        gap = GAP.match(text, found.end())
        if gap is None:
            return
        place = gap.end()


def _with_particle(reading: Reading, name: PersonalSpan) -> PersonalSpan:
    """Name with the particle in capitals before it: « LE GOFF Marie »."""
    found = UPPER_PARTICLE.search(reading.folded.original[max(0, name.start - 6) : name.start])
    taken = len(found.group()) if found is not None else 0
    return PersonalSpan(kind="NOM", start=name.start - taken, end=name.end)


def _may_be_person(reading: Reading, words: Words) -> bool:
    """Whether a run would name a person if it stood beside one."""
    return len(words) > 1 and not {word.group() for word in words} & reading.usual.proper


def _is_person(reading: Reading, words: Words, before: str, *, follows: bool) -> bool:
    """Whether a run of capitalised words names a person; ``follows`` right after another."""
    if not words:
        return False
    text = reading.folded.folded
    first = words[0].group().rstrip(".")
    if first in FIRST_NAMES and (len(words) > 1 or first not in ALSO_WORDS):
        return True
    if not _may_be_person(reading, words):
        return False
    bare = {word.group() for word in words}
    masked = before.rstrip(SEPARATORS).endswith("█")
    beside = follows or masked or BESIDE.match(text, words[-1].end()) is not None
    upper = bool(bare & FIRST_NAMES) and any(
        len(reading.written(word)) > 2 and reading.written(word).isupper() for word in words
    )
    model = PRODUCT.match(text, words[-1].end()) is not None
    named = count_names(words)
    two = named == 2 or (named == 3 and reading.is_unknown(first))
    inside = SENTENCE_START.search(before) is None and two and not model
    return bool(beside or upper or inside)
