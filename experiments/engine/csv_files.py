"""CSV files as DuckDB relations whose columns are text until a query casts them."""

import csv
import glob
import gzip
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.row_source import Fetch, Kind, select
from experiments.errors import InputError

_DELIMITERS = ",;\t|"
_MISSING = ("", "NA", "NaN", "nan")
_SAMPLE_ROWS = 20_000


def csv_relation(files: list[str]) -> str:
    """SQL text of CSV files read by one strict dialect: quotes ``"``, one header line.

    Columns stay text, so that a code such as ``01004`` keeps its zeros and a bad number can be
    named. Nothing is guessed from the rows: the delimiter is the one the header uses most.

    Raises
    ------
    InputError
        If a file has no header line, two equal column names, or another header than the first.
    """
    delimiter, names = _header(files[0])
    for file in files[1:]:
        if _header(file) != (delimiter, names):
            raise InputError(
                f"'{file}' has another header line than '{files[0]}'. "
                "Files read together must have the same columns in the same order."
            )
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv([{', '.join(_quoted(glob.escape(file)) for file in files)}], auto_detect=false, "
        f"header=true, delim={_quoted(delimiter)}, quote='\"', escape='\"', "
        f"nullstr=[{', '.join(map(_quoted, _MISSING))}], columns={{{columns}}})"
    )


def csv_columns(files: list[str]) -> tuple[str, ...]:
    """Names in the header line of the first file."""
    return tuple(_header(files[0])[1])


def csv_kinds(files: list[str], columns: Sequence[str], fetch: Fetch) -> dict[str, Kind]:
    """Kind of each column, from the first rows: numbers, booleans (true, yes ...) or text."""
    if not columns:
        return {}
    counts = [
        f"count({column}) AS a{i}, count(TRY_CAST({column} AS DOUBLE)) AS f{i}, "
        f"count(TRY_CAST({column} AS BOOLEAN)) AS b{i}"
        for i, column in enumerate('"' + name.replace('"', '""') + '"' for name in columns)
    ]
    sample = select(["*"], csv_relation(files), f"LIMIT {_SAMPLE_ROWS}")
    row = fetch(select(counts, f"({sample}) AS sample"))
    kinds: dict[str, Kind] = {}
    for i, name in enumerate(columns):
        present = row[f"a{i}"][0]
        if row[f"f{i}"][0] == present:
            kinds[name] = "float"
        else:
            kinds[name] = "boolean" if row[f"b{i}"][0] == present else "text"
    return kinds


def _header(file: str) -> tuple[str, list[str]]:
    opened = gzip.open if file.lower().endswith(".gz") else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            line = lines.readline()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            f"'{file}' cannot be read as UTF-8 text: {error}. Save it as UTF-8."
        ) from error
    if not line.strip():
        raise InputError(f"'{file}' is empty: its first line should name the columns.")
    is_tsv = Path(file.lower().removesuffix(".gz")).suffix == ".tsv"
    delimiter = "\t" if is_tsv else max(_DELIMITERS, key=line.count)
    names = next(csv.reader([line], delimiter=delimiter))
    repeated = [name for name, count in Counter(map(str.lower, names)).items() if count > 1]
    if repeated:
        raise InputError(
            f"The header line of '{file}' names a column '{repeated[0]}' twice, capitals aside. "
            "Rename one of them."
        )
    return delimiter, names


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
