"""Telling new rows from those that the store knows and from those that contradict it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import JSON, ColumnElement, Connection, Select, and_, bindparam, cast, func, select

from nudge.instruments.instrument import Instrument
from nudge.store.rows import SEPARATOR
from nudge.store.tables import OBSERVATION_TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A row whose key is there already with other content.

    Attributes
    ----------
    key
        Key columns and their values.
    batch_id
        Batch that brought in the stored row; None where the other row is in the same file.
    """

    key: dict[str, str]
    batch_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Rows of a block sorted by what the store knows of them.

    Attributes
    ----------
    new
        Boolean mask of the rows that are new, the first of each key.
    n_known
        Rows that are there already, or twice in the block, with the same content.
    conflicts
        Rows that contradict one with the same key.
    """

    new: pa.Array
    n_known: int
    conflicts: tuple[Conflict, ...]


def sort_rows(connection: Connection, block: pa.Table, instrument: Instrument) -> Sorted:
    """Compare the rows of a block with the store and with each other.

    Parameters
    ----------
    block
        Rows of one campaign and batch, with ``key``, ``row_hash``, ``campaign``, ``batch_id``.
    """
    rows = pd.DataFrame(
        {"key": block["key"].to_pylist(), "hash": block["row_hash"].to_pylist()}
    ).join(_stored(connection, block, instrument))
    first = rows.groupby("key", sort=False)["hash"].transform("first")
    known = rows["stored"].notna()
    repeated = rows["key"].duplicated()
    contradicts = (known | repeated) & (rows["stored"].where(known, first) != rows["hash"])
    other = rows["batch_id"].where(rows["batch_id"] != block["batch_id"][0].as_py())
    conflicts = tuple(
        Conflict(
            key=dict(zip(instrument.key, key.split(SEPARATOR), strict=True)),
            batch_id=None if pd.isna(batch) else int(batch),
        )
        for key, batch in zip(rows["key"][contradicts], other[contradicts], strict=True)
    )
    new = ~known & ~repeated
    n_known = len(rows) - int(new.sum()) - len(conflicts)
    return Sorted(new=pa.array(new.to_numpy()), n_known=n_known, conflicts=conflicts)


def _stored(connection: Connection, block: pa.Table, instrument: Instrument) -> pd.DataFrame:
    keys = [key.split(SEPARATOR) for key in block["key"].to_pylist()]
    query = _lookup(instrument, dialect=connection.dialect.name)
    values = {"keys": json.dumps(keys), "campaign": block["campaign"][0].as_py()}
    rows = [row for row in connection.execute(query, values) if row.row_hash is not None]
    return pd.DataFrame(
        {
            "stored": pd.Series([row.row_hash for row in rows], dtype=object),
            "batch_id": pd.Series([row.batch_id for row in rows], dtype=np.float64),
        }
    ).set_axis([int(row.position) for row in rows])


def _lookup(instrument: Instrument, *, dialect: str) -> Select[Any]:
    # The keys travel as one JSON text: one statement a block and no temporary table.
    table = OBSERVATION_TABLES[instrument.name]
    if dialect == "sqlite":
        wanted = func.json_each(bindparam("keys")).table_valued("value", "key", name="wanted")
        position: ColumnElement[Any] = wanted.c.key
    else:
        elements = func.json_array_elements(cast(bindparam("keys"), JSON))
        wanted = elements.table_valued("value", with_ordinality="place").render_derived("wanted")
        position = wanted.c.place - 1
    parts = [wanted.c.value.op("->>")(place) for place in range(len(instrument.key))]
    matches = [table.c[name] == part for name, part in zip(instrument.key, parts, strict=True)]
    # An outer join, without a filter: else SQLite scans the whole table for each key.
    return (
        select(position.label("position"), table.c.row_hash, table.c.batch_id)
        .select_from(wanted)
        .outerjoin(table, and_(table.c.campaign == bindparam("campaign"), *matches))
    )
