"""Rows of an instrument as Arrow columns, with their keys and hashes.

The canonical text of a row lists its filled cells as ``name=value``, by name, between unit
separators. Empty cells are left out, so that a later version of an instrument may gain a column
without changing the hash of any older row.
"""

import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nudge.errors import CampaignError, Problem
from nudge.instruments.instrument import Instrument

SEPARATOR = "\x1f"
HASH = pa.binary(32)

_ARROW_TYPES = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
}


def arrow_schema(instrument: Instrument) -> pa.Schema:
    """Return the Arrow types of an instrument's columns."""
    return pa.schema(
        [
            pa.field(column.name, _ARROW_TYPES[column.kind], nullable=not column.required)
            for column in instrument.columns
        ]
    )


def typed_rows(chunk: pa.Table | pd.DataFrame, instrument: Instrument) -> pa.Table:
    """Bring a chunk to the instrument's columns and types.

    Missing optional columns are filled with nulls; empty texts and NaN become null, minus zero
    becomes zero.

    Raises
    ------
    CampaignError
        A value is not of its column's kind, a required cell is empty or a text holds a control
        character; files are checked beforehand, so that only a bypass gets here.
    ValueError
        The chunk has a column that the instrument has not.
    """
    table = chunk if isinstance(chunk, pa.Table) else _from_pandas(chunk)
    unknown = sorted(set(table.column_names) - set(instrument.column_names))
    if unknown:
        raise ValueError(f"{instrument.name} has no such columns: {unknown}")
    columns, problems = [], []
    for field in arrow_schema(instrument):
        try:
            columns.append(_typed_column(table, field))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, _BadCellError) as error:
            problems.append(Problem(place=instrument.name, column=field.name, what=str(error)))
    if problems:
        raise CampaignError(problems)
    return pa.table(columns, schema=arrow_schema(instrument))


def row_keys(rows: pa.Table, instrument: Instrument) -> pa.Array:
    """Return the key of each row as one text, its parts between unit separators."""
    parts = [rows[name].combine_chunks() for name in instrument.key]
    return pc.binary_join_element_wise(*parts, SEPARATOR)


def row_hashes(rows: pa.Table) -> pa.Array:
    """Return the SHA-256 of the canonical text of each row, as 32 bytes."""
    filled = [
        pc.binary_join_element_wise(f"{name}=", _canonical(rows[name].combine_chunks()), "")
        for name in sorted(rows.column_names)
    ]
    texts = pc.binary_join_element_wise(*filled, SEPARATOR, null_handling="skip")
    digests = [hashlib.sha256(text).digest() for text in texts.cast(pa.binary()).to_pylist()]
    return pa.array(digests, type=HASH)


def stamped_rows(
    rows: pa.Table, *, campaign: str, instrument: Instrument, batch_id: int
) -> pa.Table:
    """Add to typed rows what the store knows them by.

    Returns
    -------
    Table
        The rows with ``row_hash``, ``key``, ``campaign`` and ``batch_id``.
    """
    size = rows.num_rows
    return (
        rows.append_column("row_hash", row_hashes(rows))
        .append_column("key", row_keys(rows, instrument))
        .append_column("campaign", pa.repeat(campaign, size))
        .append_column("batch_id", pa.repeat(pa.scalar(batch_id, pa.int64()), size))
    )


class _BadCellError(ValueError):
    """A cell that its column does not admit; the message is in French."""


def _from_pandas(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise CampaignError(Problem(what=f"valeurs de natures mêlées : {error}")) from error


def _typed_column(table: pa.Table, field: pa.Field) -> pa.Array:
    if field.name not in table.column_names:
        column = pa.nulls(table.num_rows, field.type)
    else:
        column = table[field.name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_floating(column.type):
            column = _tidy_floats(column)
        column = column.cast(field.type)
    if pa.types.is_string(field.type):
        column = _tidy_texts(column)
    if not field.nullable and column.null_count:
        raise _BadCellError("cellule vide dans une colonne obligatoire")
    return column


def _tidy_floats(column: pa.Array) -> pa.Array:
    numbers = pc.if_else(pc.is_nan(column), None, column)
    return pc.add(numbers, pa.scalar(0.0, numbers.type))


def _tidy_texts(column: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(column, "[\\x00\\x1e\\x1f]")).as_py():
        raise _BadCellError("caractère de contrôle dans un texte")
    return pc.if_else(pc.equal(column, ""), None, column)


def _canonical(column: pa.Array) -> pa.Array:
    if pa.types.is_floating(column.type):
        # Arrow's own text of a float has changed between versions; Python's does not.
        texts = [None if number is None else repr(number) for number in column.to_pylist()]
        return pa.array(texts, type=pa.string())
    return column.cast(pa.string())
