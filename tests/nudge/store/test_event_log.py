import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from nudge.store.database import open_store, writing
from nudge.store.event_log import append_event, events


def test_events_are_chained_and_read_back_in_order(store_url):
    store = open_store(store_url)
    with writing(store) as connection:
        first = append_event(
            connection, campaign="a", kind="creation", payload={"titre": "Été « vert »"}
        )
    with writing(store) as connection:
        append_event(connection, campaign="b", kind="creation", payload={})
        append_event(connection, campaign="a", kind="validation", payload={"n": [1, 2.5, None]})
    log = events(store)
    assert [event.number for event in log] == [1, 2, 3]
    assert log[0] == first
    assert first.previous_hash == "0" * 64
    assert [event.previous_hash for event in log[1:]] == [event.hash for event in log[:-1]]
    assert [event.number for event in events(store, campaign="a")] == [1, 3]
    assert events(store, campaign="a", kind="validation")[0].payload == {"n": [1, 2.5, None]}


@pytest.mark.parametrize("change", ["DELETE FROM event", "UPDATE event SET kind = 'import'"])
def test_the_database_itself_refuses_to_change_the_log(store_url, change):
    store = open_store(store_url)
    with writing(store) as connection:
        append_event(connection, campaign="a", kind="creation", payload={})
    with pytest.raises(DatabaseError, match="append-only"), writing(store) as connection:
        connection.execute(text(change))
    assert [event.kind for event in events(store)] == ["creation"]


def test_an_error_rolls_back_everything(store_url):
    store = open_store(store_url)

    def write_two():
        with writing(store) as connection:
            append_event(connection, campaign="a", kind="creation", payload={})
            append_event(connection, campaign="a", kind="creation", payload={"x": object()})

    with pytest.raises(ValueError, match="JSON"):
        write_two()
    assert events(store) == []


def test_postgresql_does_not_truncate_the_log_either(store_url):
    if store_url.startswith("sqlite"):
        pytest.skip("SQLite has no TRUNCATE")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        writing(open_store(store_url)) as connection,
    ):
        connection.execute(text("TRUNCATE event"))


@pytest.mark.parametrize("payload", [{"x": float("nan")}, {"x": object()}])
def test_a_payload_that_json_cannot_hold_is_refused(store_url, payload):
    store = open_store(store_url)
    with pytest.raises(ValueError, match=r"JSON"), writing(store) as connection:
        append_event(connection, campaign="a", kind="creation", payload=payload)
