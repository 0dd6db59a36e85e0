"""Bringing the database to the version that the code knows."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from nudge.errors import CampaignError, Problem

# MLflow, which may share the database, keeps its own version in Alembic's default table.
VERSION_TABLE = "pouce_version"

# Alembic passes its context through module globals: two threads must not migrate at once.
_ONE_AT_A_TIME = threading.Lock()


def upgrade(engine: Engine, *, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Migrate to the newest version, all or nothing.

    Parameters
    ----------
    engine
        Engine of the store.
    writing
        Opens the transaction of the one writer.

    Raises
    ------
    CampaignError
        The store was written by a newer version, or the database holds other things.
    """
    config = Config()
    config.set_main_option("script_location", "nudge.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        if _revision(connection, scripts) == scripts.get_current_head():
            return
    if engine.dialect.name == "sqlite":
        _set_wal(engine)
    with _ONE_AT_A_TIME, writing() as connection:
        revision = _revision(connection, scripts)
        if revision == scripts.get_current_head():
            return
        if revision is None:
            _refuse_foreign_tables(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise CampaignError(
            Problem(
                place=connection.engine.url.render_as_string(hide_password=True),
                what=f"l'entrepôt a été écrit par une version plus récente ({revision})",
                mend="Mettre à jour Coup de pouce avant d'ouvrir cet entrepôt.",
            )
        )
    return revision


def _refuse_foreign_tables(connection: Connection) -> None:
    taken = {"campaign", "event", "import_batch"} & set(inspect(connection).get_table_names())
    if taken:
        names = ", ".join(sorted(taken))
        raise CampaignError(
            Problem(
                place=connection.engine.url.render_as_string(hide_password=True),
                what=f"la base contient déjà des tables d'un autre logiciel ({names})",
                mend="Donner à l'entrepôt une base à lui.",
            )
        )


def _set_wal(engine: Engine) -> None:
    # Kept in the file for good; it cannot be changed within a transaction.
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()
