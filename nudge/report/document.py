"""A report as plain content: one tree that both the web page and the PDF are made from."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

Tone = Literal["plain", "note", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subheading:
    """A heading inside a section."""

    kind: ClassVar[str] = "subheading"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose first column names its rows.

    Attributes
    ----------
    key
        Name of its CSV file, and its identifier in the page.
    caption, headers, rows
        As shown, in French.
    numeric
        Positions of the columns aligned to the right.
    data
        The numbers behind it, unrounded; None where what is shown says all.
    """

    kind: ClassVar[str] = "table"
    key: str
    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    data: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure as SVG, with the text that replaces it for who cannot see it."""

    kind: ClassVar[str] = "picture"
    key: str
    svg: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Definitions."""

    kind: ClassVar[str] = "terms"
    items: tuple[tuple[str, str], ...]


Block = Paragraph | Bullets | Subheading | Table | Picture | Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of the report; ``key`` is its anchor."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBox:
    """One suggestion as it is shown."""

    subject: str
    action: str
    next_step: str
    rule: str
    threshold: str
    subgroups: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report.

    Attributes
    ----------
    title
        With SIMULATION where the data are simulated.
    owner, subtitle
        Who answers for it; population and period.
    simulation, final
        Whether data are simulated; whether nothing stands in the way of a final version.
    warnings
        What must be read before anything else: synthetic zones, draft.
    answer, answer_details
        Sentences in large type, and what they exclude.
    grade, grade_name, grade_allows, grade_reasons
        Evidence grade in letter and words.
    decisions, decision_note
        Decision aid.
    sections
        Everything else, in order.
    """

    title: str
    owner: str
    subtitle: str
    date: str
    simulation: bool
    final: bool
    warnings: tuple[str, ...]
    answer: tuple[str, ...]
    answer_details: tuple[str, ...]
    grade: str
    grade_name: str
    grade_allows: str
    grade_reasons: tuple[str, ...]
    decisions: tuple[DecisionBox, ...]
    decision_note: str
    sections: tuple[Section, ...]

    def tables(self) -> tuple[Table, ...]:
        """Return every table, in order."""
        return tuple(
            block for part in self.sections for block in part.blocks if isinstance(block, Table)
        )
