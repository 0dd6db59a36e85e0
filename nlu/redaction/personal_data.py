"""Kinds of personal data, their spans, and a redacted text."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "NOM", "TELEPHONE", "COURRIEL", "IBAN", "CARTE", "PLAQUE", "ADRESSE", "NAISSANCE", "NIR"
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalSpan:
    """Personal data in a text.

    Attributes
    ----------
    kind : str
        ``NOM``, ``TELEPHONE``, ``COURRIEL``, ``IBAN``, ``CARTE`` (payment card), ``PLAQUE``
        (number plate), ``ADRESSE`` (number and street), ``NAISSANCE`` (date of birth) or ``NIR``
        (social security number).
    start, end : int
        Character span, end excluded.
    """

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A text without the personal data that was recognised.

    Attributes
    ----------
    text : str
        The text, each span replaced by its kind in brackets: ``[TELEPHONE]``.
    spans : tuple of PersonalSpan
        What was replaced, in order, with offsets into the original text.
    truncated : bool
        Whether the end of an overlong text was dropped rather than kept unread.
    """

    text: str
    spans: tuple[PersonalSpan, ...]
    truncated: bool
