"""Opening the store: one SQLite file or one PostgreSQL database, always at the newest version."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from nudge.errors import CampaignError, Problem
from nudge.store.migrate import upgrade

DEFAULT_URL = "sqlite:///pouce.db"
WAIT_SECONDS = 30
CONNECT_SECONDS = 10
WRITER = "pouce_writer"
LOCK_KEY = int.from_bytes(b"pouce")

_SQLITE_SETTINGS = (
    "PRAGMA foreign_keys = ON",
    # In WAL mode the default, NORMAL, may lose the last commits in a power cut. A draw that is
    # already printed on field sheets must never be missing from the log that proves it.
    "PRAGMA synchronous = FULL",
    # What is erased on a person's demand is overwritten in the file, not only unlinked.
    "PRAGMA secure_delete = ON",
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store.

    Attributes
    ----------
    engine
        SQLAlchemy engine.
    url
        Address with its password masked, fit for messages.
    """

    engine: Engine
    url: str


def open_store(url: str | None = None) -> Store:
    """Open a store, creating it or bringing it to the newest version as needed.

    Several processes may open the same new store at once: one migrates, the others wait.

    Parameters
    ----------
    url
        ``sqlite:///file.db``, ``postgresql://…`` or ``postgresql+psycopg://…``; by default
        ``$POUCE_STORE``, else ``sqlite:///pouce.db`` in the working directory.

    Raises
    ------
    CampaignError
        The address is not understood, the database cannot be reached or is of a newer version.
    """
    address = _address(url or os.environ.get("POUCE_STORE") or DEFAULT_URL)
    engine = _engine(address)
    store = Store(engine, address.render_as_string(hide_password=True))
    try:
        upgrade(store.engine, writing=lambda: writing(store))
    except (DatabaseError, sqlite3.Error) as error:
        engine.dispose()
        raise _unreachable(store, error) from error
    except CampaignError:
        engine.dispose()
        raise
    return store


@contextmanager
def writing(store: Store) -> Iterator[Connection]:
    """Give the one connection that may write; commit at the end, or roll all back on an error.

    Writers queue: ``BEGIN IMMEDIATE`` on SQLite, an advisory lock held until the end of the
    transaction on PostgreSQL. Readers never wait.

    Raises
    ------
    CampaignError
        Another process has been writing for more than 30 seconds.
    """
    with store.engine.connect().execution_options(**{WRITER: True}) as connection:
        try:
            transaction = connection.begin()
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        except OperationalError as error:
            if not _is_busy(error):
                raise
            raise _busy(store) from error
        with transaction:
            yield connection


def _address(url: str) -> URL:
    mend = "Écrire sqlite:///fichier.db ou postgresql://utilisateur@serveur/base."
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself is not shown: it may hold a password.
        raise CampaignError(
            Problem(what="l'adresse de l'entrepôt n'est pas comprise", mend=mend)
        ) from None
    if address.drivername in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        what = f"l'entrepôt ne sait pas utiliser « {address.drivername} »"
        raise CampaignError(Problem(what=what, mend=mend))
    return address


def _engine(address: URL) -> Engine:
    # Parameters are hidden from error messages: they hold pseudonyms.
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True
        )
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # By itself the driver waits two minutes for a machine that says nothing.
    patience = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS}
    try:
        return create_engine(
            address, connect_args=patience, pool_pre_ping=True, hide_parameters=True
        )
    except (ModuleNotFoundError, ImportError, NoSuchModuleError) as error:
        what = "le pilote de PostgreSQL n'est pas installé"
        raise CampaignError(Problem(what=what, mend="Installer le paquet psycopg.")) from error


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's own transaction handling opens transactions late; "begin" below opens them.
    connection.isolation_level = None
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _is_busy(error: DatabaseError | sqlite3.Error) -> bool:
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_BUSY or getattr(cause, "sqlstate", None) == "55P03"


def _busy(store: Store) -> CampaignError:
    return CampaignError(
        Problem(
            place=store.url,
            what="un autre programme écrit dans l'entrepôt depuis plus de 30 secondes",
            mend="Attendre la fin de l'autre commande, puis recommencer.",
        )
    )


def _unreachable(store: Store, error: DatabaseError | sqlite3.Error) -> CampaignError:
    if _is_busy(error):
        return _busy(store)
    if store.engine.dialect.name == "sqlite":
        mend = (
            "Vérifier le chemin, les droits d'écriture, la place sur le disque et que le fichier "
            "est bien un entrepôt."
        )
    else:
        mend = "Vérifier que le serveur répond, le nom de la base et les droits de l'utilisateur."
    first_line = str(getattr(error, "orig", error)).strip().splitlines()[0]
    what = f"l'entrepôt ne s'ouvre pas ({first_line})"
    return CampaignError(Problem(place=store.url, what=what, mend=mend))
