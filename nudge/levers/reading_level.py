"""Reading level of a French text, after Kandel and Moles (1958).

Kandel and Moles adapted Flesch's reading ease to French: 207 − 1.015 × words per sentence
− 73.6 × syllables per word. High is easy. The formula looks at lengths only: it knows nothing of
meaning, rare words or grammar, and a text of a few words moves it much.
"""

import re
from dataclasses import dataclass

from nudge.french.numbers import decimal_comma
from nudge.levers.syllables import syllable_count

# Design choices, not norms: « standard » French on this scale is about 60 and over.
EASY_ENOUGH = 60.0
LONG_SENTENCE = 20
LONG_WORD = 5

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s»\"]+|\n+|\s:\s")
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+|\b[\w-]+\.(?:fr|org|com)\S*")
_WORD = re.compile(r"[^\W_]+(?:['’\u2010\u2011-][^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLevel:
    """How easy a text is to read.

    Attributes
    ----------
    score
        Kandel-Moles ease: about 60 for everyday prose, 100 for very easy text.
    words, sentences, syllables
        Counts; addresses of sites and mails are left out.
    long_sentences
        Sentences of more than 20 words.
    long_words
        Words of five syllables or more, once each.
    advice
        French sentences, empty when there is nothing to mend.
    """

    score: float
    words: int
    sentences: int
    syllables: int
    long_sentences: tuple[str, ...]
    long_words: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def easy(self) -> bool:
        """Whether the score reaches the threshold of 60."""
        return self.score >= EASY_ENOUGH


def reading_level(text: str) -> ReadingLevel:
    """Measure a French text; a text without words scores 207.

    Parameters
    ----------
    text
        Plain text; a full stop, a line break or a colon between spaces ends a sentence.
    """
    sentences = [words for part in _parts(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(map(syllable_count, words))
    score = 207.0
    if words:
        score -= 1.015 * len(words) / len(sentences) + 73.6 * syllables / len(words)
    long_sentences = tuple(" ".join(one) for one in sentences if len(one) > LONG_SENTENCE)
    long_words = tuple(dict.fromkeys(word for word in words if syllable_count(word) >= LONG_WORD))
    return ReadingLevel(
        score=score,
        words=len(words),
        sentences=len(sentences),
        syllables=syllables,
        long_sentences=long_sentences,
        long_words=long_words,
        advice=_advice(score, long_sentences, long_words),
    )


def _parts(text: str) -> list[str]:
    return _SENTENCE_END.split(_ADDRESS.sub("", text))


def _advice(
    score: float, long_sentences: tuple[str, ...], long_words: tuple[str, ...]
) -> tuple[str, ...]:
    advice = []
    if score < EASY_ENOUGH:
        advice.append(
            f"Lisibilité de {decimal_comma(score, 0)}, sous le seuil de "
            f"{decimal_comma(EASY_ENOUGH, 0)} : raccourcir les phrases et choisir des mots courts."
        )
    advice += [
        f"Phrase de plus de {LONG_SENTENCE} mots, à couper en deux : « {sentence} »."
        for sentence in long_sentences
    ]
    if long_words and score < EASY_ENOUGH:
        advice.append(f"Mots longs, à remplacer si possible : {', '.join(long_words)}.")
    return tuple(advice)
