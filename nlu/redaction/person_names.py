"""Names of persons, where a cue or a first name gives them away."""

import re
from collections.abc import Iterator, Sequence

from nlu.entities.folding import FoldedText
from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.name_cues import (
    AFTER_SAINT,
    ALSO_WORDS,
    BEFORE_PLACE,
    BESIDE,
    BESIDE_LOWER,
    CIVILITY_NEXT,
    CLOSING,
    ENDS_IN_ACUTE,
    FAMILY,
    FULL_NAME_CUE,
    GAP,
    KIN,
    LAST_NAME,
    LIKELY,
    LONGEST_NAME,
    NO_NAME,
    PARTICLES,
    PRODUCT,
    SAINTS,
    SENTENCE_START,
    SPEAKING,
    SPELLED,
    SURE,
    SURE_CLOSING,
    UNKNOWN_CUE,
    UPPER_PARTICLE,
    WORD,
)
from nlu.redaction.personal_data import PersonalSpan
from nlu.redaction.vocabulary import USUAL_PROPER_NOUNS, Vocabulary


def find_person_names(
    folded: FoldedText, vocabulary: Vocabulary | None = None
) -> Iterator[PersonalSpan]:
    """Names of persons of a text; spans may overlap.

    In text with capitals a name runs through them. Without (dictation, SMS), it is the word after
    a sure cue, with the next one after a common first name. With a vocabulary, any other
    capitalised word inside a sentence is a name, and so is an unknown word after a likely cue.
    """
    cased = _is_cased(folded.original)
    for found in SURE.finditer(folded.folded):
        full = FULL_NAME_CUE.search(found.group()) is not None
        yield from _name_at(folded, found.end(), cased, sure=True, full=full)
    for found in LIKELY.finditer(folded.folded):
        yield from _name_at(folded, found.end(), cased, sure=False)
    for found in (*FAMILY.finditer(folded.folded), *KIN.finditer(folded.folded)):
        words = _words_from(folded, found.end(), cased) if cased else []
        if words:
            yield _span(folded, words[0].start(), words[-1].end())
    for found in SPEAKING.finditer(folded.folded):
        words = [word for word in WORD.finditer(found["name"]) if word.group() not in NO_NAME]
        known = any(word.group() in FIRST_NAMES - ALSO_WORDS for word in words)
        if words and (known or "appareil" in found.group()):
            start = found.start("name")
            yield _span(folded, start + words[0].start(), start + words[-1].end())
    yield from _signatures(folded, cased)
    yield from _full_names(folded, cased)
    if vocabulary is not None:
        yield from _unknown_words(folded, vocabulary, cased)
    for found in SPELLED.finditer(folded.folded):
        group = "letters" if found["letters"] else "run"
        yield _span(folded, found.start(group), found.end(group))


def _unknown_words(
    folded: FoldedText, vocabulary: Vocabulary, cased: bool
) -> Iterator[PersonalSpan]:
    """Capitals inside a sentence, and words after a cue, that nobody knows."""
    if not cased:
        for cue in UNKNOWN_CUE.finditer(folded.folded):
            words = list(_unknown_run(folded, cue.end(), vocabulary))
            if words:
                yield _span(folded, words[0].start(), words[-1].end())
        return
    for found in WORD.finditer(folded.folded):
        before = folded.folded[max(0, found.start() - 40) : found.start()]
        bare = found.group().rstrip(".")
        start, end = folded.span(found.start(), found.start() + len(bare))
        written = folded.original[start:end]
        acronym = len(bare) < 3 or (written.isupper() and len(bare) < 6)
        first = SENTENCE_START.search(before) is not None and not _capital_follows(
            folded, found, vocabulary
        )
        if not written[:1].isupper() or acronym or first:
            continue
        if bare in vocabulary.proper or bare in NO_NAME or BEFORE_PLACE.search(before):
            continue
        if (
            not AFTER_SAINT.search(before)
            and bare not in SAINTS
            and not PRODUCT.match(folded.folded, found.start() + len(bare))
        ):
            begin = _with_particle(folded, found.start())
            yield _span(folded, begin, found.start() + len(bare))


def _capital_follows(folded: FoldedText, word: re.Match[str], vocabulary: Vocabulary) -> bool:
    """Whether a word that begins a sentence, itself unknown, is followed by an unknown capital."""
    gap = GAP.match(folded.folded, word.end())
    following = WORD.match(folded.folded, gap.end()) if gap is not None else None
    if following is None or word.group() in vocabulary.ordinary:
        return False
    return _capital(folded, following) and following.group() not in vocabulary.proper


