import pytest

from nudge.campaign.template import example
from nudge.errors import CampaignError
from nudge.lifecycle.plan_changes import plan_changes
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.lifecycle.status import require_action


def write(life, text):
    (life.folder / "campagne.yaml").write_text(text, encoding="utf-8")


def test_the_locked_plan_counts_and_the_file_is_said_to_differ(life, campaign_of):
    write(life, example("comparaison"))
    life.lock(campaign_of())
    assert plan_in_force(life.store, "comparaison-tri").warnings == ()
    write(life, example("comparaison").replace("fin: 2027-05-21", "fin: 2027-05-30"))
    plan = plan_in_force(life.store, "comparaison-tri")
    assert plan.campaign == campaign_of()
    assert "fin : 2027-05-21 → 2027-05-30" in plan.warnings[0]


def test_a_file_that_no_longer_reads_is_said(life, campaign_of):
    life.lock(campaign_of())
    write(life, "titre: [")
    assert "plus lisible" in plan_in_force(life.store, "comparaison-tri").warnings[0]


def test_an_unknown_campaign_is_refused(store):
    with pytest.raises(CampaignError, match="inconnue"):
        plan_in_force(store, "rien")


def test_items_of_lists_are_named_by_what_they_are(campaign_of):
    other = campaign_of(("    passages: 3", "    passages: 2"), ("2027-04-19", "2027-04-20"))
    told = [str(change) for change in plan_changes(campaign_of(), other)]
    assert told == [
        "groupes, comparaison, passages : 3 → 2",
        "vagues, suivi-2, debut : 2027-04-19 → 2027-04-20",
    ]


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("check", {"brouillon", "validee"}),
        ("lock", {"validee"}),
        ("draw", {"verrouillee"}),
        ("amend", {"verrouillee", "en_cours"}),
        ("close", {"en_cours"}),
        ("publish", {"close"}),
    ],
)
def test_each_action_has_its_statuses(action, allowed):
    for status in ("brouillon", "validee", "verrouillee", "en_cours", "close", "publiee"):
        if status in allowed:
            require_action(action, status=status, campaign="essai")
        else:
            with pytest.raises(CampaignError, match="n'y est pas possible → "):
                require_action(action, status=status, campaign="essai")
