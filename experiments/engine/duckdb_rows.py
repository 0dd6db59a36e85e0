"""Tables in memory, DuckDB relations and files, all queried by DuckDB without a copy."""

import glob
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.engine.csv_files import csv_columns, csv_relation
from experiments.engine.name_list import listed
from experiments.engine.row_source import (
    FIRST_ROWS,
    Column,
    Fetch,
    Kind,
    RowSource,
    UnreadableRowsError,
    select,
)
from experiments.errors import InputError

if TYPE_CHECKING:
    import duckdb

_TABLE = "the data"
_VIEW = "_rows"
_PARQUET = (".parquet",)
_CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# Column that DuckDB adds to Parquet files which have none of that name.
_ROW_NUMBER = "file_row_number"
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")

Query = Callable[[str], "duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation"]


def table_rows(table: Any, columns: Sequence[str]) -> RowSource:
    """Rows of a pandas, Polars or PyArrow table, or of a lazy Polars frame.

    Raises
    ------
    InputError
        If DuckDB cannot read a column.
    """
    is_pandas = hasattr(table, "loc")
    names = _names(table, is_pandas=is_pandas)
    wanted = [name for name in names if str(name) in columns] or list(names)
    if not is_pandas and hasattr(table, "select"):
        # Registering converts every text column of a Polars frame, and fails on odd types.
        table = table.select(wanted)
    cursor = _database().cursor()
    if not _registered(cursor, table):
        # DuckDB cannot follow the columns of a reversed pandas frame; a copy runs forwards.
        copied = table.loc[:, wanted].copy() if is_pandas else table
        if not _registered(cursor, copied):
            raise InputError(f"Columns {listed(wanted)} have types that DuckDB cannot read.")
    fetch = _fetching(cursor.execute, _TABLE)
    return _memory_source(fetch, tuple(map(str, names)), _kinds(cursor, _VIEW, label=_TABLE))


def relation_rows(relation: Any) -> RowSource:
    """Rows of a DuckDB relation, queried on the connection it belongs to."""
    kinds = _kinds_of(relation)
    fetch = _fetching(lambda sql: relation.query(_VIEW, sql), _TABLE)
    return _memory_source(fetch, tuple(kinds), kinds)


def file_rows(path: str | Path, columns: Sequence[str]) -> RowSource:
    """Rows of the CSV, TSV or Parquet files that a path or glob pattern names.

    Raises
    ------
    InputError
        If no file matches, the ending is unknown, endings are mixed, or a file cannot be read.
    """
    files = _matching_files(str(path))
    label = Path(files[0]).name if len(files) == 1 else str(path)
    cursor = _database().cursor()
    fetch = _fetching(cursor.execute, label)
    relation: Callable[[list[str]], str] = _parquet_relation
    if _all_end(files, _CSV):
        found = csv_columns(files, columns, fetch)
        relation = partial(csv_relation, columns=found)
        names, kinds = found.header.names, found.kinds
    else:
        kinds = _kinds(cursor, relation(files), label=label)
        names = tuple(kinds)
    rows = relation(files)
    return RowSource(
        label=label,
        columns=names,
        kinds=kinds,
        relation=rows,
        head=rows if _all_end(files, _CSV) else _parquet_head(files, names),
        parts=tuple((Path(file).name if files[1:] else "", relation([file])) for file in files),
        dialect="duckdb",
        has_dictionaries=_all_end(files, _PARQUET),
        fetch=fetch,
    )


def _memory_source(fetch: Fetch, names: tuple[str, ...], kinds: dict[str, Kind]) -> RowSource:
    return RowSource(
        label=_TABLE,
        columns=names,
        kinds=kinds,
        relation=_VIEW,
        head=_VIEW,
        parts=(("", _VIEW),),
        dialect="duckdb",
        has_dictionaries=False,
        fetch=fetch,
    )


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """One in-memory database for the process: opening one costs more than a small scan."""
    import duckdb

    return duckdb.connect()


