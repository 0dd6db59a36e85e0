from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nudge.errors import CampaignError
from serving.dialogue.conversation import ReportDraft
from serving.incidents.from_conversation import create_request_from_draft
from serving.incidents.kept_requests import (
    change_status,
    contact_of,
    find_request,
    keep_request,
    list_requests,
    purge_contacts,
    purge_requests,
)
from serving.incidents.open311_error import Open311Error
from serving.incidents.request import Submission
from serving.incidents.service import load_services
from serving.settings import Settings
from serving.store.database import recording

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LIST = load_services(Settings().datasets / "services" / "services.yaml")
KIND = LIST.find("pav_plein")
REPORT = Submission(
    service_code="pav_plein",
    channel="open311",
    address="plage de Deauville",
    description="Pleine",
    contact={"email": "a@exemple.fr"},
)


def keep(store, submission=REPORT, *, now=NOW, **names):
    with recording(store) as connection:
        return keep_request(connection, submission, KIND, now=now, **names)


def everything(store):
    return list_requests(store, start=NOW - timedelta(days=90), end=NOW + timedelta(days=90))


def test_the_same_token_keeps_one_report(serving_store):
    first = keep(serving_store, client="k1", token="envoi-1")
    again = keep(serving_store, client="k1", token="envoi-1", now=NOW + timedelta(hours=1))
    assert again == first
    assert len(everything(serving_store)) == 1
    assert keep(serving_store, client="k2", token="envoi-1").identifier != first.identifier
    assert keep(serving_store).identifier != keep(serving_store).identifier


def test_a_token_used_for_another_report_is_refused_and_changes_nothing(serving_store):
    first = keep(serving_store, client="k1", token="envoi-1")
    other = replace(REPORT, description="Autre chose")
    with pytest.raises(Open311Error) as caught:
        keep(serving_store, other, client="k1", token="envoi-1")
    assert caught.value.status == 409
    assert find_request(serving_store, first.identifier).description == "Pleine"


def test_contact_data_are_apart_and_purged_before_the_report(serving_store):
    kept = keep(serving_store)
    assert "exemple.fr" not in repr(find_request(serving_store, kept.identifier))
    assert contact_of(serving_store, kept.identifier) == {"email": "a@exemple.fr"}
    with recording(serving_store) as connection:
        assert purge_contacts(connection, before=NOW) == 0
        assert purge_contacts(connection, before=NOW + timedelta(seconds=1)) == 1
    assert contact_of(serving_store, kept.identifier) == {}
    assert find_request(serving_store, kept.identifier) is not None


def test_only_closed_reports_are_purged(serving_store):
    opened, closed = keep(serving_store), keep(serving_store)
    change_status(serving_store, closed.identifier, status="closed", notes="Vidée.", now=NOW)
    with recording(serving_store) as connection:
        assert purge_requests(connection, before=NOW + timedelta(days=1)) == 1
    assert [one.identifier for one in everything(serving_store)] == [opened.identifier]
    assert contact_of(serving_store, closed.identifier) == {}


def test_an_operator_closes_a_report(serving_store):
    kept = keep(serving_store)
    later = NOW + timedelta(days=2)
    done = change_status(
        serving_store, kept.identifier, status="closed", notes="Borne vidée.", now=later
    )
    assert (done.status, done.status_notes, done.updated_at) == ("closed", "Borne vidée.", later)
    assert done.requested_at == NOW
    with pytest.raises(CampaignError, match="inconnu"):
        change_status(serving_store, "SIG-0", status="closed", notes="", now=NOW)


def test_a_confirmed_draft_is_kept_once_and_redacted(serving_store):
    draft = ReportDraft(
        intent="signaler_pav_plein",
        service_code="pav_plein",
        address_string="3 rue des Bains",
        commune="14220",
        description="Borne pleine, je m'appelle Marie Dupont",
    )

    def create(one):
        with recording(serving_store) as connection:
            return create_request_from_draft(
                connection,
                one,
                services=LIST,
                conversation="c1",
                channel="web",
                token="tour-4",
                now=NOW,
                commune="Deauville",
            )

    kept = create(draft)
    assert create(draft).identifier == kept.identifier
    assert "Dupont" not in kept.description
    place = "3 rue des Bains, Deauville"
    assert (kept.address, kept.commune, kept.channel) == (place, "14220", "web")
    with pytest.raises(CampaignError, match="nature"):
        create(ReportDraft(intent="signaler_autre"))
