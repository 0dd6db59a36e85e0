"""How long things are kept, and the purge of what is older.

The durations are proposals: the controller decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, delete, exists, select, update

from serving.store.database import instant
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Durations.

    Attributes
    ----------
    texts
        Of redacted texts: messages, comments, summaries, descriptions and places of incidents.
    rows
        Of pseudonymous rows without text.
    exposures
        Of the record of a trial.
    responses
        Of answers kept for repeated requests.
    """

    texts: timedelta = timedelta(days=90)
    rows: timedelta = timedelta(days=365)
    exposures: timedelta = timedelta(days=760)
    responses: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """Numbers of texts emptied and of rows removed."""

    texts: int
    rows: int


def purge(connection: Connection, *, now: datetime, retention: Retention) -> Purged:
    """Empty old texts and remove old rows; running it twice changes nothing more."""
    return Purged(
        texts=_empty_texts(connection, instant(now - retention.texts)),
        rows=_remove_rows(connection, now, retention),
    )


def _empty_texts(connection: Connection, before: str) -> int:
    old = select(message.c.identifier).where(message.c.at < before)
    connection.execute(delete(queue_item).where(queue_item.c.message.in_(old)))
    changes: tuple[Update, ...] = (
        update(message).where(message.c.at < before, message.c.text != "").values(text=""),
        update(feedback)
        .where(feedback.c.at < before, feedback.c.comment.is_not(None))
        .values(comment=None),
        update(ticket)
        .where(ticket.c.opened_at < before, ticket.c.summary != "")
        .values(summary=""),
        update(service_request)
        .where(service_request.c.requested_at < before)
        .where(
            service_request.c.description.is_not(None)
            | service_request.c.contact.is_not(None)
            | service_request.c.media_url.is_not(None)
        )
        .values(description=None, contact=None, media_url=None),
    )
    return sum(connection.execute(change).rowcount for change in changes)


def _remove_rows(connection: Connection, now: datetime, retention: Retention) -> int:
    rows, trial = instant(now - retention.rows), instant(now - retention.exposures)
    removals = (
        delete(idempotent_response).where(
            idempotent_response.c.at < instant(now - retention.responses)
        ),
        delete(feedback).where(feedback.c.at < rows),
        delete(ticket).where(ticket.c.opened_at < rows),
        delete(service_request).where(service_request.c.requested_at < rows),
        delete(contact_event).where(contact_event.c.at < rows),
        delete(exposure).where(exposure.c.at < trial),
        delete(opt_out).where(opt_out.c.at < trial),
        delete(message).where(message.c.at < rows),
        delete(conversation)
        .where(conversation.c.updated_at < rows)
        .where(~exists().where(message.c.conversation == conversation.c.pseudonym)),
    )
    return sum(connection.execute(removal).rowcount for removal in removals)
