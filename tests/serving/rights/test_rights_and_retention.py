from datetime import UTC, datetime, timedelta

import pytest
from serving.store.persons import erase_person, export_person, object_person
from serving.store.retention import Retention, purge

from serving.store.database import recording
from serving.store.idempotency import (
    RepeatedKeyError,
    earlier_response,
    keep_response,
    request_key,
)
from serving.store.opt_outs import has_opted_out
from serving.store.sessions import new_session, pseudonym_of, repeatable_session
from serving.store.tables import (
    conversation,
    exposure,
    feedback,
    message,
    opt_out,
    service_request,
    ticket,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXTS = ((message, "text"), (feedback, "comment"), (ticket, "summary"),
         (service_request, "description"))  # fmt: skip


def all_rows(store, table):
    with store.engine.connect() as connection:
        return connection.execute(table.select()).mappings().all()


def test_access_gives_all_that_is_held_and_nothing_of_others(serving_store, add_conversation):
    mine, other = add_conversation(1), add_conversation(2)
    held = export_person(serving_store, mine)
    assert set(held) == {
        "conversation", "message", "feedback", "ticket", "service_request", "exposure"
    }  # fmt: skip
    assert other not in str(held)
    assert export_person(serving_store, "p_" + "9" * 32) == {}


def test_erasure_leaves_nothing_that_leads_to_the_person(serving_store, add_conversation):
    mine, other = add_conversation(1), add_conversation(2)
    with recording(serving_store) as connection:
        object_person(connection, mine, at=NOW)
        assert erase_person(connection, mine) == 6
    assert set(export_person(serving_store, mine)) == {"opt_out"}
    assert len(export_person(serving_store, other)) == 6
    # The trial keeps its population, under a name that leads to nobody.
    arms = [row["arm"] for row in all_rows(serving_store, exposure)]
    assert arms == ["temoin", "temoin"]
    assert all(row["message"] == "" for row in all_rows(serving_store, exposure)
               if row["conversation"].startswith("efface-"))  # fmt: skip
    with recording(serving_store) as connection:
        assert erase_person(connection, mine) == 0


def test_an_objection_is_recorded_once_and_is_honoured(serving_store, add_conversation):
    mine = add_conversation(1)
    with recording(serving_store) as connection:
        assert object_person(connection, mine, at=NOW)
        assert not object_person(connection, mine, at=NOW)
        assert has_opted_out(connection, mine)
        assert not has_opted_out(connection, "p_other")


def run_purge(store, **durations):
    with recording(store) as connection:
        return purge(connection, now=NOW, retention=Retention(**durations))


def test_old_texts_are_emptied_and_their_rows_stay_for_counting(serving_store, add_conversation):
    add_conversation(1, age=timedelta(days=91))
    add_conversation(2, age=timedelta(days=89))
    assert run_purge(serving_store).texts == 4
    for table, column in TEXTS:
        assert sorted(bool(row[column]) for row in all_rows(serving_store, table)) == [False, True]
    assert run_purge(serving_store).texts == 0


def test_old_rows_go_and_the_record_of_a_trial_stays_longer(serving_store, add_conversation):
    add_conversation(1, age=timedelta(days=366))
    add_conversation(2, age=timedelta(days=364))
    run_purge(serving_store)
    for table in (message, conversation, feedback, ticket, service_request):
        assert len(all_rows(serving_store, table)) == 1, table.name
    assert len(all_rows(serving_store, exposure)) == 2
    add_conversation(3, age=timedelta(days=761))
    run_purge(serving_store)
    assert len(all_rows(serving_store, exposure)) == 2


def test_an_answer_for_repeated_requests_is_kept_a_day(serving_store):
    asked = request_key("cle", "demande-1", {"texte": "a"})
    other = request_key("cle", "demande-1", {"texte": "b"})
    with recording(serving_store) as connection:
        assert keep_response(connection, asked, {"n": 1}, at=NOW)
        assert not keep_response(connection, asked, {"n": 2}, at=NOW)
        assert earlier_response(connection, asked) == {"n": 1}
        with pytest.raises(RepeatedKeyError):
            earlier_response(connection, other)
        late = request_key("cle", "demande-2", {})
        keep_response(connection, late, {}, at=NOW + timedelta(hours=25))
        assert earlier_response(connection, asked) is None


def test_a_session_is_known_by_its_pseudonym_only():
    session = new_session()
    assert new_session() != session
    assert pseudonym_of(session) == pseudonym_of(pseudonym_of(session))
    assert session[2:] not in pseudonym_of(session)
    assert repeatable_session("cle", "a") == repeatable_session("cle", "a")
    assert repeatable_session("cle", "a") != repeatable_session("autre", "a")
    with pytest.raises(ValueError, match="neither"):
        pseudonym_of("p_court")


def test_old_opt_outs_go_with_their_trial(serving_store, add_conversation):
    mine = add_conversation(1)
    with recording(serving_store) as connection:
        object_person(connection, mine, at=NOW - timedelta(days=761))
    run_purge(serving_store)
    assert all_rows(serving_store, opt_out) == []
