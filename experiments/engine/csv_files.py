"""CSV files as DuckDB relations whose columns are text until a query casts them."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.engine.csv_header import CsvHeader, read_header
from experiments.engine.row_source import Fetch, Kind, select
from experiments.errors import InputError

_MISSING = ("", "NA", "NaN", "nan")
_SAMPLE_ROWS = 20_000
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})+"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """What is known of files once their first lines and rows are read.

    Attributes
    ----------
    header
        Header that all files share.
    kinds
        Kind of each column that was asked for: numbers, booleans (true, yes ...) or text.
    decimal_commas
        Columns of numbers with a comma before their decimals.
    """

    header: CsvHeader
    kinds: Mapping[str, Kind]
    decimal_commas: frozenset[str]


def csv_columns(files: list[str], columns: Sequence[str], fetch: Fetch) -> CsvColumns:
    """Header of the files, and the kinds of the columns asked for, from the first rows.

    Commas stand before decimals where the delimiter is another mark and no value has a point.
    If every comma could as well part thousands, they do so only between semicolons, which
    programs write where decimal commas are the custom.

    Raises
    ------
    InputError
        If a file has no header line, two equal column names, or another header than the first.
    """
    header = read_header(files[0])
    for file in files[1:]:
        if read_header(file) != header:
            raise InputError(
                f"'{file}' has another header line than '{files[0]}', or begins otherwise. "
                "Files read together must have the same columns in the same order, after as many "
                "other lines."
            )
    wanted = [name for name in dict.fromkeys(columns) if name in header.names]
    if not wanted:
        return CsvColumns(header=header, kinds={}, decimal_commas=frozenset())
    texts: dict[str, Kind] = dict.fromkeys(wanted, "text")
    plain = CsvColumns(header=header, kinds=texts, decimal_commas=frozenset())
    sample = select(["*"], csv_relation(files, plain), f"LIMIT {_SAMPLE_ROWS}")
    counts = [count for i, name in enumerate(wanted) for count in _counts(_identifier(name), i)]
    row = {key: int(found[0]) for key, found in fetch(select(counts, f"({sample})")).items()}
    commas = {
        name for i, name in enumerate(wanted) if _has_decimal_commas(row, i, header.delimiter)
    }
    kinds: dict[str, Kind] = {}
    for i, name in enumerate(wanted):
        if name in commas or row[f"float{i}"] == row[f"present{i}"]:
            kinds[name] = "float"
        else:
            kinds[name] = "boolean" if row[f"boolean{i}"] == row[f"present{i}"] else "text"
    return CsvColumns(header=header, kinds=kinds, decimal_commas=frozenset(commas))


def csv_relation(files: list[str], columns: CsvColumns) -> str:
    """SQL text of the columns asked for, by one strict dialect: quotes ``"``, one header line.

    Columns stay text, so that a code such as ``01004`` keeps its zeros and a bad number can be
    named. Spaces around values are no part of them; decimal commas become points.
    """
    header = columns.header
    fields = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in header.fields)
    rows = (
        f"read_csv([{', '.join(_quoted(glob.escape(file)) for file in files)}], auto_detect=false, "
        f"header=true, skip={header.skipped}, delim={_quoted(header.delimiter)}, "
        f"quote='\"', escape='\"', "
        f"nullstr=[{', '.join(map(_quoted, _MISSING))}], columns={{{fields}}})"
    )
    read = [
        _value(_identifier(name), has_decimal_commas=name in columns.decimal_commas)
        for name in columns.kinds
    ]
    return f"({select(read or ['1 AS nothing'], rows)})"


def _value(column: str, *, has_decimal_commas: bool) -> str:
    """Expression of a column without the spaces around it, which few values have."""
    missing = ", ".join(map(_quoted, _MISSING))
    trimmed = f"CASE WHEN trim({column}) NOT IN ({missing}) THEN trim({column}) END"
    value = f"CASE WHEN contains({column}, ' ') THEN {trimmed} ELSE {column} END"
    if has_decimal_commas:
        value = f"replace({value}, ',', '.')"
    return f"{value} AS {column}"


def _counts(column: str, i: int) -> list[str]:
    """Expressions that count the values of a column, and those that each kind can hold."""
    with_point = f"TRY_CAST(replace({column}, ',', '.') AS DOUBLE)"
    return [
        f"count({column}) AS present{i}",
        f"count(TRY_CAST({column} AS DOUBLE)) AS float{i}",
        f"count(CASE WHEN NOT contains({column}, '.') THEN {with_point} END) AS comma{i}",
        f"count(CASE WHEN regexp_full_match({column}, '{_THOUSANDS}') THEN 1 END) AS thousands{i}",
        f"count(TRY_CAST({column} AS BOOLEAN)) AS boolean{i}",
    ]


def _has_decimal_commas(row: Mapping[str, int], i: int, delimiter: str) -> bool:
    n_with_comma = row[f"present{i}"] - row[f"float{i}"]
    if delimiter == "," or n_with_comma == 0 or row[f"comma{i}"] < row[f"present{i}"]:
        return False
    return delimiter == ";" or row[f"thousands{i}"] < n_with_comma


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
