"""Texts filled in with words that are only ever data, never template."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nudge.french.typography import typeset

# Longer, a citizen's word is no word to repeat.
LONGEST_WORD = 200
ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
SPACES = re.compile(r"[ \t]+")


def render(text: str, words: Mapping[str, str]) -> str:
    """Text with its words filled in, in French typography.

    Parameters
    ----------
    text : str
        Jinja2 text written by an editor.
    words : mapping of str to str
        Values, which may be what a citizen wrote: braces in them stay braces, control characters
        go, and they are cut at 200 characters.

    Raises
    ------
    jinja2.UndefinedError
        A word of the text has no value.
    """
    filled = _compiled(text).render({name: as_data(value) for name, value in words.items()})
    lines = (SPACES.sub(" ", line).strip() for line in filled.strip().split("\n"))
    return typeset("\n".join(lines))


def as_data(value: str) -> str:
    """Value without control or invisible characters, at most 200 characters a line."""
    lines = ("".join(_visible(one) for one in line) for line in value.split("\n"))
    return "\n".join(
        line if len(line) <= LONGEST_WORD else f"{line[: LONGEST_WORD - 1]}…" for line in lines
    )


def needed_words(text: str) -> frozenset[str]:
    """Words that a text needs."""
    return _needed(text)


def template_problem(text: str) -> str:
    """Why a text is no template, empty when it is one."""
    try:
        ENVIRONMENT.parse(text)
    except TemplateError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


@lru_cache(maxsize=1024)
def _needed(text: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(ENVIRONMENT.parse(text)))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else " " if category[0] in "CZ" else character
