"""What citizens say of the service."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from serving.store.database import instant
from serving.store.tables import feedback, message

Thumb = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One opinion; every field but the first two may be missing.

    Attributes
    ----------
    identifier
        Random name.
    at
        Instant.
    message, conversation
        What it is about.
    thumb
        ``up`` or ``down``.
    rating
        Satisfaction, from 1 to 5.
    resolved
        Whether the request was resolved at the first contact.
    corrected_intent
        What the message really asked, according to a person.
    comment
        Redacted.
    """

    identifier: str
    at: datetime
    message: str | None = None
    conversation: str | None = None
    thumb: Thumb | None = None
    rating: int | None = None
    resolved: bool | None = None
    corrected_intent: str | None = None
    comment: str | None = None


def save_feedback(connection: Connection, one: Feedback) -> None:
    """Write an opinion."""
    connection.execute(insert(feedback).values({**asdict(one), "at": instant(one.at)}))


def conversation_of_message(connection: Connection, identifier: str) -> tuple[bool, str | None]:
    """Return whether a message is known, and its conversation."""
    query = select(message.c.conversation).where(message.c.identifier == identifier)
    row = connection.execute(query).first()
    return (False, None) if row is None else (True, row.conversation)
