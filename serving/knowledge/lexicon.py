"""Words looked for without the model: danger, anger, rights, sensitive data."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from nlu.entities.folding import fold_words

Phrases = tuple[str, ...]


class Lexicons(BaseModel):
    """The file ``lexicons.yaml``; each list is explained there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anger: Phrases = Field(min_length=1)
    human: Phrases = Field(min_length=1)
    stop: Phrases = Field(min_length=1)
    rights: Phrases = Field(min_length=1)
    gas: Phrases = Field(min_length=1)
    gas_bottle: Phrases = Field(min_length=1)
    fire: Phrases = Field(min_length=1)
    not_fire: Phrases
    person: Phrases = Field(min_length=1)
    distress: Phrases = Field(min_length=1)
    asbestos: Phrases = Field(min_length=1)
    needle: Phrases = Field(min_length=1)
    needle_perhaps: Phrases = Field(min_length=1)
    other_needle: Phrases
    water_leak: Phrases = Field(min_length=1)
    water_danger: Phrases = Field(min_length=1)
    denied_urgency: Phrases
    sensitive: Phrases = Field(min_length=1)
    health: Phrases = Field(min_length=1)
    personal: Phrases = Field(min_length=1)
    unsure: Phrases = Field(min_length=1)
    agree: Phrases = Field(min_length=1)
    refuse: Phrases = Field(min_length=1)
    cancel: Phrases = Field(min_length=1)
    thanks: Phrases = Field(min_length=1)
    goodbye: Phrases = Field(min_length=1)
    greeting: Phrases = Field(min_length=1)
    acknowledge: Phrases = Field(min_length=1)
    assent: Phrases = Field(min_length=1)
    nothing_more: Phrases = Field(min_length=1)
    addition: Phrases = Field(min_length=1)
    keyword_intents: Mapping[str, Phrases]


def mentions(message: str, phrases: Sequence[str]) -> bool:
    """Whether a message holds one of the phrases, whatever accents, case and punctuation."""
    return _pattern(tuple(phrases)).search(fold_words(message)) is not None


def without(message: str, phrases: Sequence[str]) -> str:
    """Folded words of a message, less the phrases."""
    return _pattern(tuple(phrases)).sub(" ", fold_words(message))


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    if not phrases:
        return re.compile(r"(?!)")
    return re.compile("|".join(rf"\b{_words(phrase)}" for phrase in phrases))


def _words(phrase: str) -> str:
    stem = re.escape(fold_words(phrase.removesuffix("*")))
    return rf"{stem}\w*" if phrase.endswith("*") else rf"{stem}\b"
