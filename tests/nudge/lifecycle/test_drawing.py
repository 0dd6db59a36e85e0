from datetime import date

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.validation import find_campaign
from nudge.store.batches import new_batch, record_batch
from nudge.store.campaigns import allocation, campaign_zones
from nudge.store.database import writing
from nudge.store.event_log import events
from nudge.store.observations import insert_observations

IDENTIFIER = "comparaison-tri"


def draw(life, **more):
    return draw_campaign(
        life.store, IDENTIFIER, territory=life.territory, today=date(2026, 11, 23), **more
    )


def test_arms_are_equal_within_strata_and_stored(life, campaign_of):
    drawn = life.draw(campaign_of())
    assert drawn.arms == {"temoin": 20, "comparaison": 20}
    zones = campaign_zones(life.store, IDENTIFIER).set_index("zone_id")["type_habitat"]
    table = pd.DataFrame({"arm": allocation(life.store, IDENTIFIER), "type": zones})
    sizes = pd.crosstab(table["type"], table["arm"])
    assert (sizes["temoin"] - sizes["comparaison"]).abs().max() <= 1
    assert find_campaign(life.store, IDENTIFIER).status == "en_cours"


def test_the_seed_is_published(life, campaign_of):
    drawn = life.draw(campaign_of())
    assert drawn.seed == 7
    (event,) = events(life.store, kind="tirage")
    assert event.payload["graine"] == 7
    assert event.payload["empreinte"] == drawn.fingerprint
    assert "seed: 7" in (drawn.folder / "design.yaml").read_text(encoding="utf-8")


def test_the_system_draws_a_seed_where_none_is_given(life, campaign_of):
    drawn = life.draw(campaign_of(), seed=None)
    assert 0 <= drawn.seed < 2**63
    assert find_campaign(life.store, IDENTIFIER).seed == drawn.seed


def test_a_real_campaign_takes_no_chosen_seed(life, campaign_of):
    life.lock(campaign_of(("simulation: oui", "simulation: non")))
    with pytest.raises(CampaignError, match="ne se choisit pas"):
        draw(life, seed=7)
    assert draw(life).arms["temoin"] == 20


def test_a_real_campaign_is_drawn_before_its_first_message(life, campaign_of):
    life.lock(campaign_of(("simulation: oui", "simulation: non")))
    with pytest.raises(CampaignError, match="ne peut plus être publié"):
        draw_campaign(life.store, IDENTIFIER, territory=life.territory, today=date(2027, 3, 1))


def test_a_draw_is_made_once(life, campaign_of):
    life.draw(campaign_of())
    before = allocation(life.store, IDENTIFIER)
    with pytest.raises(CampaignError, match="ne se refait pas"):
        draw(life, seed=8)
    assert allocation(life.store, IDENTIFIER) == before


def test_an_unlocked_campaign_is_not_drawn(life, campaign_of):
    life.check(campaign_of())
    with pytest.raises(CampaignError, match="pouce campaign lock"):
        draw(life)


def test_nothing_is_drawn_where_the_folder_cannot_be_written(life, campaign_of):
    life.lock(campaign_of())
    (life.folder / "tirage").mkdir()
    (life.folder / "tirage" / "notes.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(CampaignError, match="rien n'a été tiré"):
        draw(life)
    assert allocation(life.store, IDENTIFIER) == {}
    assert events(life.store, kind="tirage") == []
    assert find_campaign(life.store, IDENTIFIER).status == "verrouillee"


def test_neighbours_are_those_of_the_lock(life, campaign_of):
    campaign = campaign_of(
        ("  strates: [type_habitat]", "  debordement: {regle: exclure}\n  #"),
        ("effet_detectable_accepte: 0.0831", "effet_detectable_accepte: 0.101"),
    )
    examination = life.check(campaign)
    assert examination.passed, examination.reasons
    drawn = life.draw(campaign)
    neighbours = examination.context.neighbours
    arms = allocation(life.store, IDENTIFIER)
    assert drawn.excluded
    assert set(arms) | set(drawn.excluded) == set(examination.context.zones["zone_id"])
    assert not (neighbours["zone_id"].isin(arms) & neighbours["voisin_id"].isin(arms)).any()


def reference_checks(zones):
    rows = [
        (f"{zone}-{bin_}", zone, f"f-{zone}-{bin_}", "vert" if bin_ < 2 + place % 17 else "rouge")
        for place, zone in enumerate(zones)
        for bin_ in range(20)
    ]
    frame = pd.DataFrame(rows, columns=["controle_id", "zone_id", "foyer_id", "couleur"])
    return frame.assign(
        vague="reference", date=pd.Timestamp("2027-02-02"), presente=True, codes_erreur=None,
        controleur="c1", rang=1, meteo="sec",
    )  # fmt: skip


def test_a_draw_by_reference_level_waits_for_the_reference_wave(life, campaign_of):
    life.lock(campaign_of(("strates: [type_habitat]", "strates: [niveau_reference]")))
    with pytest.raises(CampaignError, match="importer la vague de référence"):
        draw(life, seed=7)
    zones = campaign_zones(life.store, IDENTIFIER)["zone_id"]
    with writing(life.store) as connection:
        batch = new_batch(
            connection, campaign=IDENTIFIER, instrument="controle_bac", file_name="r.csv",
            sha256="0" * 64,
        )  # fmt: skip
        summary = insert_observations(
            connection,
            campaign=IDENTIFIER,
            instrument="controle_bac",
            batch_id=batch,
            chunks=[reference_checks(zones)],
        )
        record_batch(connection, batch, summary)
    assert draw(life, seed=7).arms == {"temoin": 20, "comparaison": 20}
    rows = pd.read_csv(life.folder / "tirage" / "allocation.csv")
    assert set(rows["stratum"]) == {"bas", "moyen", "haut"}
    level = pd.read_csv(life.folder / "tirage" / "clusters.csv").set_index("zone_id")
    low = level.loc[level["niveau_reference_tiers"] == "bas", "niveau_reference"]
    high = level.loc[level["niveau_reference_tiers"] == "haut", "niveau_reference"]
    assert low.max() < high.min()
