import json
from datetime import date

import pytest

from nudge.errors import CampaignError
from nudge.lifecycle.closing import close_campaign, publish_campaign
from nudge.lifecycle.retention import purge_day
from nudge.lifecycle.validation import find_campaign
from nudge.store.event_log import events

IDENTIFIER = "comparaison-tri"
REAL = ("simulation: oui", "simulation: non")


def status(life):
    return find_campaign(life.store, IDENTIFIER).status


def checklist(life, *obstacles):
    folder = life.folder / "rapport"
    folder.mkdir(exist_ok=True)
    text = json.dumps({"obstacles": list(obstacles)})
    (folder / "consort.json").write_text(text, encoding="utf-8")


def test_a_running_campaign_is_closed(life, campaign_of):
    life.draw(campaign_of())
    close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 30))
    assert status(life) == "close"
    assert events(life.store)[-1].kind == "cloture"


def test_a_campaign_that_has_not_begun_is_not_closed(life, campaign_of):
    life.lock(campaign_of())
    with pytest.raises(CampaignError, match="n'a pas commencé"):
        close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 30))


def test_an_early_end_has_a_reason(life, campaign_of):
    life.draw(campaign_of(REAL), seed=None)
    with pytest.raises(CampaignError, match="11\u00a0juin 2027"):
        close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 10))
    close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 10), reason="Trop de plaintes")
    payload = events(life.store)[-1].payload
    assert payload == {"anticipee": True, "raison": "Trop de plaintes"}


def test_publication_needs_a_final_report(life, campaign_of):
    life.draw(campaign_of())
    with pytest.raises(CampaignError, match="clore d'abord"):
        publish_campaign(life.store, IDENTIFIER)
    close_campaign(life.store, IDENTIFIER, today=date(2027, 6, 30))
    with pytest.raises(CampaignError, match="pouce campaign report"):
        publish_campaign(life.store, IDENTIFIER)
    checklist(life, "CONSORT 9 à compléter : dissimulation.", "CONSORT 3b à compléter : écarts.")
    with pytest.raises(CampaignError) as caught:
        publish_campaign(life.store, IDENTIFIER)
    assert len(caught.value.problems) == 2
    assert status(life) == "close"
    checklist(life)
    publish_campaign(life.store, IDENTIFIER)
    assert status(life) == "publiee"
    with pytest.raises(CampaignError, match="déjà publiée"):
        publish_campaign(life.store, IDENTIFIER)


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2028, 3, 31), date(2027, 3, 28)),
        (date(2028, 12, 5), date(2027, 12, 5)),
        (date(2028, 1, 15), date(2027, 1, 15)),
    ],
)
def test_what_is_purged_has_outlived_its_retention(campaign_of, today, day):
    assert purge_day(campaign_of(), today=today) == day


def test_a_plan_without_retention_says_so(campaign_of):
    with pytest.raises(CampaignError, match="--before"):
        purge_day(campaign_of(name="cendrier"), today=date(2028, 1, 1))
