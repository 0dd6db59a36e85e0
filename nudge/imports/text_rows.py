"""The rows of a field file as text, a chunk at a time, whatever its format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from nudge.imports.csv_rows import csv_rows
from nudge.imports.faults import FaultLog
from nudge.imports.parquet_rows import parquet_rows
from nudge.imports.source_file import SourceFile
from nudge.imports.workbook_rows import workbook_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRows:
    """Titles of a file, and a way to read its rows.

    Attributes
    ----------
    titles
        Titles of the columns, as written.
    n_rows
        Rows below the titles; an upper bound for CSV files.
    chunks
        Reads the rows from the start: frames of text columns ``"0"``, ``"1"``, … in the order of
        the titles, trimmed, empty cells as null, wholly empty rows left out, and ``LINE``, the
        line in the file with the titles in line 1. Lines of the wrong length go to the log.
    """

    titles: tuple[str, ...]
    n_rows: int
    chunks: Callable[[FaultLog], Iterator[pl.DataFrame]]


def text_rows(source: SourceFile, *, sheets: tuple[str, ...] = ()) -> TextRows:
    """Open a file for reading.

    Parameters
    ----------
    sheets
        Names of sheets to prefer in a workbook; its first sheet otherwise.

    Raises
    ------
    CampaignError
        The file is damaged or has no titles.
    """
    if source.format == "xlsx":
        titles, n_rows, read = workbook_rows(source, sheets=sheets)
    else:
        titles, n_rows, read = (csv_rows if source.format == "csv" else parquet_rows)(source)
    return TextRows(
        titles=tuple(title.strip() for title in titles),
        n_rows=n_rows,
        chunks=lambda log: map(_tidy, read(log)),
    )


def _tidy(chunk: pl.DataFrame) -> pl.DataFrame:
    cells = pl.col(pl.String)
    tidy = chunk.with_columns(cells.str.strip_chars(" \t\u00a0\u202f"))
    tidy = tidy.with_columns(pl.when(cells != "").then(cells))
    return tidy.filter(pl.any_horizontal(cells.is_not_null()))
