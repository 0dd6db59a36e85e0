"""Import batches: which file brought in which rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from nudge.store.campaigns import require_campaign
from nudge.store.database import Store
from nudge.store.event_log import Event, append_event, instant
from nudge.store.observations import InsertSummary
from nudge.store.tables import import_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One file that was imported.

    Attributes
    ----------
    id
        Number of the batch.
    campaign, instrument
        Where its rows went.
    file_name, sha256
        Name and SHA-256, in hexadecimal, of the file.
    n_rows, n_new
        Rows of the file, and those that were not known before.
    digest
        Digest of the ledger at the time of the import.
    at
        Instant, ISO 8601 in UTC.
    """

    id: int
    campaign: str
    instrument: str
    file_name: str
    sha256: str
    n_rows: int
    n_new: int
    digest: str
    at: str


def new_batch(
    connection: Connection, *, campaign: str, instrument: str, file_name: str, sha256: str
) -> int:
    """Open a batch and return its number; :func:`record_batch` closes it after the insertion.

    Raises
    ------
    CampaignError
        The campaign is unknown.
    """
    require_campaign(connection, campaign)
    last = connection.execute(select(func.max(import_batch.c.id))).scalar()
    row = {
        "id": (last or 0) + 1,
        "campaign": campaign,
        "instrument": instrument,
        "file_name": file_name,
        "sha256": sha256,
        "n_rows": 0,
        "n_new": 0,
        "digest": "",
        "at": instant(),
    }
    connection.execute(insert(import_batch).values(row))
    return int(row["id"])


def record_batch(connection: Connection, batch_id: int, summary: InsertSummary) -> Event:
    """Write what a batch brought in and append the event ``import``.

    Raises
    ------
    ValueError
        The batch was not opened, or some of its rows contradict stored ones: such a batch is
        refused as a whole.
    """
    if summary.n_conflicts:
        raise ValueError("a batch with conflicts is refused, not recorded")
    batch = _batch_of(connection, batch_id)
    n_rows = summary.n_new + summary.n_known
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch_id)
        .values(n_rows=n_rows, n_new=summary.n_new, digest=summary.digest)
    )
    payload = {
        "batch_id": batch_id,
        "instrument": batch.instrument,
        "file_name": batch.file_name,
        "file_sha256": batch.sha256,
        "n_rows": n_rows,
        "n_new": summary.n_new,
        "n_known": summary.n_known,
        "digest": summary.digest,
    }
    return append_event(connection, campaign=batch.campaign, kind="import", payload=payload)


def batch_of_file(store: Store, campaign: str, instrument: str, sha256: str) -> Batch | None:
    """Return the batch that imported the very same file, None where there is none."""
    query = (
        select(import_batch)
        .where(import_batch.c.campaign == campaign)
        .where(import_batch.c.instrument == instrument)
        .where(import_batch.c.sha256 == sha256)
        .order_by(import_batch.c.id)
        .limit(1)
    )
    with store.engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else _batch(row)


def batches(store: Store, campaign: str) -> list[Batch]:
    """Return the batches of a campaign in the order of their import."""
    query = (
        select(import_batch).where(import_batch.c.campaign == campaign).order_by(import_batch.c.id)
    )
    with store.engine.connect() as connection:
        return [_batch(row) for row in connection.execute(query)]


def _batch_of(connection: Connection, batch_id: int) -> Batch:
    row = connection.execute(select(import_batch).where(import_batch.c.id == batch_id)).first()
    if row is None:
        raise ValueError(f"batch {batch_id} was not opened")
    return _batch(row)


def _batch(row: Row[Any]) -> Batch:
    return Batch(**row._mapping)