def _registered(cursor: "duckdb.DuckDBPyConnection", table: object) -> bool:
    """Make a table queryable; false if DuckDB cannot read it."""
    import duckdb

    try:
        cursor.register(_VIEW, table)
    except duckdb.Error:
        return False
    return True


def _names(table: Any, *, is_pandas: bool) -> list[str]:
    if is_pandas:
        return list(table.columns)
    is_polars = hasattr(table, "collect_schema")
    return list(table.collect_schema() if is_polars else table.schema.names)


def _matching_files(pattern: str) -> list[str]:
    path = Path(pattern)
    if path.is_file() or not set(pattern) & set("*?["):
        found = [path]
    else:
        found = list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    files = sorted(str(file) for file in found if file.is_file())
    if not files:
        hint = f" To read the files of a folder, write '{pattern}/*.parquet'."
        raise InputError(f"No file matches '{pattern}'." + (hint if path.is_dir() else ""))
    if not (_all_end(files, _CSV) or _all_end(files, _PARQUET)):
        wrong = next((file for file in files if not _all_end([file], _CSV + _PARQUET)), files[0])
        raise InputError(
            f"'{wrong}': rows are read from files that end in {', '.join(_CSV + _PARQUET)}, "
            "all files of one kind."
        )
    return files


def _all_end(files: list[str], endings: tuple[str, ...]) -> bool:
    return all(file.lower().endswith(endings) for file in files)


def _parquet_relation(files: list[str]) -> str:
    quoted = ", ".join("'" + glob.escape(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{quoted}])"


def _parquet_head(files: list[str], names: Sequence[str]) -> str:
    """The first file's first rows: a mere LIMIT has every thread begin a group of its own."""
    if _ROW_NUMBER in names:
        return _parquet_relation(files)
    return f"{_parquet_relation(files[:1])} WHERE {_ROW_NUMBER} < {FIRST_ROWS}"


def _kinds(cursor: "duckdb.DuckDBPyConnection", relation: str, *, label: str) -> dict[str, Kind]:
    import duckdb

    try:
        return _kinds_of(cursor.sql(select(["*"], relation)))
    except duckdb.Error as error:
        raise _unreadable(label, error) from error


def _kinds_of(relation: "duckdb.DuckDBPyRelation") -> dict[str, Kind]:
    types = zip(relation.columns, relation.types, strict=True)
    return {name: _kind(str(sql_type)) for name, sql_type in types}


def _kind(sql_type: str) -> Kind:
    if sql_type.removeprefix("U") in _INTEGERS:
        return "integer"
    if sql_type in {"FLOAT", "DOUBLE"} or sql_type.startswith("DECIMAL"):
        return "float"
    if sql_type == "BOOLEAN":
        return "boolean"
    if sql_type == "VARCHAR" or sql_type.startswith("ENUM"):
        return "text"
    return "other"


def _fetching(query: Query, label: str) -> Fetch:
    """Run queries into arrays; what the engine refuses is said of the rows called ``label``."""
    import duckdb

    def fetch(sql: str) -> Mapping[str, Column]:
        try:
            columns = query(sql).fetchnumpy()
        except duckdb.Error as error:
            raise _unreadable(label, error) from error
        return {name: _without_mask(column) for name, column in columns.items()}

    return fetch


def _unreadable(label: str, error: Exception) -> UnreadableRowsError:
    return UnreadableRowsError(f"Rows of {label} cannot be read: {_first_words(str(error))}.")


def _first_words(message: str) -> str:
    lines = message.split("Error: ", 1)[-1].split("\n")[:3]
    telling = [line for line in lines if line and not line.startswith(("LINE", "Possible"))]
    return "; ".join(line.strip(" .") for line in telling)


def _without_mask(column: Any) -> Column:
    if not np.ma.is_masked(column):
        return np.asarray(column)
    if column.dtype.kind == "f":
        return np.asarray(column.filled(np.nan))
    values = np.array(column.data, dtype=object)
    values[column.mask] = None
    return values
