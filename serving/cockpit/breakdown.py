"""Breakdowns of counts along one dimension, whole or for one value of another dimension.

All that a year can show forms one family: the list of each dimension, and the crossing of each
pair. A crossing is protected as a whole, given its sums, and a filtered answer is one row of it:
putting the answers of all values of a filter together gives no hidden count back. That is why
one filter at a time is answered.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from serving.cockpit.small_cells import SMALL, Counts, Hidden, hidden_in_list, hidden_in_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One value of one dimension."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One count; ``n`` is None where it is hidden."""

    value: str
    n: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Counts along a dimension.

    Attributes
    ----------
    dimension
        Along which.
    total
        Their sum; None where it is hidden.
    cells
        Counts by value, in the order of values.
    hidden
        Number of hidden cells.
    """

    dimension: str
    total: int | None
    cells: tuple[Cell, ...]
    hidden: int

    def n(self, value: str) -> int | None:
        """Return the count of a value: 0 where it is not there, None where it is hidden."""
        return next((cell.n for cell in self.cells if cell.value == value), 0)


def breakdown(counts: pl.DataFrame, dimension: str, *, only: Filter | None = None) -> Breakdown:
    """Break counts down along a dimension, hiding small ones.

    Parameters
    ----------
    counts
        Columns of dimensions, and ``n``.
    dimension
        Column to break down along.
    only
        Value of another column to keep; all of them by default.
    """
    if only is None:
        names, sums = _list(counts, dimension)
        hidden, total_hidden = hidden_in_list(sums)
        return _told(dimension, names, sums, hidden, total_hidden=total_hidden)
    if only.dimension == dimension:
        return _own(counts, only)
    values, row_sums = _list(counts, only.dimension)
    if only.value not in values:
        return Breakdown(dimension=dimension, total=0, cells=(), hidden=0)
    columns, table = _table(counts, only.dimension, dimension)
    place = values.index(only.value)
    hidden_rows, _ = hidden_in_list(row_sums)
    if hidden_rows[place]:
        return _told(dimension, columns, table[place], np.ones(len(columns), dtype=bool),
                     total_hidden=True)  # fmt: skip
    hidden = _protected(table)
    return _told(dimension, columns, table[place], hidden[place], total_hidden=False)


def total(counts: pl.DataFrame, *, only: Filter | None = None) -> int | None:
    """Return the number of all that is counted; None where it is hidden."""
    if only is not None:
        return breakdown(counts, only.dimension).n(only.value)
    everything = int(counts["n"].sum())
    return None if 0 < everything < SMALL else everything


def kept(counts: pl.DataFrame, only: Filter | None) -> pl.DataFrame:
    """Return the rows that a filter keeps; for sums that are shown only beside their count."""
    return counts if only is None else counts.filter(pl.col(only.dimension) == only.value)


def _protected(table: Counts) -> Hidden:
    """Protect a crossing; the same cells whichever dimension is called the rows."""
    upright = table.shape[0] >= table.shape[1]
    hidden = hidden_in_table(table if upright else table.T)
    return hidden if upright else hidden.T


def _own(counts: pl.DataFrame, only: Filter) -> Breakdown:
    whole = breakdown(counts, only.dimension)
    n = whole.n(only.value)
    cell = Cell(value=only.value, n=n)
    return Breakdown(dimension=only.dimension, total=n, cells=(cell,), hidden=int(n is None))


def _list(counts: pl.DataFrame, dimension: str) -> tuple[list[str], Counts]:
    summed = counts.group_by(dimension).agg(pl.col("n").sum()).sort(dimension)
    return summed[dimension].to_list(), summed["n"].to_numpy().astype(np.int64)


def _table(counts: pl.DataFrame, rows: str, columns: str) -> tuple[list[str], Counts]:
    names = [counts[one].unique().sort().to_list() for one in (rows, columns)]
    summed = counts.group_by(rows, columns).agg(pl.col("n").sum())
    table = np.zeros((len(names[0]), len(names[1])), dtype=np.int64)
    places = [
        summed[one].replace_strict(list(known), list(range(len(known))), return_dtype=pl.Int64)
        for one, known in zip((rows, columns), names, strict=True)
    ]
    table[places[0].to_numpy(), places[1].to_numpy()] = summed["n"].to_numpy()
    return names[1], table


def _told(
    dimension: str, names: list[str], values: Counts, hidden: Hidden, *, total_hidden: bool
) -> Breakdown:
    cells = tuple(
        Cell(value=name, n=None if unseen else int(n))
        for name, n, unseen in zip(names, values, hidden, strict=True)
    )
    return Breakdown(
        dimension=dimension,
        total=None if total_hidden else int(values.sum()),
        cells=cells,
        hidden=int(hidden.sum()),
    )
