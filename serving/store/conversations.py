"""Conversations and their messages, without the citizen's words as they were typed."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from nudge.store.database import Store
from serving.store.database import instant
from serving.store.tables import conversation as conversation_table
from serving.store.tables import message as message_table


class StaleConversationError(ValueError):
    """Another turn of the same conversation was stored meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A citizen's message as it is kept.

    Attributes
    ----------
    identifier
        Random name, given to the client for its feedback.
    at
        Instant.
    turn
        Number of the turn in the conversation, from 1.
    channel, commune
        Where it came from, and INSEE code where it is known.
    text
        Redacted text; a click is kept as its payload.
    intent
        Most probable intent; None where there was nothing to read.
    confidence, margin, entropy, out_of_scope
        What the classifier said, each in [0, 1].
    decision
        ``answer``, ``clarify`` or ``hand_over``.
    next_action
        Kind of what Sophie did.
    degraded, model_version
        Who said it.
    """

    identifier: str
    at: datetime
    turn: int
    channel: str
    commune: str | None
    text: str
    intent: str | None
    confidence: float
    margin: float
    entropy: float
    out_of_scope: float
    decision: str
    next_action: str
    degraded: bool
    model_version: str


def find_state(store: Store, pseudonym: str) -> str | None:
    """Return the state of a conversation as it was saved; None where there is none."""
    query = select(conversation_table.c.state).where(conversation_table.c.pseudonym == pseudonym)
    with store.engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def save_turn(
    connection: Connection, pseudonym: str, *, state: str, message: StoredMessage
) -> None:
    """Write a turn: the message, and the state after it.

    Raises
    ------
    StaleConversationError
        Another turn was stored since the state was read; the transaction is to be rolled back.
    """
    _save_state(connection, pseudonym, state, message)
    row = {**asdict(message), "at": instant(message.at), "conversation": pseudonym}
    connection.execute(insert(message_table).values(row))


def _save_state(connection: Connection, pseudonym: str, state: str, message: StoredMessage) -> None:
    at = instant(message.at)
    values = {"state": state, "turns": message.turn, "updated_at": at, "commune": message.commune}
    if message.turn > 1:
        changed = connection.execute(
            update(conversation_table)
            .where(conversation_table.c.pseudonym == pseudonym)
            .where(conversation_table.c.turns == message.turn - 1)
            .values(values)
        ).rowcount
        if not changed:
            raise StaleConversationError
        return
    row = {"pseudonym": pseudonym, "channel": message.channel, "started_at": at, **values}
    try:
        connection.execute(insert(conversation_table).values(row))
    except IntegrityError as error:
        raise StaleConversationError from error
