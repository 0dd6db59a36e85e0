import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.store.campaigns import (
    allocation,
    campaign_zones,
    save_allocation,
    save_campaign,
    save_zones,
    set_status,
    stored_campaign,
    stored_campaigns,
)
from nudge.store.database import writing
from nudge.store.event_log import events
from nudge.store.locks import add_amendment, amendments, save_lock, stored_lock

ZONES = pd.DataFrame(
    {
        "zone_id": ["r9", "r1", "r5"],
        "nom": ["Rue du Port", "Rue des Écoles", None],
        "code_insee": ["14220", "14715", "14220"],
        "n_logements": [40, 30, None],
        "part_residences_secondaires": [0.61, 0.05, None],
        "latitude": [49.36, 49.37, 49.35],
    }
)


def lock_it(store, identifier="bacs"):
    with writing(store) as connection:
        save_lock(
            connection,
            identifier,
            plan_sha256="p" * 64,
            zones_sha256="z" * 64,
            record={"responsable": "É. M.", "n": 3},
        )


def save(connection, **changes):
    columns = {
        "identifier": "bacs",
        "title": "Bacs (SIMULATION)",
        "yaml": "titre: Été\nsimulation: true\n",
        "status": "validee",
        "simulation": True,
        "folder": "bacs",
    }
    save_campaign(connection, **{**columns, **changes})


def test_a_campaign_is_saved_changed_and_listed(store, add_campaign):
    add_campaign(store, "abri")
    with writing(store) as connection:
        save(connection, title="Bacs jaunes", status="brouillon", simulation=False)
        set_status(connection, "bacs", "validee", seed=2**62)
    campaign = stored_campaign(store, "bacs")
    assert (campaign.title, campaign.status, campaign.seed) == ("Bacs jaunes", "validee", 2**62)
    assert campaign.simulation is False
    assert [each.identifier for each in stored_campaigns(store)] == ["abri", "bacs"]


def test_what_does_not_exist_is_refused(store):
    with pytest.raises(CampaignError, match="inconnue"):
        stored_campaign(store, "absente")
    for status, columns in [("finie", {}), ("validee", {"colour": "red"})]:
        with pytest.raises(ValueError, match="no such"), writing(store) as connection:
            set_status(connection, "bacs", status, **columns)
    with pytest.raises(CampaignError, match="inconnue"), writing(store) as connection:
        set_status(connection, "absente", "validee")


def test_zones_keep_their_order_and_their_gaps(store):
    with writing(store) as connection:
        save_zones(connection, "bacs", ZONES.iloc[:1])
        save_zones(connection, "bacs", ZONES)
    zones = campaign_zones(store, "bacs")
    assert list(zones["zone_id"]) == ["r9", "r1", "r5"]
    pd.testing.assert_frame_equal(zones[list(ZONES)], ZONES, check_dtype=False)
    assert zones["tournee_id"].isna().all()
    assert len(campaign_zones(store, "autre")) == 0


@pytest.mark.parametrize(
    "zones", [pd.concat([ZONES, ZONES]), ZONES.assign(proprietaire="M. Untel")]
)
def test_zones_twice_or_with_unknown_columns_are_refused(store, zones):
    with pytest.raises(ValueError, match=r"twice|proprietaire"), writing(store) as connection:
        save_zones(connection, "bacs", zones)


def test_a_draw_is_made_once(store):
    drawn = {"r9": "carte", "r1": "temoin"}
    with writing(store) as connection:
        save_allocation(connection, "bacs", drawn, record={"seed": 42})
    with writing(store) as connection:
        save_allocation(connection, "bacs", drawn)
    assert allocation(store, "bacs") == drawn
    (event,) = events(store, kind="tirage")
    assert event.payload["seed"] == 42
    with pytest.raises(CampaignError, match="ne se refait pas"), writing(store) as connection:
        save_allocation(connection, "bacs", {"r9": "temoin", "r1": "carte"})
    assert allocation(store, "bacs") == drawn
    assert allocation(store, "autre") == {}


def test_a_lock_keeps_the_plan_as_it_was(store):
    assert stored_lock(store, "bacs") is None
    lock_it(store)
    lock = stored_lock(store, "bacs")
    assert lock.record == {"responsable": "É. M.", "n": 3}
    assert lock.yaml == "titre: Été\nsimulation: true\n"
    campaign = stored_campaign(store, "bacs")
    assert (campaign.status, campaign.plan_sha256) == ("verrouillee", "p" * 64)
    assert campaign.zones_sha256 == "z" * 64
    assert [event.kind for event in events(store, campaign="bacs")] == ["verrouillage"]
    with pytest.raises(CampaignError, match="déjà verrouillée"):
        lock_it(store)


def test_nothing_goes_back_behind_the_lock(store):
    lock_it(store)
    before = stored_campaign(store, "bacs")
    for change in (
        lambda connection: save(connection, yaml="titre: Autre\n", status="en_cours"),
        lambda connection: save(connection, status="brouillon"),
        lambda connection: set_status(connection, "bacs", "en_cours", yaml="titre: Autre\n"),
        lambda connection: set_status(connection, "bacs", "validee"),
        lambda connection: save_zones(connection, "bacs", ZONES),
    ):
        with pytest.raises(CampaignError, match="verrouillée"), writing(store) as connection:
            change(connection)
    assert stored_campaign(store, "bacs") == before


def test_a_locked_campaign_moves_on(store):
    lock_it(store)
    with writing(store) as connection:
        set_status(connection, "bacs", "en_cours")
        save(connection, status="close", title="Bacs jaunes")
    assert stored_campaign(store, "bacs").status == "close"


def test_amendments_are_numbered_and_put_in_force(store):
    with pytest.raises(CampaignError, match="pas verrouillée"):
        amend(store, "pluie", "un")
    lock_it(store)
    assert [amend(store, "pluie", "un"), amend(store, "grève", "deux")] == [1, 2]
    assert [(each.number, each.reason) for each in amendments(store, "bacs")] == [
        (1, "pluie"),
        (2, "grève"),
    ]
    assert amendments(store, "bacs")[0].changes == {"fin": ["2027-06-30", "2027-07-07"]}
    assert stored_campaign(store, "bacs").yaml == "titre: deux\n"
    assert stored_campaign(store, "bacs").title == "deux"
    assert stored_campaign(store, "bacs").plan_sha256 == "deux"
    assert stored_lock(store, "bacs").yaml == "titre: Été\nsimulation: true\n"
    assert [event.payload["number"] for event in events(store, kind="avenant")] == [1, 2]


def amend(store, reason, plan):
    with writing(store) as connection:
        return add_amendment(
            connection,
            "bacs",
            reason=reason,
            changes={"fin": ["2027-06-30", "2027-07-07"]},
            title=plan,
            yaml=f"titre: {plan}\n",
            plan_sha256=plan,
        )
