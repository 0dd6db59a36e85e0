"""Rows of a PySpark DataFrame, grouped by Spark itself; only the groups travel."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import numpy as np

from experiments.engine.row_source import Column, Kind, RowSource

_KINDS: dict[str, Kind] = {
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "bigint": "integer",
    "float": "float",
    "double": "float",
    "boolean": "boolean",
    "string": "text",
}


def spark_rows(frame: Any) -> RowSource:
    """Rows of a PySpark DataFrame (version 4, classic or Connect)."""
    view = f"rows_{uuid4().hex}"

    def fetch(sql: str) -> Mapping[str, Column]:
        frame.createOrReplaceTempView(view)
        try:
            groups = frame.sparkSession.sql(sql).toArrow()
        finally:
            frame.sparkSession.catalog.dropTempView(view)
        return {name: _array(groups.column(name)) for name in groups.column_names}

    return RowSource(
        label="the data",
        columns=tuple(frame.columns),
        kinds={
            name: "float" if spark_type.startswith("decimal") else _KINDS.get(spark_type, "other")
            for name, spark_type in frame.dtypes
        },
        relation=view,
        head=view,
        parts=(),
        dialect="spark",
        has_dictionaries=False,
        fetch=fetch,
    )


def _array(column: Any) -> Column:
    if column.null_count and not str(column.type).startswith(("float", "double")):
        return np.array(column.to_pylist(), dtype=object)
    return np.asarray(column.to_numpy())
