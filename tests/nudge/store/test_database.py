import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from nudge.errors import CampaignError
from nudge.store.database import open_store, writing
from nudge.store.event_log import append_event, events
from nudge.store.migrate import VERSION_TABLE
from nudge.store.tables import metadata


def test_the_migrations_make_the_tables_that_the_code_uses(empty_url):
    with open_store(empty_url).engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_opening_again_keeps_everything(empty_url):
    store = open_store(empty_url)
    with writing(store) as connection:
        append_event(connection, campaign="a", kind="creation", payload={})
    assert len(events(open_store(empty_url))) == 1


def test_a_store_of_a_newer_version_is_refused(empty_url):
    with writing(open_store(empty_url)) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(CampaignError, match="version plus récente"):
        open_store(empty_url)


def test_the_tables_of_another_program_are_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE event (x)")
    connection.close()
    with pytest.raises(CampaignError, match="autre logiciel"):
        open_store(f"sqlite:///{tmp_path / 'other.db'}")


def test_sqlite_survives_a_power_cut_checks_foreign_keys_and_overwrites_what_it_erases(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'pouce.db'}")
    with store.engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "busy_timeout",
            )
        }
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }


def test_the_default_address_is_a_file_here_unless_the_environment_says_otherwise(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POUCE_STORE", raising=False)
    open_store()
    assert (tmp_path / "pouce.db").exists()
    monkeypatch.setenv("POUCE_STORE", f"sqlite:///{tmp_path / 'autre.db'}")
    open_store()
    assert (tmp_path / "autre.db").exists()


def test_readers_do_not_wait_for_the_writer(store_url):
    store = open_store(store_url)
    with writing(store) as connection:
        append_event(connection, campaign="a", kind="creation", payload={})
        assert events(store) == []
    assert len(events(store)) == 1


def test_what_is_no_store_is_told_in_french(tmp_path):
    (tmp_path / "notes.db").write_text("ceci n'est pas une base " * 100)
    with pytest.raises(CampaignError, match="ne s'ouvre pas"):
        open_store(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(CampaignError, match="ne s'ouvre pas"):
        open_store(f"sqlite:///{tmp_path / 'absent' / 'pouce.db'}")
    with pytest.raises(CampaignError, match="mysql"):
        open_store("mysql://u:secret@h/b")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:SECRET@127.0.0.1:1/b",
        "postgresql://u:SECRET@[::1/b",
        "u:SECRET@127.0.0.1/b",
        "mysql://u:SECRET@127.0.0.1/b",
    ],
)
def test_a_password_never_shows(url):
    with pytest.raises(CampaignError) as caught:
        open_store(url)
    assert "SECRET" not in str(caught.value)


def test_an_error_of_the_database_does_not_show_values(store_url):
    store = open_store(store_url)
    with pytest.raises(DatabaseError) as caught, writing(store) as connection:
        connection.execute(
            text("INSERT INTO event (number, kind) VALUES (1, :kind)"), {"kind": "foyer-PRIVE"}
        )
    first_line = str(caught.value).splitlines()[0]
    assert "PRIVE" not in first_line
    assert "parameters hidden" in str(caught.value)
