"""Rows of an Excel workbook as text."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from nudge.imports.faults import LINE, FaultLog
from nudge.imports.source_file import SourceFile, unreadable

CHUNK_ROWS = 20_000


def workbook_rows(
    source: SourceFile, *, sheets: tuple[str, ...] = ()
) -> tuple[list[str], int, Callable[[FaultLog], Iterator[pl.DataFrame]]]:
    """Return titles, number of rows and reader of one sheet; see ``TextRows``.

    Parameters
    ----------
    sheets
        The first sheet that bears one of these names is read; else the first visible sheet.
    """
    try:
        book = CalamineWorkbook.from_path(source.path)
        visible = [
            sheet.name for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]  # fmt: skip
        named = [name for name in visible if name.strip().lower() in sheets]
        sheet = book.get_sheet_by_name((named or visible)[0])
    except (CalamineError, zipfile.BadZipFile, OSError, IndexError) as error:
        raise unreadable(source.path, f"classeur illisible ({error})",
                         "l'enregistrer de nouveau en .xlsx") from None  # fmt: skip
    titles = [_text(cell) or "" for cell in next(iter(sheet.iter_rows()), [])]
    while titles and not titles[-1].strip():
        titles.pop()
    if not titles:
        raise unreadable(source.path, f"la feuille « {sheet.name} » n'a pas de titres en ligne 1",
                         "mettre les noms des colonnes en ligne 1")  # fmt: skip
    return titles, sheet.total_height - 1, lambda _log: _chunks(sheet, len(titles))


def _chunks(sheet: CalamineSheet, width: int) -> Iterator[pl.DataFrame]:
    rows = sheet.iter_rows()
    next(rows)
    names = [str(place) for place in range(width)]
    line = 2
    while block := list(islice(rows, CHUNK_ROWS)):
        columns = list(zip(*block, strict=True))[:width]
        texts = {
            name: pl.Series([_text(cell) for cell in column], dtype=pl.String)
            for name, column in zip(names, columns, strict=False)
        }
        lines = pl.int_range(line, line + len(block), dtype=pl.Int64, eager=True)
        yield pl.DataFrame({**texts, LINE: lines})
        line += len(block)


def _text(cell: Any) -> str | None:
    """Text of a cell as a CSV file would hold it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return None if cell is None else str(cell)
