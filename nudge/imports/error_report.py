"""What is left beside a refused file: the list of errors, and its faulty rows to correct."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from nudge.imports.columns import MARK
from nudge.imports.faults import LINE, FaultLog
from nudge.imports.instrument_sheet import (
    add_choices,
    comment,
    help_text,
    set_up,
    text_cell,
    title_cell,
)
from nudge.imports.whole_file import whole_file
from nudge.instruments.instrument import Instrument

FAULT_FILL = PatternFill("solid", fgColor="FFD966")
MARK_HELP = (
    "Ligne dans le fichier refusé ; ne pas la changer. Cette colonne n'est pas importée.\n"
    "Corriger les cellules en jaune, puis reporter ces lignes dans le fichier, ou les importer "
    "à part après les avoir ôtées du fichier."
)
# Some spreadsheets read the full-width forms as the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_error_file(log: FaultLog, path: Path) -> None:
    """Write the kept faults as CSV that French spreadsheets open: semicolons, UTF-8 with BOM."""
    with whole_file(path) as name, name.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(("ligne", "colonne", "valeur", "probleme", "remede"))
        for row in log.kept.iter_rows(named=True):
            cells = (row["column"], row["value"], row["what"], row["mend"])
            table.writerow((row["line"], *(_harmless(cell or "") for cell in cells)))
        if log.n > log.kept.height:
            left = f"{log.n - log.kept.height} autres problèmes ne sont pas listés"
            table.writerow(("", "", "", left, "corriger d'abord ceux-ci"))


def write_correction_file(
    chunks: Iterator[pl.DataFrame], log: FaultLog, instrument: Instrument, path: Path
) -> None:
    """Write the faulty rows as a workbook, faulty cells in yellow with the mend as a comment.

    Parameters
    ----------
    chunks
        The rows of the file as text, by name, with ``LINE``.
    """
    notes = _notes(log)
    lines = {line for line, _ in notes}
    titles = [MARK, *instrument.column_names]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(instrument.name)
    set_up(sheet, titles)
    helps = [MARK_HELP, *map(help_text, instrument.columns)]
    sheet.append([title_cell(sheet, *pair) for pair in zip(titles, helps, strict=True)])
    n_rows = 0
    for chunk in chunks:
        for row in chunk.filter(pl.col(LINE).is_in(lines)).iter_rows(named=True):
            cells = [text_cell(sheet, str(row[LINE]))]
            cells += [text_cell(sheet, row[name] or "") for name in instrument.column_names]
            for title, cell in zip(titles, cells, strict=True):
                note = notes.get((row[LINE], title))
                if note:
                    cell.fill, cell.comment = FAULT_FILL, comment(note)
            sheet.append(cells)
            n_rows += 1
    add_choices(sheet, instrument, first=2, last=n_rows + 1)
    with whole_file(path) as name:
        book.save(name)


def _notes(log: FaultLog) -> dict[tuple[int, str], str]:
    notes: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in log.kept.iter_rows(named=True):
        notes[row["line"], row["column"] or MARK].append(f"{row['what']}\n→ {row['mend']}")
    return {place: "\n".join(texts) for place, texts in notes.items()}


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    risky = text.startswith(_FORMULA) and not text[1:].replace(",", "").replace(".", "").isdigit()
    return f"'{text}" if risky else text
