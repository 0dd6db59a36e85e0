"""How an instrument looks in a workbook: titles with their help, widths, list of choices."""

from typing import Any, Literal

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from nudge.french.numbers import decimal_comma
from nudge.instruments.instrument import Column, Instrument

# The published types of openpyxl do not cover its write-only sheets and cells: they are Any here.
AUTHOR = "Coup de pouce"
TITLE_FILL = PatternFill("solid", fgColor="1F4E5F")
REQUIRED_MARK = "obligatoire"
_SHEET_ROWS = 1_048_576


def help_text(column: Column) -> str:
    """Return the French help of a column: label, meaning, unit, what is admitted."""
    parts = [column.title, column.description]
    if column.unit:
        parts.append(f"Unité : {column.unit}.")
    if column.kind == "boolean":
        parts.append("oui ou non.")
    if column.levels:
        parts.append(f"Valeurs : {', '.join(column.levels)}.")
    bounds = [bound for bound in (column.minimum, column.maximum) if bound is not None]
    if len(bounds) == 2:
        parts.append(f"De {_number(bounds[0])} à {_number(bounds[1])}.")
    parts.append(f"Cellule {REQUIRED_MARK}." if column.required else "Peut rester vide.")
    return "\n".join(parts)


def title_cell(sheet: Any, title: str, note: str) -> Any:
    """Return a title in bold with its help as a comment."""
    cell = WriteOnlyCell(sheet, value=title)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = TITLE_FILL
    cell.alignment = Alignment(vertical="center")
    cell.comment = comment(note)
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that holds text as it is, never a formula; control characters are lost."""
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def comment(text: str) -> Comment:
    """Return a comment large enough for its text."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return Comment(text, AUTHOR, height=60 + 15 * (text.count("\n") + len(text) // 40), width=320)


def set_up(sheet: Any, titles: list[str]) -> None:
    """Freeze the titles and set the widths; comes before the first row."""
    sheet.freeze_panes = "A2"
    for place, title in enumerate(titles, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, len(title) + 4)


def add_choices(
    sheet: Any,
    instrument: Instrument,
    *,
    first: int,
    last: int | None = None,
    ranges: dict[str, str] | None = None,
) -> None:
    """Put drop-down lists and number ranges on the columns of an instrument.

    Parameters
    ----------
    first
        Place of the instrument's first column, from 1.
    last
        Last line; that of the sheet by default.
    ranges
        Columns whose choices stand in a range of the workbook, and that range.
    """
    for place, column in enumerate(instrument.columns, start=first):
        rule = _rule(column, (ranges or {}).get(column.name))
        if rule is not None:
            letter = get_column_letter(place)
            rule.errorTitle, rule.error = column.title, help_text(column)[:250]
            rule.showErrorMessage = True
            rule.add(f"{letter}2:{letter}{last or _SHEET_ROWS}")
            sheet.data_validations.append(rule)


def _rule(column: Column, where: str | None) -> DataValidation | None:
    blank = not column.required
    choices = ("oui", "non") if column.kind == "boolean" else column.levels
    if where is not None:
        return DataValidation(type="list", formula1=where, allow_blank=blank)
    if choices:
        return DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=blank)
    if column.kind == "date":
        return DataValidation(type="date", operator="greaterThan", formula1="36526",
                              allow_blank=blank)  # fmt: skip
    bounds = [bound for bound in (column.minimum, column.maximum) if bound is not None]
    if column.kind in {"integer", "number"} and bounds:
        kind: Literal["whole", "decimal"] = "whole" if column.kind == "integer" else "decimal"
        operator: Literal["between", "greaterThanOrEqual"] = (
            "between" if len(bounds) == 2 else "greaterThanOrEqual"
        )
        return DataValidation(type=kind, operator=operator, formula1=str(bounds[0]),
                              formula2=str(bounds[1]) if len(bounds) == 2 else None,
                              allow_blank=blank)  # fmt: skip
    return None


def _number(value: float) -> str:
    return decimal_comma(value, 0 if float(value).is_integer() else 2)
