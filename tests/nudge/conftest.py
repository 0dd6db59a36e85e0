import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from nudge.store.database import open_store

SERVERS = ("/usr/local/lib/postgresql", "/usr/lib/postgresql", "/opt/homebrew/opt/postgresql")


def _folder_of_postgresql():
    """Folder that holds both initdb and pg_ctl; None where no server is installed."""
    folders = [Path(found).parent for found in [shutil.which("pg_ctl")] if found]
    for base in SERVERS:
        folders += sorted(Path(base).glob("*/bin"), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _unprivileged_user():
    """A user to run the server as, for it refuses to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgresql_server():
    """Address of a throw-away PostgreSQL server, without a database."""
    binaries = _folder_of_postgresql()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    user = _unprivileged_user()
    if os.geteuid() == 0 and user is None:
        pytest.skip("PostgreSQL does not run as root and there is no other user")
    folder = Path(tempfile.mkdtemp(prefix="pouce-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    port = _free_port()

    def control(*command):
        subprocess.run(
            [binaries / command[0], *command[1:]],
            check=True,
            user=user,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=60,
        )

    try:
        control("initdb", "-D", "data", "-U", "pouce", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -k '' -c fsync=off"
        control("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", settings, "start")
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {error}")
    try:
        yield f"postgresql://pouce@127.0.0.1:{port}"
    finally:
        control("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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
