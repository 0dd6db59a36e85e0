"""Rights of the persons behind pseudonyms: access, erasure and objection (GDPR 15, 17, 21)."""

import secrets
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from nudge.store.database import Store
from serving.store.opt_outs import record_opt_out
from serving.store.tables import (
    contact_event,
    conversation,
    exposure,
    feedback,
    idempotent_response,
    message,
    opt_out,
    queue_item,
    service_request,
    ticket,
)

# Column of each table that holds the pseudonym, those that refer to others first.
_PSEUDONYM: MappingProxyType[Table, str] = MappingProxyType(
    {
        idempotent_response: "conversation",
        feedback: "conversation",
        ticket: "conversation",
        service_request: "conversation",
        exposure: "conversation",
        opt_out: "pseudonym",
        contact_event: "pseudonym",
        message: "conversation",
        conversation: "pseudonym",
    }
)
_KEPT = (opt_out, exposure)


def export_person(store: Store, pseudonym: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that the store holds on a pseudonym, by table; empty where nothing is held."""
    held: dict[str, list[dict[str, Any]]] = {}
    with store.engine.connect() as connection:
        for table, column in _PSEUDONYM.items():
            query = select(table).where(table.c[column] == pseudonym)
            rows = [dict(row) for row in connection.execute(query).mappings()]
            if rows:
                held[table.name] = rows
    return held


def erase_person(connection: Connection, pseudonym: str) -> int:
    """Erase a person's rows; return how many.

    Her exposures get a random pseudonym instead: they lead to nobody any more, and the trial
    keeps its intention-to-treat population. An opt-out stays, without which she would be
    addressed again.
    """
    texts = select(message.c.identifier).where(message.c.conversation == pseudonym)
    changed = connection.execute(delete(queue_item).where(queue_item.c.message.in_(texts))).rowcount
    changed += connection.execute(
        update(exposure)
        .where(exposure.c.conversation == pseudonym)
        .values(conversation=f"efface-{secrets.token_hex(12)}", message="")
    ).rowcount
    for table, column in _PSEUDONYM.items():
        if table not in _KEPT:
            changed += connection.execute(
                delete(table).where(table.c[column] == pseudonym)
            ).rowcount
    return changed


def object_person(connection: Connection, pseudonym: str, *, at: datetime) -> bool:
    """Record an objection: no eco-gesture, and no message kept for learning.

    Returns
    -------
    bool
        Whether it was new.
    """
    texts = select(message.c.identifier).where(message.c.conversation == pseudonym)
    connection.execute(delete(queue_item).where(queue_item.c.message.in_(texts)))
    return record_opt_out(connection, pseudonym, source="operator", at=at)
