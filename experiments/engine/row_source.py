"""Rows that answer SQL, whichever engine holds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from experiments.errors import InputError

Column = npt.NDArray[Any]
Fetch = Callable[[str], Mapping[str, Column]]
Kind = Literal["integer", "float", "boolean", "text", "other"]

# Rows that a look ahead of the scan reads.
FIRST_ROWS = 2048


def select(expressions: Sequence[str], relation: str, tail: str = "") -> str:
    """SQL text that selects expressions from a relation."""
    return " ".join(["SELECT", ", ".join(expressions), "FROM", relation, tail])


class UnreadableRowsError(InputError):
    """The engine refused the query; the message is the engine's first words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Where rows are, what columns they have and how to query them.

    Queries are written once, in the SQL that DuckDB and Spark share; the few words that differ
    (how names and texts are quoted) are asked of the source.

    Attributes
    ----------
    label
        What messages call the rows: a file name, or "the data".
    columns
        Names of all columns.
    kinds
        Kind of value in each column that was asked for, where it exists.
    relation
        SQL text after FROM.
    head
        SQL text after FROM of rows that hold the first ``FIRST_ROWS``, quicker to begin than
        all of them; ``relation`` where nothing is.
    parts
        File and SQL text after FROM for each file, so that a message can name a row of a
        file; one part for a table in memory; none where rows have no order (Spark).
    dialect
        Which quotes to use.
    has_dictionaries
        Whether texts come as places in a dictionary, so that functions of them cost little.
    fetch
        Runs a query; missing values come back as None or NaN.
    """

    label: str
    columns: tuple[str, ...]
    kinds: Mapping[str, Kind]
    relation: str
    head: str
    parts: tuple[tuple[str, str], ...]
    dialect: Literal["duckdb", "spark"]
    has_dictionaries: bool
    fetch: Fetch

    def name(self, column: str) -> str:
        """Column name quoted as an identifier."""
        mark = '"' if self.dialect == "duckdb" else "`"
        return mark + column.replace(mark, mark * 2) + mark

    def text(self, value: str) -> str:
        """Text quoted as a literal."""
        if self.dialect == "duckdb":
            return "'" + value.replace("'", "''") + "'"
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def as_text(self, column: str) -> str:
        """Column cast to text."""
        kind = "VARCHAR" if self.dialect == "duckdb" else "STRING"
        return f"CAST({self.name(column)} AS {kind})"

    def number(self, column: str) -> str:
        """Column as a double, 1 for true and 0 for false."""
        quoted = self.name(column)
        if self.kinds[column] == "boolean":
            quoted = f"CAST({quoted} AS BOOLEAN)"
        return f"CAST({quoted} AS DOUBLE)"
