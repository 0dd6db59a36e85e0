"""Known phrases found in a text: as written, as heard, or with a slip of the keyboard."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.entities.folding import Word, fold_words

# Spelling as heard, applied to folded words in this order.
SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"([a-z])\1+", r"\1"),
        (r"eau|au", "o"),
        (r"ph", "f"),
        (r"qu|ck|k", "k"),
        (r"c(?=[eiy])", "s"),
        (r"ch", "$"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"y", "i"),
        (r"ai|ei", "e"),
        (r"(?<=.)h", ""),
        (r"(?<=..)(?:er|ez|e|es|s|x|t|d|ent)$", ""),
        (r"(?<=...)e$", ""),
    )
)
# Below, a sound or a slip says too little.
SHORTEST_SOUND = 4
ONE_SLIP, TWO_SLIPS = 6, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseMatch:
    """A known phrase in a text.

    Attributes
    ----------
    first, last : int
        Positions of its first and last words, both included.
    values : tuple of str
        What the phrase designates.
    score : float
        1 as written, 0.95 as heard, less with slips.
    """

    first: int
    last: int
    values: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseIndex:
    """Phrases prepared for look-up.

    Attributes
    ----------
    written : mapping of str to tuple of str
        Folded phrase, singular, to its values.
    heard : mapping of str to tuple of str
        Its sound to its values.
    similar : mapping of (str, int) to tuple of str
        First sound and length to the sounds that a slip may have changed.
    longest : int
        Words of the longest phrase.
    ordinary : frozenset of str
        Folded words of the language: rightly spelt, they are no misspelling of a phrase.
    """

    written: Mapping[str, tuple[str, ...]]
    heard: Mapping[str, tuple[str, ...]]
    similar: Mapping[tuple[str, int], tuple[str, ...]]
    longest: int
    ordinary: frozenset[str]


def build_index(
    phrases: Iterable[tuple[str, str]], *, ordinary: frozenset[str] = frozenset()
) -> PhraseIndex:
    """Prepare phrases.

    Parameters
    ----------
    phrases : iterable of (str, str)
        Phrase and value; a phrase given several times has several values.
    ordinary : frozenset of str
        Words that are never taken for a misspelling.
    """
    written: dict[str, dict[str, None]] = defaultdict(dict)
    heard: dict[str, dict[str, None]] = defaultdict(dict)
    for phrase, value in phrases:
        words = fold_words(phrase).split()
        if not words:
            continue
        written[" ".join(singular(word) for word in words)][value] = None
        sounds = "".join(sound(word) for word in words)
        if len(sounds) >= SHORTEST_SOUND and not sounds.isdigit():
            heard[sounds][value] = None
    similar: dict[tuple[str, int], list[str]] = defaultdict(list)
    for sounds in heard:
        if len(sounds) >= ONE_SLIP - 1:
            similar[sounds[0], len(sounds)].append(sounds)
    return PhraseIndex(
        written={phrase: tuple(values) for phrase, values in written.items()},
        heard={sounds: tuple(values) for sounds, values in heard.items()},
        similar={key: tuple(sounds) for key, sounds in similar.items()},
        longest=max((len(phrase.split()) for phrase in written), default=0),
        ordinary=ordinary,
    )


def find_phrases(words: Sequence[Word], index: PhraseIndex) -> Iterator[PhraseMatch]:
    """Phrases of a text, the longest first from left to right, without overlap."""
    bare = [singular(word.text) for word in words]
    sounds = [sound(word.text) for word in words]
    start = 0
    while start < len(words):
        found = _longest_at(start, words, bare, sounds, index)
        if found is None:
            start += 1
        else:
            yield found
            start = found.last + 1


def singular(word: str) -> str:
    """Word without the mark of the plural."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def sound(word: str) -> str:
    """Rough sound of a folded word: two spellings heard alike give the same."""
    for pattern, replacement in SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def _longest_at(
    start: int,
    words: Sequence[Word],
    bare: Sequence[str],
    sounds: Sequence[str],
    index: PhraseIndex,
) -> PhraseMatch | None:
    longest = min(index.longest, len(words) - start)
    for length in range(longest, 0, -1):
        end = start + length
        values = index.written.get(" ".join(bare[start:end]))
        if values:
            return PhraseMatch(first=start, last=end - 1, values=values, score=1.0)
    for length in range(longest, 0, -1):
        end = start + length
        if length == 1 and words[start].text in index.ordinary:
            break
        if length > 1 and all(word.text in index.ordinary for word in words[start:end]):
            continue
        spoken = "".join(sounds[start:end])
        if len(spoken) < SHORTEST_SOUND:
            continue
        if values := index.heard.get(spoken):
            return PhraseMatch(first=start, last=end - 1, values=values, score=0.95)
        if near := _slips_away(spoken, index, most=2 if length == 1 else 1):
            return PhraseMatch(first=start, last=end - 1, values=near[0], score=near[1])
    return None


def _slips_away(
    spoken: str, index: PhraseIndex, *, most: int
) -> tuple[tuple[str, ...], float] | None:
    """Values of the phrase that one slip, or two in a long word, turned into these sounds."""
    slips = 2 if most == 2 and len(spoken) >= TWO_SLIPS else 1 if len(spoken) >= ONE_SLIP else 0
    if not slips:
        return None
    best: tuple[str, int] | None = None
    for length in range(len(spoken) - slips, len(spoken) + slips + 1):
        choices = index.similar.get((spoken[0], length))
        if not choices:
            continue
        found = process.extractOne(spoken, choices, scorer=OSA.distance, score_cutoff=slips)
        if found is not None and (best is None or found[1] < best[1]):
            best = (found[0], int(found[1]))
    if best is None:
        return None
    return index.heard[best[0]], round(1.0 - best[1] / len(spoken), 3)
