"""Where a name that begins at a place ends: through its capitals, or word by word without."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.entities.folding import FoldedText
from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.not_names import (
    ALSO_WORDS,
    ELIDED,
    ENDS_IN_ACUTE,
    INNER_PARTICLES,
    KIN_ALSO_WORDS,
    NO_LOWER_NAME,
    NO_NAME,
    PARTICLES,
    SAINTS,
)
from nlu.redaction.personal_data import PersonalSpan
from nlu.redaction.vocabulary import Vocabulary

WORD = re.compile(r"[^\W\d_]+\.?")
BARE_WORD = re.compile(r"[^\W\d_]+")
GAP = re.compile(r"(?: |-|'| - |(?<=\.) ?)")
LONGEST_NAME = 6
SHORTEST_UNKNOWN = 3
ANY_SURNAME_FOLLOWS = frozenset({"le", "el", "ben", "da", "di", "dos", "van", "von"})
# Endings of verbs, adverbs and shops: an unknown word that ends so is not taken for a name.
OTHER_ENDING = re.compile(
    r"(?:ai[st]|ent|ant|ons|ez|eront|erai[st]?|erie|able|ible|ique|eur|euse)$"
)
AFTER_KIN = re.compile(
    r"(?:fils|filles?|freres?|soeurs?|mari|femme|epouse|mere|pere|voisine?|amie?|copine?|tante|oncle"
    r"|cousine?|niece|neveu|gendre|compagne|compagnon|moi c|moi c'est|prenom) $"
)
# « relit-il », « passerons-nous »: a verb.
AFTER_VERB = re.compile(r"-(?:t-|(?:ils?|elles?|on|je|tu|nous|vous|moi|toi|le|la|les|y|en|ce)\b)")
FEW_CAPITALS = 0.7
REACH = 20
LAST_WORD = re.compile(r"[^\W\d_]+ ?(?:$|[,;:.!?\n(█]|au (?=█))")
Words = list[re.Match[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text in which names are looked for.

    Attributes
    ----------
    folded : FoldedText
        The text.
    cased : bool
        Whether its capitals mean something: some, and not nearly all.
    usual : Vocabulary
        Words that everyone knows.
    """

    folded: FoldedText
    cased: bool
    usual: Vocabulary

    def is_capital(self, word: re.Match[str]) -> bool:
        """Whether a word begins with a capital."""
        return self.folded.original[self.folded.span(word.start(), word.end())[0]].isupper()

    def written(self, word: re.Match[str]) -> str:
        """Word as it was written, without a final full stop."""
        start, end = self.folded.span(word.start(), word.end())
        return self.folded.original[start:end].rstrip(".")

    def is_unknown(self, bare: str) -> bool:
        """Whether a folded word is neither of the language nor a known proper noun."""
        known = bare in self.usual.ordinary or bare in self.usual.proper or bare in NO_LOWER_NAME
        return not known and len(bare) >= SHORTEST_UNKNOWN

    def name(self, words: Sequence[re.Match[str]]) -> PersonalSpan:
        """Span of a run of words."""
        start, end = self.folded.span(words[0].start(), words[-1].end())
        return PersonalSpan(kind="NOM", start=start, end=end)


