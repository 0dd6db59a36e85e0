"""Observations: inserted a million at a time, each once, and read back as a frame."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from nudge.errors import CampaignError, Problem
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument
from nudge.store.bulk import BLOCK_ROWS, bulk_insert, bulk_read
from nudge.store.database import Store
from nudge.store.known_rows import Conflict, Sorted, sort_rows
from nudge.store.ledger import LEDGER, save_ledger
from nudge.store.rows import arrow_schema, stamped_rows, typed_rows
from nudge.store.tables import OBSERVATION_TABLES

MAX_CONFLICTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertSummary:
    """What an insertion found.

    Attributes
    ----------
    n_new
        Rows inserted.
    n_known
        Rows that were there already with the same content; left as they are.
    digest
        SHA-256, in hexadecimal, of the keys and hashes of the rows inserted.
    conflicts
        The first 1,000 rows whose key is there already with other content.
    n_conflicts
        All of them; the caller refuses the batch where there is one.
    """

    n_new: int
    n_known: int
    digest: str
    conflicts: tuple[Conflict, ...]
    n_conflicts: int


def insert_observations(
    connection: Connection,
    *,
    campaign: str,
    instrument: str,
    batch_id: int,
    chunks: Iterable[pa.Table | pd.DataFrame],
) -> InsertSummary:
    """Insert the rows of a batch; call it within :func:`nudge.store.database.writing`.

    Rows that are known with the same content are counted and left; inserting a file twice does
    no harm. Memory follows the size of the chunks, plus about 100 bytes for each new row.

    Parameters
    ----------
    connection
        The writer's connection.
    campaign, instrument
        Where the rows go.
    batch_id
        Of :func:`nudge.store.batches.new_batch`.
    chunks
        Tables or frames with columns of the instrument; see
        :func:`nudge.store.rows.typed_rows`.

    Raises
    ------
    CampaignError
        A value is not of its column's kind or a required cell is empty.
    """
    definition = INSTRUMENTS[instrument]
    entries = [LEDGER.empty_table()]
    conflicts: list[Conflict] = []
    n_known = n_conflicts = 0
    for rows in _blocks(chunks, definition):
        block = stamped_rows(rows, campaign=campaign, instrument=definition, batch_id=batch_id)
        new, sorting = _insert_new(connection, block, definition)
        entries.append(new.select(LEDGER.names))
        if sorting is not None:
            n_known += sorting.n_known
            n_conflicts += len(sorting.conflicts)
            conflicts += sorting.conflicts[: MAX_CONFLICTS - len(conflicts)]
    ledger = pa.concat_tables(entries)
    return InsertSummary(
        n_new=ledger.num_rows,
        n_known=n_known,
        digest=save_ledger(connection, batch_id, ledger),
        conflicts=tuple(conflicts),
        n_conflicts=n_conflicts,
    )


def observations(
    store: Store, *, campaign: str, instrument: str, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the observations of a campaign, ordered by the instrument's key.

    Parameters
    ----------
    columns
        Columns of the instrument; all by default.

    Returns
    -------
    DataFrame
        Dates as ``datetime64``, texts as ``str`` with NaN where empty, booleans and integers as
        ``bool`` and ``int64`` where the column is required, else as nullable ``boolean`` and
        ``Int64``, numbers as ``float64``.

    Raises
    ------
    KeyError
        The instrument or a column does not exist.
    CampaignError
        A cell was edited outside of imports and is no longer of its column's kind.
    """
    definition = INSTRUMENTS[instrument]
    names = list(definition.column_names if columns is None else columns)
    schema = arrow_schema(definition)
    fields = pa.schema([schema.field(name) for name in dict.fromkeys([*names, *definition.key])])
    table = OBSERVATION_TABLES[instrument]
    query = select(*(table.c[name] for name in fields.names)).where(table.c.campaign == campaign)
    try:
        with store.engine.connect() as connection:
            blocks = list(bulk_read(connection, query, fields))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise CampaignError(
            Problem(
                place=f"campagne {campaign}, {instrument}",
                what="un relevé a été modifié hors import et ne se lit plus",
                mend="Le trouver par : pouce campaign audit.",
            )
        ) from error
    rows = pa.concat_tables([fields.empty_table(), *blocks])
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in definition.key])
    rows = rows.select(names).take(order)
    return pd.DataFrame({name: _series(rows[name], schema.field(name)) for name in names})


def count_observations(store: Store, *, campaign: str) -> dict[str, int]:
    """Return the number of rows of each instrument that has any in the campaign."""
    counts = {}
    with store.engine.connect() as connection:
        for name, table in OBSERVATION_TABLES.items():
            query = select(func.count()).select_from(table).where(table.c.campaign == campaign)
            counts[name] = connection.execute(query).scalar_one()
    return {name: count for name, count in counts.items() if count}


def _blocks(
    chunks: Iterable[pa.Table | pd.DataFrame], instrument: Instrument
) -> Iterator[pa.Table]:
    for chunk in chunks:
        rows = typed_rows(chunk, instrument)
        for start in range(0, rows.num_rows, BLOCK_ROWS):
            yield rows.slice(start, BLOCK_ROWS)


def _insert_new(
    connection: Connection, block: pa.Table, instrument: Instrument
) -> tuple[pa.Table, Sorted | None]:
    """Insert a block's new rows and return them; most often all are, and that is tried first."""
    table = OBSERVATION_TABLES[instrument.name]
    clashes = (IntegrityError, connection.dialect.loaded_dbapi.IntegrityError)
    try:
        with connection.begin_nested():
            bulk_insert(connection, table, block)
    except clashes:
        sorting = sort_rows(connection, block, instrument)
        new = block.filter(sorting.new)
        bulk_insert(connection, table, new)
        return new, sorting
    return block, None


def _series(column: pa.ChunkedArray, field: pa.Field) -> pd.Series:
    if pa.types.is_date(field.type):
        return column.cast(pa.timestamp("us")).to_pandas()
    if field.nullable and pa.types.is_integer(field.type):
        return column.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    if field.nullable and pa.types.is_boolean(field.type):
        return column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    return column.to_pandas()
