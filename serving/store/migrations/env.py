"""Alembic's entry point: runs migrations on the connection that it is given."""

from alembic import context

from serving.store.migrate import VERSION_TABLE
from serving.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