def read(folded: FoldedText, usual: Vocabulary) -> Reading:
    """Prepare a text."""
    letters = [character for character in folded.original if character.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return Reading(folded=folded, cased=0 < capitals <= FEW_CAPITALS * len(letters), usual=usual)


def capitalised_words(reading: Reading, place: int, *, sure: bool = False) -> Words:
    """Run of capitalised words at a place, particles between them included."""
    text = reading.folded.folded
    words: Words = []
    kept = 0
    while len(words) < LONGEST_NAME and (found := WORD.match(text, place)) is not None:
        bare = found.group().rstrip(".")
        if found.group().endswith(".") and len(bare) > 1:
            found = BARE_WORD.match(text, place) or found
        capital = reading.is_capital(found)
        particle = bare in PARTICLES or (bool(words) and bare in INNER_PARTICLES)
        if not capital and not (particle and (words or (sure and reading.cased))):
            break
        if not words and not sure and not _may_begin(reading, found, bare):
            break
        initial = found.group().endswith(".") and len(bare) == 1 and (bare != "m" or not words)
        elided = bare in ELIDED and text[found.end() : found.end() + 1] == "'"
        joined = text[place - 1 : place] == "-"
        if capital and not (particle or initial or joined or elided) and bare in NO_NAME:
            break
        words.append(found)
        if capital and not particle:
            kept = len(words)
        gap = GAP.match(text, found.end())
        if gap is None:
            break
        place = gap.end()
    return words[:kept]


def _may_begin(reading: Reading, word: re.Match[str], bare: str) -> bool:
    """A particle begins a name only when a capital follows it: « Le Goff », « D'Aubigny »."""
    if bare in SAINTS:
        return False
    if bare not in PARTICLES:
        return True
    text = reading.folded.folded
    gap = GAP.match(text, word.end())
    following = WORD.match(text, gap.end()) if gap is not None else None
    if following is None or not reading.is_capital(following):
        return False
    return following.group() not in reading.usual.proper and following.group() not in SAINTS


def lower_words(
    reading: Reading, place: int, *, sure: bool, full: bool, unknown: bool = False
) -> Words:
    """Name without capitals.

    Parameters
    ----------
    reading : Reading
        Text.
    place : int
        Where the name may begin.
    sure : bool
        Whether any word that is not in the lists of words may be a name.
    full : bool
        Whether first name and surname are expected.
    unknown : bool
        Whether a word that is not of the language may begin a name; else a first name only.
    """
    text = reading.folded.folded
    words: Words = []
    while len(words) < LONGEST_NAME and (found := WORD.match(text, place)):
        bare = found.group().rstrip(".")
        hyphened = bool(words) and text[place - 1] == "-"
        particle = bare in PARTICLES or _is_elided(reading, found)
        particle = particle or (bool(words) and bare in INNER_PARTICLES | SAINTS)
        begins = particle and bare != "l" and sure and _surname_after(reading, found)
        surname = hyphened or begins or (particle and bool(words))
        if (bare in NO_LOWER_NAME and not surname) or _is_another_word(reading, found):
            break
        known = bare in FIRST_NAMES
        if not words and not sure and not _may_begin_lower(reading, found, unknown=unknown):
            break
        if AFTER_VERB.match(text, found.end()):
            break
        words.append(found)
        gap = GAP.match(text, found.end())
        named = count_names(words)
        joined = bare in SAINTS or (gap is not None and gap.group() in {"-", "'"})
        expected = named < 2 and (full or (sure and _is_last(text, gap)))
        more = known or particle or joined or expected or _goes_on(reading, gap)
        if gap is None or not more or (found.group().endswith(".") and len(bare) > 1):
            break
        place = gap.end()
    while words and words[-1].group() in PARTICLES:
        words.pop()
    return words


def count_names(words: Sequence[re.Match[str]]) -> int:
    """Number of first names and surnames; a hyphenated name is one, an initial none."""
    return sum(
        word.group() not in PARTICLES | INNER_PARTICLES
        and len(word.group().rstrip(".")) > 1
        and word.string[word.start() - 1 : word.start()] != "-"
        for word in words
    )


def _may_begin_lower(reading: Reading, word: re.Match[str], *, unknown: bool) -> bool:
    bare = word.group().rstrip(".")
    if bare in FIRST_NAMES and bare not in ALSO_WORDS:
        return True
    if not unknown:
        return False
    if bare in ALSO_WORDS:
        kin = bare in KIN_ALSO_WORDS and AFTER_KIN.search(
            reading.folded.folded, max(0, word.start() - REACH), word.start()
        )
        return bool(kin) or _goes_on(reading, GAP.match(reading.folded.folded, word.end()))
    return reading.is_unknown(bare) and OTHER_ENDING.search(bare) is None


def _is_last(text: str, gap: re.Match[str] | None) -> bool:
    """Whether one more word, then an end or personal data, follows."""
    return gap is not None and LAST_WORD.match(text, gap.end()) is not None


def _goes_on(reading: Reading, gap: re.Match[str] | None) -> bool:
    """Whether a first name, a word that nobody knows, or a particle and one, follows."""
    text = reading.folded.folded
    following = WORD.match(text, gap.end()) if gap is not None else None
    if following is None:
        return False
    bare = following.group().rstrip(".")
    if bare in PARTICLES or _is_elided(reading, following):
        return _surname_after(reading, following)
    return reading.is_unknown(bare) or bare in FIRST_NAMES - ALSO_WORDS


def _is_elided(reading: Reading, word: re.Match[str]) -> bool:
    """« n'diaye », « o'connor », and not « n'est »."""
    text = reading.folded.folded
    if word.group() not in ELIDED or text[word.end() : word.end() + 1] != "'":
        return False
    following = WORD.match(text, word.end() + 1)
    return following is not None and reading.is_unknown(following.group().rstrip("."))


def _is_another_word(reading: Reading, word: re.Match[str]) -> bool:
    """« marié » is not Marie: a last accent that no first name bears."""
    accented = reading.written(word).endswith(("é", "ée", "és"))
    return accented and word.group() in FIRST_NAMES - ENDS_IN_ACUTE


def _surname_after(reading: Reading, particle: re.Match[str]) -> bool:
    """Whether a particle begins a surname: « le goff », and not « le maire », « de la mairie »."""
    text = reading.folded.folded
    gap = GAP.match(text, particle.end())
    following = WORD.match(text, gap.end()) if gap is not None else None
    if following is None:
        return False
    bare = following.group().rstrip(".")
    if bare in PARTICLES:
        return _surname_after(reading, following)
    # « le roy », « le blanc » are surnames; « la machine », « des habitants » are not.
    if particle.group() in ANY_SURNAME_FOLLOWS:
        return bare not in NO_LOWER_NAME
    return reading.is_unknown(bare) and OTHER_ENDING.search(bare) is None
