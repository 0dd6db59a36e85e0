import threading
from contextlib import suppress

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from nudge.errors import CampaignError
from nudge.store.database import open_store, writing
from serving.store import database as database_module
from serving.store.database import StoreBusyError, insert_once, open_serving_store, recording
from serving.store.tables import metadata, opt_out

ROW = {"pseudonym": "p_1", "source": "operator", "at": "2026-11-23T09:00:00.000000+00:00"}


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'pouce.db'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        name = f"serving_{tmp_path.name.replace('-', '_')}".lower()
        admin = open_store(f"{server}/postgres").engine
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        url = f"{server}/{name}"
    store = open_serving_store(url)
    yield store
    store.engine.dispose()


def test_migrations_make_exactly_the_tables_of_the_code(any_store):
    with any_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    ours = [one for one in found if not one[0].startswith("remove_")]
    assert ours == []


def test_campaigns_and_service_share_a_database_under_their_own_versions(any_store):
    names = set(inspect(any_store.engine).get_table_names())
    assert {"campaign", "pouce_version", "message", "serving_version"} <= names
    again = open_serving_store(any_store.engine.url.render_as_string(hide_password=False))
    again.engine.dispose()


def test_a_newer_store_is_refused_in_french(tmp_path):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    store = open_serving_store(url)
    with writing(store) as connection:
        connection.execute(text("UPDATE serving_version SET version_num = '9999'"))
    with pytest.raises(CampaignError, match="version plus récente"):
        open_serving_store(url)


def test_several_processes_may_open_a_new_store_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    failures = []

    def open_it():
        try:
            open_serving_store(url).engine.dispose()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_error_rolls_everything_back(any_store):
    with suppress(IntegrityError), recording(any_store) as connection:
        connection.execute(opt_out.insert().values(ROW))
        connection.execute(opt_out.insert().values(ROW))
    with any_store.engine.connect() as connection:
        assert connection.execute(opt_out.select()).all() == []


def test_a_row_is_inserted_once(any_store):
    with recording(any_store) as connection:
        assert insert_once(connection, opt_out, ROW)
        assert not insert_once(connection, opt_out, {**ROW, "source": "conversation"})
        kept = connection.execute(opt_out.select()).one()
    assert kept.source == "operator"


def test_a_long_writer_gives_an_error_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "SQLITE_WAIT_MILLISECONDS", 50)
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    store, other = open_serving_store(url), open_serving_store(url)
    with recording(other), pytest.raises(StoreBusyError), recording(store):
        pytest.fail("two writers at once")
    with recording(store) as connection:
        assert insert_once(connection, opt_out, ROW)
