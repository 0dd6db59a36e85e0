from datetime import date

import pytest

from nudge.errors import CampaignError
from nudge.lifecycle.amendment import amend_campaign, amendment_list, note_deviation
from nudge.lifecycle.closing import close_campaign
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.lifecycle.verification import verify_campaign
from nudge.store.audit import audit
from nudge.store.campaigns import allocation, campaign_zones, stored_campaign
from nudge.store.event_log import events
from nudge.store.locks import amendments

IDENTIFIER = "comparaison-tri"
LATER = ("fin: 2027-05-21", "fin: 2027-06-04")
OTHER_OUTCOME = (
    "critere_principal: bac_bien_trie\ncriteres_secondaires: [bac_sans_rouge, bac_presente]",
    "critere_principal: bac_sans_rouge\ncriteres_secondaires: [bac_bien_trie, bac_presente]",
)
OTHER_LEVEL = ("niveau_attendu: 0.70", "niveau_attendu: 0.60")


def amend(life, campaign, *, reason="Pluie", serious=False):
    return amend_campaign(
        life.store,
        campaign,
        reason=reason,
        serious=serious,
        territory=life.territory,
        today=date(2027, 3, 20),
    )


def test_what_changes_is_listed_field_by_field(life, campaign_of):
    life.draw(campaign_of())
    amended = amend(life, campaign_of(LATER, OTHER_LEVEL))
    assert (amended.number, amended.serious) == (1, False)
    assert sorted(map(str, amended.changes)) == [
        "fin : 2027-05-21 → 2027-06-04",
        "puissance, niveau_attendu : 0.7 → 0.6",
    ]
    (stored,) = amendments(life.store, IDENTIFIER)
    assert stored.reason == "Pluie"
    assert stored.changes["champs"][0].keys() == {"champ", "avant", "apres"}
    plan = plan_in_force(life.store, IDENTIFIER)
    assert plan.campaign.end == date(2027, 6, 4)
    assert plan.stored.plan_sha256 == amended.plan_sha256


def test_an_amended_title_is_the_one_that_the_store_shows(life, campaign_of):
    life.draw(campaign_of())
    changed = ('titre: "Se comparer', 'titre: "Été – Se comparer')
    amend(life, campaign_of(changed))
    title = stored_campaign(life.store, IDENTIFIER).title
    assert "Été – " in title
    assert audit(life.store).intact


def test_amendments_are_numbered(life, campaign_of):
    life.draw(campaign_of())
    amend(life, campaign_of(LATER))
    assert amend(life, campaign_of(LATER, OTHER_LEVEL)).number == 2


def test_after_the_draw_the_outcome_changes_only_as_a_serious_departure(life, campaign_of):
    life.draw(campaign_of())
    campaign = campaign_of(OTHER_OUTCOME)
    with pytest.raises(CampaignError, match="--serious"):
        amend(life, campaign)
    assert amendments(life.store, IDENTIFIER) == []
    assert amend(life, campaign, serious=True).serious
    assert amendment_list(life.store, IDENTIFIER) == ((1, "Pluie", True),)


def test_before_the_draw_the_outcome_may_change(life, campaign_of):
    life.lock(campaign_of())
    assert not amend(life, campaign_of(OTHER_OUTCOME)).serious


@pytest.mark.parametrize(
    "change",
    [
        ("simulation: oui", "simulation: non"),
        ("logements_min: 20", "logements_min: 30"),
        ("    nombre: 40", "    nombre: 30"),
        ("  unite: rue", "  unite: tournee"),
    ],
)
def test_what_makes_the_campaign_is_never_amended(life, campaign_of, change):
    life.lock(campaign_of())
    with pytest.raises(CampaignError, match="ne s'amende pas"):
        amend(life, campaign_of(change), serious=True)


def test_arms_are_neither_renamed_nor_added_after_the_draw(life, campaign_of):
    life.draw(campaign_of())
    with pytest.raises(CampaignError, match="ne s'amende pas"):
        amend(
            life, campaign_of(("identifiant: comparaison\n", "identifiant: carte\n")), serious=True
        )


def test_a_zone_taken_out_before_the_draw_is_not_drawn(life, campaign_of):
    life.lock(campaign_of())
    zone = campaign_zones(life.store, IDENTIFIER)["zone_id"].iloc[0]
    without = campaign_of(("    nombre: 40", f"    zones_exclues: [{zone}]\n    nombre: 40"))
    amend(life, without, reason="Chantier")
    draw_campaign(
        life.store, IDENTIFIER, territory=life.territory, today=date(2026, 11, 23), seed=7
    )
    arms = allocation(life.store, IDENTIFIER)
    assert zone not in arms
    assert len(arms) == 39
    assert verify_campaign(life.store, IDENTIFIER).identical


def test_an_amended_draw_still_verifies(life, campaign_of):
    life.draw(campaign_of())
    amend(life, campaign_of(OTHER_OUTCOME), serious=True)
    assert verify_campaign(life.store, IDENTIFIER).identical


def test_an_amendment_says_why_and_changes_something(life, campaign_of):
    life.draw(campaign_of())
    with pytest.raises(CampaignError, match="raison"):
        amend(life, campaign_of(LATER), reason=" ")
    with pytest.raises(CampaignError, match="ne change rien"):
        amend(life, campaign_of())


def test_an_amendment_brings_no_sanction_in(life, campaign_of):
    life.draw(campaign_of())
    text = ("consigne: Déposez vos emballages en vrac, sans sac fermé.", "consigne: Ou une amende.")
    with pytest.raises(CampaignError, match="amende"):
        amend(life, campaign_of(text), serious=True)


def test_a_plan_that_is_not_locked_is_not_amended(life, campaign_of):
    life.check(campaign_of())
    with pytest.raises(CampaignError, match="pouce campaign check"):
        amend(life, campaign_of(LATER))


def test_a_deviation_is_logged_and_the_plan_stays(life, campaign_of):
    life.draw(campaign_of())
    before = plan_in_force(life.store, IDENTIFIER).stored.plan_sha256
    note_deviation(life.store, IDENTIFIER, text=" Rue oubliée ", serious=True)
    (event,) = events(life.store, kind="ecart")
    assert event.payload == {"texte": "Rue oubliée", "grave": True}
    assert plan_in_force(life.store, IDENTIFIER).stored.plan_sha256 == before


def test_a_closed_campaign_is_not_amended(life, campaign_of):
    life.draw(campaign_of())
    close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 30))
    with pytest.raises(CampaignError, match="terminée"):
        amend(life, campaign_of(LATER))
