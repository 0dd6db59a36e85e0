"""CSV files of the territory: read as text with their lines, written with their types."""

import csv
import io
from pathlib import Path

import pandas as pd

from nudge.errors import Problem, os_reason
from nudge.territory.table_schema import TableSchema

YES, NO = "oui", "non"
COORDINATE_DIGITS = 5


def read_text_table(path: Path, schema: TableSchema) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read a CSV file of which nothing is known yet.

    Parameters
    ----------
    path
        File to read; messages name it by its last part.
    schema
        Columns that the file must have, in any order.

    Returns
    -------
    The schema's columns as stripped text, indexed by the line of the file, and the problems
    found. A row with too many or too few cells has a problem and keeps its first cells. The
    frame is None where the file itself cannot be used.
    """
    text, unreadable = _text(path)
    if unreadable is not None:
        return None, [unreadable]
    try:
        lines, rows = _rows(text)
    except csv.Error as error:
        return None, [_problem(path, f"le fichier n'est pas un CSV correct ({error})")]
    if not rows:
        return None, [_problem(path, "le fichier est vide", mend="ajouter la ligne d'en-tête")]
    header = [cell.strip() for cell in rows[0]]
    wrong = _header_problems(path, header, schema)
    if wrong:
        return None, wrong
    width = len(header)
    problems = [
        Problem(
            what=f"{len(cells)} cellules au lieu de {width}",
            mend="mettre entre guillemets les textes qui contiennent une virgule",
            place=path.name,
            row=line,
        )
        for line, cells in zip(lines[1:], rows[1:], strict=True)
        if len(cells) != width
    ]
    filled = [[cell.strip() for cell in (*cells, *[""] * width)[:width]] for cells in rows[1:]]
    frame = pd.DataFrame(filled, columns=header, index=lines[1:], dtype="str")
    return frame[list(schema.columns)], problems


def table_text(frame: pd.DataFrame, schema: TableSchema) -> str:
    """Return a typed table as the CSV text of its file, the same bytes for the same values."""
    columns = {field.name: _as_text(frame[field.name], field.kind) for field in schema.fields}
    return str(pd.DataFrame(columns).to_csv(index=False, lineterminator="\n"))


def _as_text(values: pd.Series, kind: str) -> pd.Series:
    if kind == "boolean":
        return values.map({True: YES, False: NO})
    if kind == "date":
        return pd.to_datetime(values).dt.strftime("%Y-%m-%d")
    if kind == "number":
        return values.map(lambda value: f"{value:.{COORDINATE_DIGITS}f}", na_action="ignore")
    return values


def _text(path: Path) -> tuple[str, Problem | None]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return "", _problem(path, "le fichier manque", mend=f"fournir {path.name}")
    except OSError as error:
        return "", _problem(path, f"le fichier ne peut pas être lu ({os_reason(error)})")
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        mend = "enregistrer le fichier au format « CSV UTF-8 »"
        return "", _problem(path, "le texte n'est pas en UTF-8", row=line, mend=mend)


def _rows(text: str) -> tuple[list[int], list[list[str]]]:
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = 1
    for cells in reader:
        if any(cells):
            lines.append(first)
            rows.append(cells)
        first = reader.line_num + 1
    return lines, rows


def _header_problems(path: Path, header: list[str], schema: TableSchema) -> list[Problem]:
    if len(header) == 1 and ";" in header[0]:
        mend = "enregistrer le fichier avec la virgule pour séparateur"
        return [_problem(path, "le séparateur est le point-virgule", row=1, mend=mend)]
    known = ", ".join(schema.columns)
    missing = [
        _problem(path, "la colonne manque", row=1, column=name, mend="l'ajouter à l'en-tête")
        for name in schema.columns
        if name not in header
    ]
    unknown = [
        _problem(path, "colonne inconnue", row=1, column=name, mend=f"colonnes admises : {known}")
        for name in dict.fromkeys(header)
        if name not in schema.columns
    ]
    twice = [
        _problem(path, "colonne présente plusieurs fois", row=1, column=name, mend="en garder une")
        for name in schema.columns
        if header.count(name) > 1
    ]
    return missing + unknown + twice


def _problem(
    path: Path, what: str, *, row: int | None = None, column: str = "", mend: str = ""
) -> Problem:
    return Problem(what=what, mend=mend, place=path.name, row=row, column=column)
