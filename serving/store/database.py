"""Opening the store of the service, and writing to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError

from nudge.errors import CampaignError
from nudge.store.database import Store, open_store, writing
from serving.store.migrate import upgrade

# A citizen does not wait half a minute for another program that writes: 503, then try again.
SQLITE_WAIT_MILLISECONDS = 5_000


def open_serving_store(url: str | None = None) -> Store:
    """Open the store that campaigns and the service share, at the newest version of both.

    Parameters
    ----------
    url
        As for :func:`nudge.store.database.open_store`.

    Raises
    ------
    CampaignError
        The database cannot be reached, or is of a newer version.
    """
    store = open_store(url)
    try:
        upgrade(store.engine, writing=lambda: writing(store))
    except (DatabaseError, CampaignError):
        store.engine.dispose()
        raise
    _shorten_waits(store.engine)
    return store


class StoreBusyError(RuntimeError):
    """Another program has been writing for too long; nothing was stored."""


@contextmanager
def recording(store: Store) -> Iterator[Connection]:
    """Give a connection that writes; commit at the end, or roll all back on an error.

    On SQLite this is the one writer of the store. On PostgreSQL rows of the service need no
    queue: unlike the event log of campaigns, they do not depend on the row before.

    Raises
    ------
    StoreBusyError
        Another program has been writing for five seconds.
    """
    if store.engine.dialect.name == "sqlite":
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(writing(store))
            except CampaignError as error:
                raise StoreBusyError(str(error)) from error
            yield connection
        return
    with store.engine.begin() as connection:
        yield connection


def insert_once(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its primary key is there; return whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = list(table.primary_key.columns)
    # The row that comes back is the proof: drivers do not all count what a conflict left out.
    inserted = dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=keys)
    return connection.execute(inserted.returning(*keys)).first() is not None


def instant(at: datetime) -> str:
    """Return an instant as it is stored: ISO 8601 in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _shorten_waits(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    engine.dispose()
    event.listen(engine, "connect", _set_wait)


def _set_wait(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MILLISECONDS}")
