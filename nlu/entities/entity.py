"""What was recognised in a message, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing that the words of an entity may designate.

    Attributes
    ----------
    value : str
        Canonical value, as in :class:`Entity`.
    label : str
        Name to show to a person.
    score : float
        Likeness of the words to a known name, in [0, 1].
    """

    value: str
    label: str
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A span of a message and what it means.

    Attributes
    ----------
    name : str
        Slot of the taxonomy.
    start, end : int
        Character span in the original text, end excluded.
    text : str
        ``original[start:end]``.
    value : str
        Canonical value; empty when the words do not settle it, and one must ask.
    score : float
        Confidence of the recognition, in (0, 1]; 1 for an exact form.
    candidates : tuple of Candidate
        Meanings to choose among; empty where the words have only one.
    """

    name: str
    start: int
    end: int
    text: str
    value: str
    score: float = 1.0
    candidates: tuple[Candidate, ...] = ()
