import re
from datetime import date

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.store.database import writing
from nudge.store.erasure import erase_person, purge
from nudge.store.event_log import events
from nudge.store.observations import count_observations, observations
from nudge.store.persons import export_person, object_person, objections


@pytest.fixture
def rows(store, add_rows, make_checks):
    checks = make_checks(200)
    checks.loc[3, "controle_id"] = "f3-v1"
    add_rows(store, checks)
    add_rows(store, CONSENTS, instrument="consentement", file_name="consentements.csv")
    return store


CONSENTS = pd.DataFrame(
    {
        "consentement_id": ["k1", "k2", "k3"],
        "zone_id": "rue-14220-003",
        "foyer_id": ["f3", "f4", "f3"],
        "finalite": "messages",
        "version_texte": "1",
        "canal": "mail",
        "donne_le": pd.to_datetime("2027-01-05"),
        "retire_le": pd.to_datetime([None, "2027-02-01", "2027-09-01"]),
    }
)


def checks_of(store):
    return observations(store, campaign="bacs", instrument="controle_bac")


def test_a_person_gets_all_that_is_held_on_them(rows):
    with writing(rows) as connection:
        object_person(connection, "bacs", "f3")
    held = export_person(rows, "f3")
    assert set(held) == {"controle_bac", "consentement", "opposition"}
    assert set(held["controle_bac"]["controle_id"]) == {"f3-v1", "c100", "c197"}
    assert set(held["controle_bac"]["campaign"]) == {"bacs"}
    assert list(held["opposition"]["campaign"]) == ["bacs"]
    assert export_person(rows, "inconnu") == {}


def test_erasure_replaces_the_pseudonym_everywhere_and_keeps_the_rows(rows):
    before = checks_of(rows)
    with writing(rows) as connection:
        assert erase_person(connection, "bacs", "f3", "demande") == 5
    after = checks_of(rows)
    assert export_person(rows, "f3") == {}
    assert len(after) == len(before)
    assert not after["controle_id"].str.contains("f3-").any()
    assert "f33" in set(after["foyer_id"])
    (substitute,) = set(after["foyer_id"]) - set(before["foyer_id"])
    assert set(export_person(rows, substitute)) == {"controle_bac", "consentement"}
    assert sorted(after["couleur"].dropna()) == sorted(before["couleur"].dropna())


def test_erasure_can_remove_the_rows_and_says_so_without_naming_anyone(rows):
    with writing(rows) as connection:
        assert erase_person(connection, "bacs", "f3", "demande", remove=True) == 5
        assert erase_person(connection, "bacs", "f3", "demande", remove=True) == 0
    assert len(checks_of(rows)) == 197
    (event,) = events(rows, kind="effacement")
    assert (event.payload["reason"], event.payload["removed"]) == ("demande", True)
    assert sum(batch["n_rows"] for batch in event.payload["batches"]) == 5
    assert not re.search(r"\bf3\b", str([entry.payload for entry in events(rows)]))


def test_purge_removes_what_is_older_and_keeps_consents_that_stand(rows):
    with writing(rows) as connection:
        assert purge(connection, "bacs", date(2027, 5, 15)) == 101
        assert purge(connection, "bacs", date(2027, 5, 15)) == 0
    assert checks_of(rows)["date"].min() == pd.Timestamp("2027-05-15")
    left = observations(rows, campaign="bacs", instrument="consentement")
    assert list(left["consentement_id"]) == ["k1", "k3"]
    assert len(events(rows, kind="purge")) == 1


def test_rows_erased_can_not_come_back_as_new_from_the_same_file(rows, make_checks, add_rows):
    with writing(rows) as connection:
        erase_person(connection, "bacs", "f5", "demande")
    with pytest.raises(ValueError, match="conflicts"):
        add_rows(rows, make_checks(20).drop(index=3), file_name="encore.csv")
    assert count_observations(rows, campaign="bacs")["controle_bac"] == 200


def test_an_objection_counts_once_and_the_log_does_not_name_it(store):
    with writing(store) as connection:
        object_person(connection, "bacs", "f3")
        object_person(connection, "bacs", "f3")
        object_person(connection, "bacs", "f9")
    assert objections(store, "bacs") == {"f3", "f9"}
    assert objections(store, "autre") == set()
    logged = events(store, kind="opposition")
    assert len(logged) == 2
    assert all(set(entry.payload) == {"objection_sha256"} for entry in logged)


def test_an_unknown_campaign_is_refused(store):
    for act in (
        lambda connection: object_person(connection, "absente", "f1"),
        lambda connection: erase_person(connection, "absente", "f1", "demande"),
        lambda connection: purge(connection, "absente", date(2027, 1, 1)),
    ):
        with pytest.raises(CampaignError, match="inconnue"), writing(store) as connection:
            act(connection)
