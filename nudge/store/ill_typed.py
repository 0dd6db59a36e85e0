"""Rows whose cells are not of their column's kind: SQLite lets any program write them."""

from types import MappingProxyType

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Text, func, or_, type_coerce

from nudge.instruments.instrument import Instrument, Kind
from nudge.store.tables import OBSERVATION_TABLES

_STORAGE: MappingProxyType[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "string": ("text", "null"),
        "date": ("text", "null"),
        "boolean": ("integer", "null"),
        "integer": ("integer", "null"),
        "number": ("real", "integer", "null"),
    }
)


def ill_typed(instrument: Instrument) -> ColumnElement[bool]:
    """Return the condition, in SQLite, that a row of an instrument cannot be read as such."""
    table = OBSERVATION_TABLES[instrument.name]
    conditions: list[ColumnElement[bool]] = [
        func.typeof(table.c.batch_id) != "integer",
        func.typeof(table.c.row_hash) != "blob",
        func.length(type_coerce(table.c.row_hash, LargeBinary)) != 32,
    ]
    for column in instrument.columns:
        cell = table.c[column.name]
        conditions.append(func.typeof(cell).not_in(_STORAGE[column.kind]))
        if column.kind == "boolean":
            conditions.append(type_coerce(cell, BigInteger).not_in([0, 1]))
        if column.kind == "date":
            text = type_coerce(cell, Text)
            conditions.append(func.date(text).is_distinct_from(text))
    return or_(*conditions)
