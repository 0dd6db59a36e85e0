"""Requests for a person that a conversation leaves."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, update

from serving.store.conversations import StoredMessage
from serving.store.database import instant
from serving.store.tables import ticket

OPEN = "open"
# Signs that are not mistaken for one another when read aloud.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request for a person.

    Attributes
    ----------
    conversation, message
        Where it comes from.
    opened_at
        Instant.
    channel, commune, intent
        Typing; the commune by its INSEE code.
    reason
        Why it is handed over.
    summary
        Redacted message that led to it; those added later follow, one a line.
    due_at
        Day by which it must be treated; None where no rule says so.
    """

    conversation: str
    message: str
    opened_at: datetime
    channel: str
    commune: str | None
    intent: str | None
    reason: str
    summary: str
    due_at: date | None


def open_ticket(connection: Connection, asked: Ticket) -> str:
    """Write a request for a person; return its number."""
    number = _new_number()
    row = {
        **asdict(asked),
        "identifier": number,
        "status": OPEN,
        "opened_at": instant(asked.opened_at),
        "due_at": asked.due_at.isoformat() if asked.due_at else None,
    }
    connection.execute(insert(ticket).values(row))
    return number


def add_to_ticket(
    connection: Connection, number: str, *, conversation: str, message: StoredMessage
) -> None:
    """Add a later message of the same conversation to a request for a person.

    Its redacted text is added to the summary, and its commune where none was known.
    """
    connection.execute(
        update(ticket)
        .where(ticket.c.identifier == number, ticket.c.conversation == conversation)
        .values(
            summary=ticket.c.summary + "\n" + message.text,
            commune=func.coalesce(ticket.c.commune, message.commune),
        )
    )


def _new_number() -> str:
    """Return a number to quote: a letter, then eight signs."""
    return f"T-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"
