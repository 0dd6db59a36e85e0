"""What a conversation leaves for people to do: tickets and incident reports."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert

from serving.store.database import instant
from serving.store.tables import service_request, ticket

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
        Redacted message that led to it.
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
    number = new_number("T")
    row = {
        **asdict(asked),
        "identifier": number,
        "status": OPEN,
        "opened_at": instant(asked.opened_at),
        "due_at": asked.due_at.isoformat() if asked.due_at else None,
    }
    connection.execute(insert(ticket).values(row))
    return number


def open_service_request(
    connection: Connection,
    *,
    service_code: str,
    channel: str,
    at: datetime,
    conversation: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    **columns: Any,
) -> str:
    """Write an incident report; return its number.

    Parameters
    ----------
    service_code
        Kind of incident.
    channel, at, conversation
        Where it comes from, and when.
    attributes
        Answers to the questions of the service.
    **columns
        Further columns of ``service_request``; ``description`` comes redacted.
    """
    number = new_number("S")
    row = {
        "identifier": number,
        "service_code": service_code,
        "status": OPEN,
        "attributes": json.dumps(dict(attributes or {}), ensure_ascii=False),
        "channel": channel,
        "conversation": conversation,
        "requested_at": instant(at),
        "updated_at": instant(at),
        **columns,
    }
    connection.execute(insert(service_request).values(row))
    return number


def new_number(kind: str) -> str:
    """Return a number to quote: a letter, then eight signs."""
    return f"{kind}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"
