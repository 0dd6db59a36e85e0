from collections import Counter
from datetime import date

from nudge.territory.conversation_parts import part_of
from serving.engagement.assignment import assign
from serving.engagement.running_campaigns import running_campaigns

NOWHERE = {"commune": None, "tournee": None}


def test_only_campaigns_that_run_today_and_speak_in_conversations(
    serving_store, run_campaign, today
):
    run_campaign(serving_store)
    run_campaign(serving_store, identifier="finie", status="close")
    run_campaign(serving_store, ("canal: chat", "canal: courrier"), identifier="papier")
    found = running_campaigns(serving_store, today=today)
    assert [one.identifier for one in found] == ["eco"]
    assert running_campaigns(serving_store, today=date(2027, 1, 1)) == ()
    assert running_campaigns(serving_store, today=date(2026, 10, 31)) == ()


def test_the_message_says_who_speaks_and_how_to_stop(serving_store, run_campaign, today):
    run_campaign(serving_store)
    arm = running_campaigns(serving_store, today=today)[0].arms["eco_geste_sophie"]
    assert "assistant automatique" in arm.message.text
    assert "Videz bien la bouteille" in arm.message.text
    assert "Pour ne plus recevoir ces messages" in arm.message.text
    assert running_campaigns(serving_store, today=today)[0].arms["temoin"].message is None


def test_a_simulated_campaign_says_so(serving_store, run_campaign, today):
    run_campaign(serving_store, simulation=True)
    found = running_campaigns(serving_store, today=today)[0]
    assert "SIMULATION" in found.title
    assert found.arms["eco_geste_sophie"].message.text.startswith("SIMULATION")


def test_a_message_that_cannot_be_rendered_is_never_shown(serving_store, run_campaign, today):
    run_campaign(serving_store, ("modele: astuce_fin", "modele: inconnu"))
    assert running_campaigns(serving_store, today=today) == ()


def campaign(store, run_campaign, today, *changes, **options):
    run_campaign(store, *changes, **options)
    return running_campaigns(store, today=today)[0]


def test_the_same_conversation_always_has_the_same_arm(serving_store, run_campaign, today):
    found = campaign(serving_store, run_campaign, today)
    again = running_campaigns(serving_store, today=today)[0]
    for number in range(50):
        first = assign(found, conversation=f"p_{number}", places=NOWHERE)
        assert assign(again, conversation=f"p_{number}", places=NOWHERE) == first


def test_arms_share_conversations_by_their_weights(serving_store, run_campaign, today):
    found = campaign(
        serving_store, run_campaign, today, ("canal: chat", "canal: chat\n    poids: 3"),
        ("    # Poids", "    #"), ("\n    poids: 1\n", "\n"),
    )  # fmt: skip
    arms = Counter(
        assign(found, conversation=f"p_{number}", places=NOWHERE).arm.identifier
        for number in range(4_000)
    )
    assert abs(arms["eco_geste_sophie"] / 4_000 - 0.75) < 0.03


def test_another_campaign_assigns_apart(serving_store, run_campaign, today):
    run_campaign(serving_store)
    run_campaign(serving_store, identifier="eco-2")
    one, other = running_campaigns(serving_store, today=today)
    same = sum(
        assign(one, conversation=f"p_{number}", places=NOWHERE).arm.control
        == assign(other, conversation=f"p_{number}", places=NOWHERE).arm.control
        for number in range(1_000)
    )
    assert 400 < same < 600


def test_where_communes_were_drawn_the_arm_is_that_of_the_commune(
    serving_store, run_campaign, today
):
    found = campaign(
        serving_store, run_campaign, today, ("unite: rue", "unite: commune"),
        drawn={"14220": "eco_geste_sophie", "14715": "temoin"},
    )  # fmt: skip
    for number in range(20):
        here = assign(found, conversation=f"p_{number}", places={"commune": "14220"})
        there = assign(found, conversation=f"p_{number}", places={"commune": "14715"})
        assert (here.arm.identifier, here.zone) == ("eco_geste_sophie", "14220")
        assert (there.arm.identifier, there.zone) == ("temoin", "14715")
        # Its own arm would show the message to people of the control communes.
        assert assign(found, conversation=f"p_{number}", places=NOWHERE) is None
        assert assign(found, conversation=f"p_{number}", places={"commune": "14999"}) is None


def test_where_conversations_were_drawn_the_arm_is_that_of_their_part(
    serving_store, run_campaign, today
):
    parts = {f"conversation-{number:03d}": "temoin" for number in range(1, 200)}
    found = campaign(
        serving_store, run_campaign, today, ("unite: rue", "unite: conversation"),
        drawn={**parts, "conversation-150": "eco_geste_sophie"},
    )  # fmt: skip
    seen = Counter()
    for number in range(2_000):
        pseudonym = f"p_{number}"
        part = part_of(pseudonym, salt=found.salt)
        given = assign(found, conversation=pseudonym, places={"commune": "14220"})
        if part == "conversation-200":
            assert given is None
            continue
        expected = "eco_geste_sophie" if part == "conversation-150" else "temoin"
        assert (given.arm.identifier, given.zone) == (expected, part)
        seen[expected] += 1
    assert seen["eco_geste_sophie"] > 0
