import hashlib
import json
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import select

from nudge.campaign.load import load_campaign
from nudge.errors import CampaignError
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import find_campaign
from nudge.store.campaigns import allocation, campaign_zones
from nudge.store.event_log import events
from nudge.store.locks import stored_lock
from nudge.store.tables import lock as lock_table


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_hashes_are_those_of_the_files(life, campaign_of):
    lock = life.lock(campaign_of())
    assert lock.plan_sha256 == sha256(life.folder / "verrou" / "plan.yaml")
    assert lock.zones_sha256 == sha256(life.folder / "verrou" / "zones.csv")
    stored = find_campaign(life.store, "comparaison-tri")
    assert (stored.status, stored.plan_sha256) == ("verrouillee", lock.plan_sha256)
    told = json.loads((life.folder / "verrou" / "verrou.json").read_text(encoding="utf-8"))
    assert told["zones_sha256"] == lock.zones_sha256
    assert [event.kind for event in events(life.store)][-1] == "verrouillage"


def test_the_locked_plan_is_the_campaign(life, campaign_of):
    life.lock(campaign_of())
    assert load_campaign(life.folder / "verrou" / "plan.yaml") == campaign_of()


def test_comments_and_layout_do_not_change_the_hash(life, campaign_of):
    plain = life.lock(campaign_of(("# La qualité et la", "# Autrement dit, la"))).plan_sha256
    stored = stored_lock(life.store, "comparaison-tri")
    assert hashlib.sha256(stored.yaml.encode()).hexdigest() == plain


def test_the_zone_list_is_frozen_with_its_neighbours(life, campaign_of):
    lock = life.lock(campaign_of())
    written = pd.read_csv(life.folder / "verrou" / "zones.csv")
    assert (
        written["zone_id"].tolist()
        == campaign_zones(life.store, "comparaison-tri")["zone_id"].tolist()
    )
    assert (lock.n_zones, lock.n_eligible) == (40, 151)
    assert written["n_logements"].min() >= 20
    record = stored_lock(life.store, "comparaison-tri").record
    assert len(record["voisinages"]) == written["voisins"].str.split("|").str.len().sum()
    assert "SHA-256" in record["echantillon"]["regle"]


def test_only_a_validated_campaign_is_locked(life, campaign_of):
    campaign = campaign_of()
    arguments = {"folder": life.folder, "store": life.store, "territory": life.territory}
    with pytest.raises(CampaignError, match="pas encore été examinée"):
        lock_campaign(campaign, today=date(2026, 11, 23), **arguments)
    with pytest.raises(CampaignError, match="pouce campaign check"):
        life.lock(campaign_of(("sans_sanction: oui", "sans_sanction: non")))


def test_gates_pass_again_at_the_lock(life, campaign_of):
    life.check(campaign_of())
    worse = campaign_of(("sans_sanction: oui", "sans_sanction: non"))
    arguments = {"folder": life.folder, "store": life.store, "territory": life.territory}
    with pytest.raises(CampaignError, match="sans_sanction"):
        lock_campaign(worse, today=date(2026, 11, 23), **arguments)
    assert not (life.folder / "verrou").exists()
    assert find_campaign(life.store, "comparaison-tri").status == "validee"


def test_a_campaign_is_locked_once(life, campaign_of):
    life.lock(campaign_of())
    with pytest.raises(CampaignError):
        life.lock(campaign_of())


def test_nothing_is_locked_where_the_files_cannot_be_written(life, campaign_of):
    (life.folder / "verrou").mkdir()
    (life.folder / "verrou" / "notes.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(CampaignError, match="existe déjà"):
        life.lock(campaign_of())
    with life.store.engine.connect() as connection:
        assert connection.execute(select(lock_table)).first() is None
    assert find_campaign(life.store, "comparaison-tri").status == "validee"
    assert [path.name for path in (life.folder / "verrou").iterdir()] == ["notes.txt"]


def test_groups_that_are_not_drawn_start_at_the_lock(life, campaign_of):
    streets = life.territory.zones
    names = streets[(streets["type_zone"] == "rue") & (streets["n_logements"] >= 30)]["zone_id"]
    control, treated = names.iloc[:20].tolist(), names.iloc[20:40].tolist()
    campaign = campaign_of(
        (" : essai randomisé par rue", ""),
        ("conception: randomisee", "conception: appariee_non_randomisee"),
        ("    nombre: 40", "    logements_min: 30\n    #"),
        ("    logements_min: 20 ", "    # "),
        ("  strates: [type_habitat]", "  #"),
        ("    temoin: oui ", f"    zones: [{', '.join(control)}]\n    temoin: oui "),
        ("    passages: 3", f"    zones: [{', '.join(treated)}]\n    passages: 3"),
    )
    lock = life.lock(campaign)
    assert lock.placed
    arms = allocation(life.store, "comparaison-tri")
    assert {zone for zone, arm in arms.items() if arm == "comparaison"} == set(treated)
    assert find_campaign(life.store, "comparaison-tri").status == "en_cours"
