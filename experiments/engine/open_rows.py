"""The one place that knows which kinds of table hold rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.engine.duckdb_rows import file_rows, relation_rows, table_rows
from experiments.engine.row_source import RowSource
from experiments.engine.spark_rows import spark_rows
from experiments.errors import InputError

_LIBRARIES = {"pandas", "polars", "pyarrow"}
_TABLES = {"DataFrame", "LazyFrame", "Table", "RecordBatch", "Dataset"}


def open_rows(data: object, columns: Sequence[str]) -> RowSource:
    """Rows of a data frame, a table, a file path or glob, or a relation, ready to be queried.

    ``columns`` are the columns that will be asked for, whether or not they exist.

    Classes are told by the module they come from, so that no optional library is imported.

    Raises
    ------
    InputError
        If the object is none of these.
    """
    if isinstance(data, str | Path):
        return file_rows(data, columns)
    classes = [(cls.__module__.split(".")[0], cls.__name__) for cls in type(data).__mro__]
    if any(module == "pyspark" and name == "DataFrame" for module, name in classes):
        return spark_rows(data)
    if any(name == "DuckDBPyRelation" for _, name in classes):
        return relation_rows(data)
    if any(module in _LIBRARIES and name in _TABLES for module, name in classes):
        return table_rows(data, columns)
    raise InputError(
        f"Rows cannot be read from an object of type {type(data).__name__}. Give a pandas or "
        "Polars frame, a PyArrow table, a DuckDB relation, a PySpark DataFrame, or the path of "
        "CSV or Parquet files."
    )


def categorical_columns(data: Any) -> set[str]:
    """Columns whose type says that their values are categories, even if these are numbers.

    Only pandas and Arrow have such types.
    """
    libraries = {cls.__module__.split(".")[0] for cls in type(data).__mro__}
    if "pandas" in libraries:
        return {str(name) for name, dtype in data.dtypes.items() if str(dtype) == "category"}
    fields = data.schema if "pyarrow" in libraries else ()
    return {field.name for field in fields if str(field.type).startswith("dictionary")}
