"""What monitoring shows: French sentences, tables and alerts, section by section."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from nudge.errors import Problem

Show = Literal["text", "count", "share", "number", "rate", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption.

    Attributes
    ----------
    caption
        French caption.
    frame
        Plain values; its columns are French headings. The first one names the rows.
    shows
        How each column is shown, ``"text"`` where it is not named: whole numbers, shares in
        per cent, numbers with two decimals, rates with three.
    """

    caption: str
    frame: pd.DataFrame
    shows: dict[str, Show]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One thing that is watched.

    Attributes
    ----------
    key
        Identifier, such as ``accord``.
    title
        French title.
    sentences
        What is found, in French.
    tables
        Figures.
    alerts
        What needs a human decision.
    """

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    alerts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringReport:
    """State of a campaign's field work on one day.

    Attributes
    ----------
    identifier, title, status
        Of the campaign; the title says when it is simulated.
    day
        Day of the report.
    blinded
        Whether levels by arm are kept hidden.
    sections
        In reading order.
    """

    identifier: str
    title: str
    status: str
    day: date
    blinded: bool
    sections: tuple[Section, ...]

    @property
    def alerts(self) -> tuple[Problem, ...]:
        """Everything that needs a human decision."""
        return tuple(alert for section in self.sections for alert in section.alerts)

    def section(self, key: str) -> Section:
        """Return the section of that key; KeyError where there is none."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)
