"""Bringing the service's tables to the version that the code knows."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from nudge.errors import CampaignError, Problem

VERSION_TABLE = "serving_version"

# Alembic passes its context through module globals: two threads must not migrate at once.
_ONE_AT_A_TIME = threading.Lock()


def upgrade(engine: Engine, *, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Migrate to the newest version, all or nothing; other processes wait.

    Parameters
    ----------
    engine
        Engine of an open store.
    writing
        Opens the transaction of the one writer.

    Raises
    ------
    CampaignError
        The tables were written by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", "serving.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    with engine.connect() as connection:
        if _revision(connection, scripts) == head:
            return
    with _ONE_AT_A_TIME, writing() as connection:
        if _revision(connection, scripts) == head:
            return
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
                what=f"les données du service viennent d'une version plus récente ({revision})",
                mend="Mettre à jour Coup de pouce avant de démarrer le service.",
            )
        )
    return revision
