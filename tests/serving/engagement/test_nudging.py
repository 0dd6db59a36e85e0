from datetime import timedelta

import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from serving.engagement.conversation_rows import conversation_rows
from serving.engagement.nudging import RunningCampaigns, offer
from serving.engagement.running_campaigns import running_campaigns
from serving.store.database import instant, recording
from serving.store.opt_outs import record_opt_out
from serving.store.sessions import pseudonym_of
from serving.store.tables import conversation, exposure, message

NOWHERE = {"commune": None, "tournee": None}


def offered(store, campaigns, pseudonym, at):
    with recording(store) as connection:
        return offer(
            connection, campaigns, conversation=pseudonym, places=NOWHERE, message="m",
            intent="redevance_pro", at=at,
        )  # fmt: skip


def exposures(store):
    with store.engine.connect() as connection:
        return connection.execute(exposure.select()).mappings().all()


def test_each_arm_is_logged_once_and_the_control_sees_nothing(
    serving_store, run_campaign, today, now
):
    run_campaign(serving_store)
    campaigns = running_campaigns(serving_store, today=today)
    for number in range(60):
        first = offered(serving_store, campaigns, f"p_{number}", now)
        assert offered(serving_store, campaigns, f"p_{number}", now) == (None, None)
        assert (first[0] is None) == first[1].control
    logged = exposures(serving_store)
    assert len(logged) == 60
    assert 15 < sum(row["control"] for row in logged) < 45


def test_one_eco_gesture_a_conversation_whatever_the_campaigns(
    serving_store, run_campaign, today, now
):
    run_campaign(serving_store)
    run_campaign(serving_store, identifier="eco-2")
    campaigns = running_campaigns(serving_store, today=today)
    offered(serving_store, campaigns, "p_1", now)
    assert offered(serving_store, campaigns, "p_1", now + timedelta(days=29)) == (None, None)
    assert len(exposures(serving_store)) == 1


def test_who_opted_out_is_not_even_assigned(serving_store, run_campaign, today, now):
    run_campaign(serving_store)
    campaigns = running_campaigns(serving_store, today=today)
    with recording(serving_store) as connection:
        record_opt_out(connection, "p_1", source="conversation", at=now)
    assert offered(serving_store, campaigns, "p_1", now) == (None, None)
    assert exposures(serving_store) == []


def test_campaigns_are_read_again_after_half_a_minute_or_at_midnight(today):
    reads = []
    known = RunningCampaigns(lambda day: reads.append(day) or ())
    for clock in (0.0, 10.0, 29.0):
        known.today(today, clock=clock)
    assert len(reads) == 1
    known.today(today, clock=31.0)
    known.today(today + timedelta(days=1), clock=32.0)
    assert len(reads) == 3


def test_through_the_interface(api, run_campaign, monkeypatch, now):
    run_campaign(api.store)
    monkeypatch.setattr(type(api.services), "now", lambda _self: now)
    seen = {}
    for _ in range(30):
        first = api.say("redevance").json()
        seen.setdefault(first["nudge"] is not None, first)
        assert api.say("redevance", session=first["session_id"]).json()["nudge"] is None
    shown = seen[True]["nudge"]
    assert shown["campaign"] == "eco"
    assert "assistant automatique" in shown["text"]
    assert seen[False]["next_action"]["kind"] in {"answer", "link"}
    stopped = api.say(payload=shown["opt_out"]["payload"], session=seen[True]["session_id"])
    assert stopped.json()["next_action"]["kind"] == "opt_out"
    logged = exposures(api.store)
    assert len(logged) == 30
    assert {row["control"] for row in logged} == {True, False}

    before = len(logged)
    # Neither after a complaint, nor by voice, nor once the person has said stop.
    assert api.say("ma collecte a été manquée").json()["nudge"] is None
    assert api.say("redevance", channel="voice").json()["nudge"] is None
    session = api.say("stop").json()["session_id"]
    assert api.say("redevance", session=session).json()["nudge"] is None
    assert api.say("parler à un conseiller").json()["nudge"] is None
    assert len(exposures(api.store)) == before


def test_no_campaign_on_another_day(api, monkeypatch, now):
    monkeypatch.setattr(type(api.services), "now", lambda _self: now + timedelta(days=200))
    before = len(exposures(api.store))
    for _ in range(10):
        assert api.say("redevance").json()["nudge"] is None
    assert len(exposures(api.store)) == before


