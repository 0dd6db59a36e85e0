from contextlib import suppress

import pytest
import typer
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import OperationalError

from nudge.cli.console import user_errors
from nudge.store.database import open_store, writing
from nudge.store.event_log import append_event, events


@pytest.fixture
def full(tmp_path):
    """A store that may not grow until its second value is called."""
    store = open_store(f"sqlite:///{tmp_path / 'pouce.db'}")

    def limit(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room():
        sqlalchemy_event.remove(store.engine, "connect", limit)
        store.engine.dispose()

    sqlalchemy_event.listen(store.engine, "connect", limit)
    store.engine.dispose()
    return store, make_room


def append_two(store):
    with writing(store) as connection:
        for number in (1, 2):
            append_event(
                connection, campaign="bacs", kind="creation", payload={"n": number, "x": "a" * 900}
            )


def fill(store):
    with suppress(OperationalError):
        for _ in range(1_000):
            append_two(store)
        pytest.fail("the disk is not full")


def test_a_full_disk_leaves_a_whole_chain_that_goes_on_later(full, capsys):
    store, make_room = full
    fill(store)
    with pytest.raises(typer.Exit) as caught, user_errors():
        append_two(store)
    assert caught.value.exit_code == 2
    assert "Vérifier la place sur le disque" in capsys.readouterr().err
    written = len(events(store))
    assert written % 2 == 0
    make_room()
    append_two(store)
    log = events(store)
    assert [one.number for one in log] == list(range(1, written + 3))
    assert [one.previous_hash for one in log[1:]] == [one.hash for one in log[:-1]]
