"""Rights and retention over the contacts of the other channels."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select, update

from serving.store.extension_tables import crm_contact


def export_contacts(connection: Connection, pseudonym: str) -> list[dict[str, Any]]:
    """Return all that is kept of a pseudonym, by day (access: GDPR, article 15)."""
    query = (
        select(crm_contact)
        .where(crm_contact.c.pseudonym == pseudonym)
        .order_by(crm_contact.c.day, crm_contact.c.identifier)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def erase_contacts(connection: Connection, pseudonym: str) -> int:
    """Erase all that is kept of a pseudonym; return the number of contacts."""
    done = connection.execute(delete(crm_contact).where(crm_contact.c.pseudonym == pseudonym))
    return int(done.rowcount)


def purge_texts(connection: Connection, *, before: date) -> int:
    """Forget the texts of contacts older than a day; return how many."""
    done = connection.execute(
        update(crm_contact)
        .where(crm_contact.c.day < before.isoformat())
        .where(crm_contact.c.text.is_not(None))
        .values(text=None)
    )
    return int(done.rowcount)


def purge_contacts(connection: Connection, *, before: date) -> int:
    """Erase contacts older than a day; return how many."""
    done = connection.execute(delete(crm_contact).where(crm_contact.c.day < before.isoformat()))
    return int(done.rowcount)
