from datetime import UTC, datetime, timedelta

from serving.incidents.kept_requests import change_status
from serving.rights.persons import erase_person, export_person, object_person
from serving.rights.retention import Retention, purge
from serving.store.database import recording
from serving.store.extension_tables import crm_contact, report_contact
from serving.store.opt_outs import has_opted_out
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
         (service_request, "description"), (crm_contact, "text"))  # fmt: skip


def all_rows(store, table):
    with store.engine.connect() as connection:
        return connection.execute(table.select()).mappings().all()


def test_access_gives_all_that_is_held_and_nothing_of_others(serving_store, add_conversation):
    mine, other = add_conversation(1), add_conversation(2)
    held = export_person(serving_store, mine)
    assert set(held) == {
        "conversation", "message", "feedback", "ticket", "service_request",
        "report_contact", "exposure",
    }  # fmt: skip
    assert other not in str(held)
    assert export_person(serving_store, "p_" + "9" * 32) == {}


def test_erasure_leaves_nothing_that_leads_to_the_person(serving_store, add_conversation):
    mine, other = add_conversation(1), add_conversation(2)
    with recording(serving_store) as connection:
        object_person(connection, mine, at=NOW)
        assert erase_person(connection, mine) == 7
    assert set(export_person(serving_store, mine)) == {"opt_out"}
    assert len(export_person(serving_store, other)) == 7
    # The trial keeps its population, under a name that leads to nobody.
    arms = [row["arm"] for row in all_rows(serving_store, exposure)]
    assert arms == ["temoin", "temoin"]
    assert all(row["message"] == "" for row in all_rows(serving_store, exposure)
               if row["conversation"].startswith("efface-"))  # fmt: skip
    with recording(serving_store) as connection:
        assert erase_person(connection, mine) == 0


def add_contact(store, number, *, pseudonym="u1", age=timedelta(0)):
    row = {
        "identifier": f"c{number}",
        "batch": "b",
        "pseudonym": pseudonym,
        "day": (NOW - age).date().isoformat(),
        "channel": "courriel",
        "text": "le bac est cassé",
    }
    with recording(store) as connection:
        connection.execute(crm_contact.insert().values(row))


def test_contacts_of_the_other_channels_are_given_and_erased(serving_store):
    add_contact(serving_store, 1)
    add_contact(serving_store, 2, pseudonym="u2")
    assert [one["identifier"] for one in export_person(serving_store, "u1")["crm_contact"]] == [
        "c1"
    ]
    with recording(serving_store) as connection:
        assert erase_person(connection, "u1") == 1
    assert [row["pseudonym"] for row in all_rows(serving_store, crm_contact)] == ["u2"]


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
    add_contact(serving_store, 1, age=timedelta(days=91))
    add_contact(serving_store, 2, age=timedelta(days=89))
    assert run_purge(serving_store).texts == 6
    assert len(all_rows(serving_store, report_contact)) == 1
    for table, column in TEXTS:
        assert sorted(bool(row[column]) for row in all_rows(serving_store, table)) == [False, True]
    assert run_purge(serving_store).texts == 0


def test_old_rows_go_and_the_record_of_a_trial_stays_longer(serving_store, add_conversation):
    add_conversation(1, age=timedelta(days=366))
    add_conversation(2, age=timedelta(days=364))
    add_contact(serving_store, 1, age=timedelta(days=366))
    add_contact(serving_store, 2, age=timedelta(days=364))
    run_purge(serving_store)
    for table in (message, conversation, feedback, ticket, crm_contact):
        assert len(all_rows(serving_store, table)) == 1, table.name
    assert len(all_rows(serving_store, exposure)) == 2
    add_conversation(3, age=timedelta(days=761))
    run_purge(serving_store)
    assert len(all_rows(serving_store, exposure)) == 2


def test_a_closed_report_goes_after_a_year_and_an_open_one_is_closed_first(
    serving_store, add_conversation
):
    for number, days in ((1, 366), (2, 366), (3, 364)):
        add_conversation(number, age=timedelta(days=days))
    first = all_rows(serving_store, service_request)[0]["identifier"]
    closed_at = NOW - timedelta(days=366)
    change_status(serving_store, first, status="closed", notes="", now=closed_at)
    assert run_purge(serving_store).closed == 1
    left = {row["status"]: row for row in all_rows(serving_store, service_request)}
    assert len(all_rows(serving_store, service_request)) == 2
    assert left.keys() == {"closed", "open"}
    assert "signalez-le de nouveau" in left["closed"]["status_notes"]
    assert all_rows(serving_store, report_contact) == []
    assert run_purge(serving_store).closed == 0
    with recording(serving_store) as connection:
        purge(connection, now=NOW + timedelta(days=366), retention=Retention())
    assert [row["status"] for row in all_rows(serving_store, service_request)] == ["closed"]


def test_old_opt_outs_go_with_their_trial(serving_store, add_conversation):
    mine = add_conversation(1)
    with recording(serving_store) as connection:
        object_person(connection, mine, at=NOW - timedelta(days=761))
    run_purge(serving_store)
    assert all_rows(serving_store, opt_out) == []
