"""How long things are kept, and the purge of what is older.

The durations are proposals: the controller decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, delete, exists, select, update

from serving.contacts import kept_contacts
from serving.incidents import kept_requests
from serving.store.database import instant
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Durations.

    Attributes
    ----------
    texts
        Of redacted texts: messages, comments, summaries, descriptions of incidents, contacts of
        the other channels; and of what reporters left to be reached.
    rows
        Of pseudonymous rows without text; an incident's place goes with its row, once closed.
    open_reports
        Of an open incident report that nobody touches: then it is closed, and its row goes
        ``rows`` later.
    exposures
        Of the record of a trial.
    responses
        Of answers kept for repeated requests.
    """

    texts: timedelta = timedelta(days=90)
    rows: timedelta = timedelta(days=365)
    open_reports: timedelta = timedelta(days=365)
    exposures: timedelta = timedelta(days=760)
    responses: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """Numbers of texts emptied, of rows removed, and of open incident reports closed."""

    texts: int
    rows: int
    closed: int


def purge(connection: Connection, *, now: datetime, retention: Retention) -> Purged:
    """Empty old texts, remove old rows, close what nobody follows; twice changes nothing more."""
    texts, rows = now - retention.texts, now - retention.rows
    emptied = (
        _empty_texts(connection, instant(texts)),
        kept_requests.purge_contacts(connection, before=texts),
        kept_contacts.purge_texts(connection, before=texts.date()),
    )
    forgotten = now - retention.open_reports
    closed = kept_requests.close_forgotten(connection, before=forgotten, now=now)
    removed = (
        kept_requests.purge_requests(connection, before=rows),
        kept_contacts.purge_contacts(connection, before=rows.date()),
        _remove_rows(connection, now, retention),
    )
    return Purged(texts=sum(emptied), rows=sum(removed), closed=closed)


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
            service_request.c.description.is_not(None) | service_request.c.media_url.is_not(None)
        )
        .values(description=None, media_url=None),
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
        delete(exposure).where(exposure.c.at < trial),
        delete(opt_out).where(opt_out.c.at < trial),
        delete(message).where(message.c.at < rows),
        delete(conversation)
        .where(conversation.c.updated_at < rows)
        .where(~exists().where(message.c.conversation == conversation.c.pseudonym)),
    )
    return sum(connection.execute(removal).rowcount for removal in removals)