def _unknown_run(folded: FoldedText, place: int, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    """Up to four words from a place that are neither ordinary nor known, or are first names."""
    for _ in range(4):
        found = WORD.match(folded.folded, place)
        if found is None:
            return
        bare = found.group().rstrip(".")
        unknown = bare not in vocabulary.ordinary and bare not in vocabulary.proper
        named = bare in FIRST_NAMES - ALSO_WORDS
        if bare in NO_NAME or len(bare) < 3 or not (unknown or named):
            return
        yield found
        gap = GAP.match(folded.folded, found.end())
        if gap is None:
            return
        place = gap.end()


def _signatures(folded: FoldedText, cased: bool) -> Iterator[PersonalSpan]:
    """Names after a closing formula, and lines or ends of text that are only a name."""
    text = folded.folded.rstrip(" \n.!?;,")
    for found in CLOSING.finditer(folded.folded):
        certain = "\n" in found.group() or found.group().startswith(SURE_CLOSING)
        for span in _name_at(folded, found.end(), cased, sure=certain, full=True):
            rest = folded.original[span.end :]
            if not re.match(r"[^\n.]{0,3}[\w]", rest) or BESIDE.match(rest):
                yield span
    if not cased:
        yield from _lower_signature(folded, text)
    last = max(text.rfind(mark) for mark in ("\n", ". ", "! ", "? ", ", "))
    if cased and last > 0:
        start = last + 1 + (text[last] != "\n")
        for span in _name_at(folded, start, cased, sure=False):
            if span.end >= folded.span(0, len(text))[1]:
                yield span


def _lower_signature(folded: FoldedText, text: str) -> Iterator[PersonalSpan]:
    """First name and surname, without capitals, that end a text or stand by personal data."""
    for beside in BESIDE_LOWER.finditer(folded.folded):
        if beside["first"] in FIRST_NAMES:
            yield _span(folded, beside.start("name"), beside.end("name"))
    found = LAST_NAME.search(text)
    if found is not None and found["first"] in FIRST_NAMES:
        yield _span(folded, found.start("first"), found.end())


def _full_names(folded: FoldedText, cased: bool) -> Iterator[PersonalSpan]:
    """Common first names anywhere, and runs of capitals inside a sentence."""
    place = 0
    while (found := WORD.search(folded.folded, place)) is not None:
        place = found.end()
        before = folded.folded[max(0, found.start() - 40) : found.start()]
        if AFTER_SAINT.search(before) or BEFORE_PLACE.search(before):
            continue
        if cased:
            words = _words_from(folded, found.start(), cased) if _capital(folded, found) else []
            personal = _is_person(folded, words, before)
        else:
            words = _lower_words(folded, found.start(), sure=False, full=True)
            personal = len(words) > 1
        if personal:
            yield _span(folded, _with_particle(folded, words[0].start()), words[-1].end())
            place = words[-1].end()


def _with_particle(folded: FoldedText, start: int) -> int:
    """Start of a name with the particle in capitals before it: « LE GOFF Marie »."""
    first = folded.span(start, start + 1)[0]
    found = UPPER_PARTICLE.search(folded.original[max(0, first - 6) : first])
    return start - len(found.group()) if found is not None else start


def _is_person(folded: FoldedText, words: Sequence[re.Match[str]], before: str) -> bool:
    """Whether a run of capitalised words names a person."""
    if not words:
        return False
    first = words[0].group().rstrip(".")
    if first in FIRST_NAMES and (len(words) > 1 or first not in ALSO_WORDS):
        return True
    if len(words) == 1 or {word.group() for word in words} & USUAL_PROPER_NOUNS:
        return False
    bare = {word.group() for word in words}
    beside = BESIDE.match(folded.folded, words[-1].end()) or before.rstrip(" ,-:\n").endswith("█")
    upper = any(_upper(folded, word) for word in words) and bool(bare & FIRST_NAMES)
    model = PRODUCT.match(folded.folded, words[-1].end()) is not None
    inside = SENTENCE_START.search(before) is None and len(words) == 2 and not model
    return bool(beside or upper or inside)


def _name_at(
    folded: FoldedText, place: int, cased: bool, *, sure: bool, full: bool = False
) -> Iterator[PersonalSpan]:
    first = WORD.match(folded.folded, place)
    if first is None:
        return
    # The civility is a cue of its own, found by itself.
    if CIVILITY_NEXT.match(folded.folded, place):
        return
    words = _words_from(folded, place, cased, sure=sure)
    if cased and words:
        known = words[0].group() in FIRST_NAMES - {"noel"}
        if sure or len(words) > 1 or known:
            yield _span(folded, words[0].start(), words[-1].end())
        return
    if not sure and BEFORE_PLACE.search(folded.folded[max(0, place - 40) : place]):
        return
    lower = _lower_words(folded, place, sure=sure, full=full)
    if lower:
        yield _span(folded, lower[0].start(), lower[-1].end())


def _words_from(
    folded: FoldedText, place: int, cased: bool, *, sure: bool = False
) -> list[re.Match[str]]:
    """Run of capitalised words, particles between them included."""
    words: list[re.Match[str]] = []
    kept = 0
    while len(words) < LONGEST_NAME and (found := WORD.match(folded.folded, place)) is not None:
        bare = found.group().rstrip(".")
        if found.group().endswith(".") and len(bare) > 1:
            found = re.compile(r"[^\W\d_]+").match(folded.folded, place) or found
        capital = _capital(folded, found)
        particle = bare in PARTICLES
        if not capital and not (particle and (words or (sure and cased))):
            break
        if not words and not sure and (particle or bare in SAINTS):
            break
        initial = found.group().endswith(".") and len(bare) == 1 and (bare != "m" or not words)
        joined = folded.folded[place - 1 : place] == "-"
        if capital and not particle and not initial and not joined and bare in NO_NAME:
            break
        words.append(found)
        if capital and not particle:
            kept = len(words)
        gap = GAP.match(folded.folded, found.end())
        if gap is None:
            break
        place = gap.end()
    return words[:kept]


def _lower_words(folded: FoldedText, place: int, *, sure: bool, full: bool) -> list[re.Match[str]]:
    """Name without capitals: a word after a sure cue, or a first name, then a surname."""
    words: list[re.Match[str]] = []
    while len(words) < LONGEST_NAME - 1 and (found := WORD.match(folded.folded, place)):
        bare = found.group().rstrip(".")
        hyphened = bool(words) and folded.folded[place - 1] == "-"
        particle = bare in PARTICLES
        begins = particle and bare != "l" and sure and _surname_after(folded, found)
        surname = hyphened or begins or (particle and words)
        if (bare in NO_NAME and not surname) or _another_word(folded, found):
            break
        known = bare in FIRST_NAMES
        if not words and not sure and (not known or bare in ALSO_WORDS):
            break
        words.append(found)
        gap = GAP.match(folded.folded, found.end())
        named = sum(word.group() not in PARTICLES for word in words)
        joined = gap is not None and gap.group() in {"-", "'"}
        more = known or particle or joined or (full and named < 2)
        if gap is None or not more or (found.group().endswith(".") and len(bare) > 1):
            break
        place = gap.end()
    while words and words[-1].group() in PARTICLES:
        words.pop()
    return words


def _another_word(folded: FoldedText, word: re.Match[str]) -> bool:
    """« marié » is not Marie: a last accent that no first name bears."""
    start, end = folded.span(word.start(), word.end())
    accented = folded.original[start:end].endswith(("é", "ée", "és"))
    return accented and word.group() in FIRST_NAMES - ENDS_IN_ACUTE


def _surname_after(folded: FoldedText, particle: re.Match[str]) -> bool:
    """Whether a particle begins a surname: « le goff », and not « le maire », « de la mairie »."""
    gap = GAP.match(folded.folded, particle.end())
    following = WORD.match(folded.folded, gap.end()) if gap is not None else None
    return following is not None and following.group() not in NO_NAME


def _capital(folded: FoldedText, word: re.Match[str]) -> bool:
    return folded.original[folded.span(word.start(), word.end())[0]].isupper()


def _upper(folded: FoldedText, word: re.Match[str]) -> bool:
    start, end = folded.span(word.start(), word.end())
    return end - start > 2 and folded.original[start:end].isupper()


def _is_cased(text: str) -> bool:
    """Whether capitals of a text mean something: some, and not nearly all."""
    letters = [character for character in text if character.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return 0 < capitals <= 0.7 * len(letters)


def _span(folded: FoldedText, start: int, end: int) -> PersonalSpan:
    first, last = folded.span(start, end)
    return PersonalSpan(kind="NOM", start=first, end=last)
