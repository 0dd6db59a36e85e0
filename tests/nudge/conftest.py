import secrets
import shutil
from contextlib import contextmanager

import pytest

from nudge.store.database import open_store


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    """Name of a database that is migrated once and copied for each test."""
    with connected(postgresql_server) as connection:
        connection.execute("CREATE DATABASE pouce_template")
    open_store(f"{postgresql_server}/pouce_template").engine.dispose()
    return "pouce_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Store file that is migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "pouce.db"
    open_store(f"sqlite:///{path}").engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    """Address of a new store without content, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "pouce.db")
        yield f"sqlite:///{tmp_path / 'pouce.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    with database_of(server, copy_of=request.getfixturevalue("postgresql_template")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """Address at which there is no store yet, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'pouce.db'}"
        return
    with database_of(request.getfixturevalue("postgresql_server"), copy_of="template1") as url:
        yield url


@contextmanager
def database_of(server, *, copy_of):
    """Address of a database that lasts for one test."""
    name = f"pouce_{secrets.token_hex(6)}"
    with connected(server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copy_of}")
    yield f"{server}/{name}"
    with connected(server) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def connected(server):
    """Connect to the server's own database, outside of transactions."""
    import psycopg

    return psycopg.connect(f"{server}/postgres", autocommit=True)
