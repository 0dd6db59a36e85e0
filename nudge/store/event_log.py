"""Append-only event log, each event holding the hash of the one before.

The chain runs over the whole store: who alters, inserts or removes an event breaks every hash
that follows (Haber and Stornetta, 1991, *Journal of Cryptology* 3, 99-111).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from nudge.store.database import Store
from nudge.store.tables import event

FIRST_HASH = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the log.

    Attributes
    ----------
    number
        Place in the store's chain, from 1 and without gaps.
    campaign
        Identifier of the campaign.
    at
        Instant, ISO 8601 in UTC.
    kind
        Such as ``import`` or ``tirage``.
    payload
        What happened, as plain JSON values.
    previous_hash
        Hash of the event before; 64 zeros for the first.
    hash
        SHA-256 of the canonical JSON of all of the above, in hexadecimal.
    """

    number: int
    campaign: str
    at: str
    kind: str
    payload: dict[str, Any]
    previous_hash: str
    hash: str


def append_event(
    connection: Connection,
    *,
    campaign: str,
    kind: str,
    payload: Mapping[str, Any],
    at: datetime | None = None,
) -> Event:
    """Append an event; call it within :func:`nudge.store.database.writing`.

    Parameters
    ----------
    connection
        The writer's connection.
    campaign, kind, payload
        See :class:`Event`; the payload holds JSON values only and no personal data, for what
        is written here is never erased.
    at
        Instant; now by default.

    Raises
    ------
    ValueError
        The payload holds something that JSON does not, or the instant has no time zone.
    """
    last = connection.execute(
        select(event.c.number, event.c.hash).order_by(event.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number + 1, last.hash) if last else (1, FIRST_HASH)
    moment, text = instant(at), canonical_json(payload)
    row = {
        "number": number,
        "campaign": campaign,
        "at": moment,
        "kind": kind,
        "payload": text,
        "previous_hash": previous,
        "hash": event_hash(
            number=number,
            campaign=campaign,
            at=moment,
            kind=kind,
            payload=text,
            previous_hash=previous,
        ),
    }
    connection.execute(insert(event).values(row))
    return Event(**{**row, "payload": json.loads(text)})


def events(store: Store, *, campaign: str | None = None, kind: str | None = None) -> list[Event]:
    """Return events in order, of one campaign or kind where given."""
    query = select(event).order_by(event.c.number)
    if campaign is not None:
        query = query.where(event.c.campaign == campaign)
    if kind is not None:
        query = query.where(event.c.kind == kind)
    with store.engine.connect() as connection:
        return [_event(row) for row in connection.execute(query)]


def event_hash(
    *, number: int, campaign: str, at: str, kind: str, payload: str, previous_hash: str
) -> str:
    """Return the SHA-256, in hexadecimal, that an event of that content has.

    Parameters
    ----------
    payload
        Canonical JSON text, as stored.
    """
    content = [number, campaign, at, kind, payload, previous_hash]
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no blanks; ValueError on NaN and unknown types."""
    try:
        return json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    except TypeError as error:
        raise ValueError(str(error)) from error


def instant(at: datetime | None = None) -> str:
    """Return an instant, by default now, as ISO 8601 text in UTC with microseconds."""
    at = at or datetime.now(UTC)
    if at.tzinfo is None:
        raise ValueError("the instant of an event needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _event(row: Row[Any]) -> Event:
    return Event(**{**row._mapping, "payload": json.loads(row.payload)})
