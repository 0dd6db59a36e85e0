"""Rights of the persons behind pseudonyms: access, erasure and objection (GDPR 15, 17, 21)."""

import secrets
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, select, update

from nudge.store.database import Store
from serving.contacts.kept_contacts import erase_contacts, export_contacts
from serving.store.extension_tables import crm_contact, report_contact
from serving.store.opt_outs import record_opt_out
from serving.store.tables import (
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
        message: "conversation",
        conversation: "pseudonym",
    }
)
_KEPT = (opt_out, exposure)


def export_person(store: Store, pseudonym: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that the store holds on a pseudonym, by table; empty where nothing is held."""
    with store.engine.connect() as connection:
        held = {
            table.name: _rows(connection, select(table).where(table.c[column] == pseudonym))
            for table, column in _PSEUDONYM.items()
        }
        left = select(report_contact).where(report_contact.c.request.in_(_reports(pseudonym)))
        held[report_contact.name] = _rows(connection, left)
        held[crm_contact.name] = export_contacts(connection, pseudonym)
    return {name: rows for name, rows in held.items() if rows}


def erase_person(connection: Connection, pseudonym: str) -> int:
    """Erase a person's rows; return how many.

    Her exposures get a random pseudonym instead: they lead to nobody any more, and the trial
    keeps its intention-to-treat population. An opt-out stays, without which she would be
    addressed again.
    """
    changed = _unqueue(connection, pseudonym)
    changed += connection.execute(
        delete(report_contact).where(report_contact.c.request.in_(_reports(pseudonym)))
    ).rowcount
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
    return changed + erase_contacts(connection, pseudonym)


def object_person(connection: Connection, pseudonym: str, *, at: datetime) -> bool:
    """Record an objection: no eco-gesture, and no message kept for learning.

    Returns
    -------
    bool
        Whether it was new.
    """
    _unqueue(connection, pseudonym)
    return record_opt_out(connection, pseudonym, source="operator", at=at)


def _unqueue(connection: Connection, pseudonym: str) -> int:
    texts = select(message.c.identifier).where(message.c.conversation == pseudonym)
    done = connection.execute(delete(queue_item).where(queue_item.c.message.in_(texts)))
    return int(done.rowcount)


def _reports(pseudonym: str) -> Select[Any]:
    return select(service_request.c.identifier).where(service_request.c.conversation == pseudonym)


def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
