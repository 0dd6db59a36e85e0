"""Many rows at once between Arrow and the database, by each database's fastest way.

SQLite takes tuples by ``executemany``; PostgreSQL takes and gives CSV by ``COPY``, which Arrow
reads and writes without a Python object per cell.
"""

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from sqlalchemy import Connection, Select, Table, insert

BLOCK_ROWS = 50_000


def bulk_insert(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Insert rows whose columns are those of the table, in the same order.

    Raises
    ------
    IntegrityError
        Of SQLAlchemy or of the driver: a key is there already or a required cell is empty.
    """
    if rows.num_rows == 0:
        return
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, rows)
        return
    statement = str(insert(table).compile(dialect=connection.dialect))
    columns = [_sqlite_values(rows[column.name].combine_chunks()) for column in table.columns]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def bulk_read(connection: Connection, query: Select[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of a query in blocks, as Arrow tables of that schema."""
    blocks = _copy_out if connection.dialect.name == "postgresql" else _sqlite_blocks
    yield from blocks(connection, query, schema)


def _sqlite_values(column: pa.Array) -> list[Any]:
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    return values


def _sqlite_blocks(
    connection: Connection, query: Select[Any], schema: pa.Schema
) -> Iterator[pa.Table]:
    # The driver's own cursor gives plain values, without a conversion per cell.
    cursor = connection.execute(query).cursor
    if cursor is None:
        raise RuntimeError("the query gives no rows")
    while rows := cursor.fetchmany(BLOCK_ROWS):
        values = zip(*rows, strict=True)
        yield pa.table(
            [_from_sqlite(cells, field.type) for cells, field in zip(values, schema, strict=True)],
            schema=schema,
        )


def _from_sqlite(cells: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(kind):
        return pa.array(cells, type=pa.int8()).cast(kind)
    if pa.types.is_date(kind):
        return pa.array(cells, type=pa.string()).cast(kind)
    return pa.array(cells, type=kind)


def _copy_in(connection: Connection, table: Table, rows: pa.Table) -> None:
    names = [column.name for column in table.columns]
    columns = [_to_csv(rows[name].combine_chunks()) for name in names]
    sheet = io.BytesIO()
    csv.write_csv(pa.table(columns, names=names), sheet, csv.WriteOptions(include_header=False))
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT csv)"
    with _driver_cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(sheet.getbuffer())


def _copy_out(connection: Connection, query: Select[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    compiled = query.compile(dialect=connection.dialect)
    statement = f"COPY ({compiled.string}) TO STDOUT (FORMAT csv)"
    wire = {
        field.name: pa.string() if pa.types.is_fixed_size_binary(field.type) else field.type
        for field in schema
    }
    options = csv.ConvertOptions(
        column_types=wire, strings_can_be_null=True, true_values=["t"], false_values=["f"]
    )
    with (
        _driver_cursor(connection) as cursor,
        cursor.copy(statement, compiled.params) as copy,
    ):
        lines = iter(copy)
        while sheet := b"".join(islice(lines, BLOCK_ROWS)):
            block = csv.read_csv(
                io.BytesIO(sheet),
                read_options=csv.ReadOptions(column_names=schema.names, use_threads=False),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=options,
            )
            columns = [_from_csv(block[field.name], field.type) for field in schema]
            yield pa.table(columns, schema=schema)


def _driver_cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _to_csv(column: pa.Array) -> pa.Array:
    if pa.types.is_fixed_size_binary(column.type):
        return pa.array(["\\x" + value.hex() for value in column.to_pylist()])
    return column


def _from_csv(column: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_binary(kind):
        digits = pc.utf8_slice_codeunits(column, start=2).to_pylist()
        return pa.array([bytes.fromhex(value) for value in digits], type=kind)
    return column.combine_chunks()