def add_trial(store, campaigns, now, *, size):
    """Conversations of which those nudged ask about eco-gestures far more often."""
    at = instant(now + timedelta(minutes=1))
    for number in range(size):
        pseudonym = f"p_{number:032x}"
        _, exposed = offered(store, campaigns, pseudonym, now)
        with recording(store) as connection:
            connection.execute(
                conversation.insert().values(
                    pseudonym=pseudonym, channel="web", state="{}", turns=1, started_at=at,
                    updated_at=at,
                )
            )  # fmt: skip
            interested = number % 10 < (2 if exposed.control else 7)
            connection.execute(
                message.insert().values(
                    identifier=f"m_{number}", conversation=pseudonym, at=at, turn=2, channel="web",
                    text="", intent="ecogeste_conseil" if interested else "redevance_pro",
                    confidence=0.9, margin=0.8, entropy=0.1, out_of_scope=0.0, decision="answer",
                    next_action="answer", degraded=False, model_version="m",
                )
            )  # fmt: skip


def test_conversations_are_analysed_with_the_machinery_of_trials(
    serving_store, run_campaign, today, now
):
    run_campaign(serving_store)
    add_trial(serving_store, running_campaigns(serving_store, today=today), now, size=120)
    rows = conversation_rows(serving_store, "eco")
    assert len(rows) == 120
    assert rows["unite"].is_unique
    plan = make_plan(
        outcome="interet", arm="groupe", cluster="unite", control="temoin",
        estimators=("zone-welch",), draws=99, influence=False,
    )  # fmt: skip
    found = analyze(rows, plan)
    effect = found.estimates[0]
    expected = rows.groupby("groupe")["interet"].mean()
    assert effect.estimate == pytest.approx(expected["eco_geste_sophie"] - expected["temoin"])
    assert effect.estimate > 0.3
    assert effect.ci_low > 0


def test_all_who_were_assigned_are_counted_and_only_what_came_after(
    serving_store, run_campaign, today, now
):
    run_campaign(serving_store)
    campaigns = running_campaigns(serving_store, today=today)
    add_trial(serving_store, campaigns, now, size=10)
    offered(serving_store, campaigns, pseudonym_of("s_" + "a" * 32), now)
    with recording(serving_store) as connection:
        record_opt_out(
            connection, "p_" + "0" * 32, source="conversation", at=now + timedelta(hours=1)
        )
        connection.execute(
            message.update()
            .where(message.c.identifier == "m_1")
            .values(at=instant(now - timedelta(hours=1)))
        )
    rows = conversation_rows(serving_store, "eco").set_index("conversation")
    assert len(rows) == 11
    assert rows.loc["p_" + "0" * 32, "desinscription"] == 1
    assert rows["desinscription"].sum() == 1
    assert rows.loc[f"p_{1:032x}", "tours"] == 0
    assert rows.loc[pseudonym_of("s_" + "a" * 32), "interet"] == 0
    assert pd.api.types.is_integer_dtype(rows["interet"])


def test_interest_that_comes_after_a_day_is_not_counted(serving_store, run_campaign, today, now):
    run_campaign(serving_store)
    add_trial(serving_store, running_campaigns(serving_store, today=today), now, size=10)
    before = conversation_rows(serving_store, "eco").set_index("conversation")["tours"]
    late = instant(now + timedelta(days=1, minutes=1))
    with recording(serving_store) as connection:
        connection.execute(message.update().where(message.c.identifier == "m_1").values(at=late))
    after = conversation_rows(serving_store, "eco").set_index("conversation")["tours"]
    assert (before == 1).all()
    assert after.to_dict() == {**before, f"p_{1:032x}": 0}


def test_nothing_follows_an_answer_that_says_it_cannot_answer(api, run_campaign, monkeypatch, now):
    run_campaign(api.store, identifier="eco-9")
    monkeypatch.setattr(type(api.services), "now", lambda _self: now)
    before = len(exposures(api.store))
    for _ in range(4):
        # The question left open is about another intent, which an eco-gesture may follow.
        session = api.say("quand passe le bac jaune ?").json()["session_id"]
        lost = api.say("quelle est la capitale du Pérou ?", session=session).json()
        assert lost["next_action"] == {"kind": "answer", "target": "hors_perimetre", "phones": []}
        assert lost["nudge"] is None
    assert len(exposures(api.store)) == before


def test_a_campaign_without_conversations_gives_no_row(serving_store):
    rows = conversation_rows(serving_store, "eco")
    assert len(rows) == 0
    assert {"unite", "groupe", "interet"} <= set(rows.columns)
