import json

import pytest

from serving.store.sessions import pseudonym_of
from serving.store.tables import conversation, message, opt_out, service_request, ticket


def rows(api, table, **where):
    query = table.select()
    for name, value in where.items():
        query = query.where(table.c[name] == value)
    with api.store.engine.connect() as connection:
        return connection.execute(query).mappings().all()


def test_the_first_turn_discloses_and_gives_a_session(api):
    first = api.say("Bonjour, quand passe le bac jaune à Deauville ?").json()
    assert "automatique" in first["disclosure"]
    assert first["turn"] == 1
    assert first["automated_decision"] is False
    assert first["next_action"]["kind"] == "ask_slot"
    second = api.say(payload="secteur:deauville-1", session=first["session_id"]).json()
    assert second["turn"] == 2
    assert second["disclosure"] is None
    assert second["session_id"] == first["session_id"]
    assert second["next_action"]["kind"] == "answer"


def test_there_always_is_a_next_step(api):
    for text in ("", "🙂", "zzz", "bac jaune", "peut-être", "redevance", "stop", "{{ 7*7 }}"):
        body = api.say(text).json()
        assert body["next_action"]["kind"], text
        assert body["text"], text


def test_words_are_redacted_before_they_are_stored(api):
    text = "Je suis Mme Petit, 06 12 34 56 78, petit@exemple.fr, le bac jaune à Deauville ?"
    first = api.say(text).json()
    kept = rows(api, message, identifier=first["message_id"])[0]
    assert "Deauville" in kept["text"]
    everything = json.dumps(
        [dict(row) for table in (message, conversation, ticket) for row in rows(api, table)]
    )
    for secret in ("Petit", "06 12", "petit@", first["session_id"]):
        assert secret not in everything
    assert kept["conversation"] == pseudonym_of(first["session_id"])
    assert kept["intent"] == "collecte_calendrier"
    assert kept["margin"] == pytest.approx(0.94)


def test_a_request_for_a_person_leaves_a_ticket(api):
    body = api.say("je veux parler à un conseiller").json()
    assert body["next_action"]["kind"] == "hand_over"
    opened = rows(api, ticket, identifier=body["ticket"])[0]
    assert opened["reason"] == "asked"
    assert opened["status"] == "open"


def test_stop_is_recorded_at_once(api):
    body = api.say("stop").json()
    assert body["next_action"]["kind"] == "opt_out"
    assert rows(api, opt_out, pseudonym=pseudonym_of(body["session_id"]))


def test_the_same_request_sent_again_is_answered_the_same_and_done_once(api):
    headers = {"Idempotency-Key": "demande-0001"}
    first = api.say("je veux parler à un conseiller", headers=headers)
    again = api.say("je veux parler à un conseiller", headers=headers)
    assert again.json() == first.json()
    pseudonym = pseudonym_of(first.json()["session_id"])
    assert len(rows(api, message, conversation=pseudonym)) == 1
    assert len(rows(api, ticket, conversation=pseudonym)) == 1
    other = api.say("autre chose", headers=headers)
    assert other.status_code == 422
    # The session of a repeated first request is the conversation that it began.
    following = api.say("redevance", session=first.json()["session_id"]).json()
    assert following["turn"] == 2


def test_another_client_may_use_the_same_key(api):
    headers = {"Idempotency-Key": "demande-0002"}
    first = api.say("redevance", headers=headers).json()
    other = api.call(
        "POST", "/v1/messages", "admin", json={"text": "redevance"}, headers=headers
    ).json()
    assert other["session_id"] != first["session_id"]


def test_a_session_of_the_clients_own_making_is_not_taken(api):
    made_up = "s_" + "A" * 32
    assert api.say("redevance", session=made_up).json()["session_id"] != made_up
    assert api.say("redevance", session="s_court").status_code == 422


def test_text_or_click_but_one_of_them(api):
    assert api.say().status_code == 422
    assert api.say("a", payload="intent:bavardage").status_code == 422
    unknown = api.say(payload="intent:inconnue")
    assert unknown.status_code == 422
    assert "choix inconnu" in unknown.text


def test_a_voice_is_answered_in_speech(api):
    body = api.say("quand passe le bac jaune a deauville", channel="voice").json()
    assert "automate" in body["speech_text"] or "automatique" in body["speech_text"]
    assert "http" not in body["speech_text"]


def test_a_report_confirmed_in_conversation_becomes_a_service_request(api):
    session = api.say(payload="signalement:corbeille_pleine").json()["session_id"]
    for _ in range(6):
        body = api.say("place du marché à Deauville", session=session).json()
        if body["next_action"]["target"] == "confirmation":
            break
    body = api.say(payload="confirmer:oui", session=session).json()
    assert body["next_action"]["kind"] == "report", body
    report = rows(api, service_request, identifier=body["service_request_id"])[0]
    assert report["service_code"] == "corbeille_pleine"
    assert report["commune"] == "14220"
    assert report["status"] == "open"
    followed = api.call("GET", f"/open311/v2/requests/{report['identifier']}.json", "open311")
    assert followed.json()[0]["service_code"] == "corbeille_pleine"


def test_a_turn_that_arrives_during_another_is_told_to_try_again(api, monkeypatch):
    from serving.turns import take

    session = api.say("redevance").json()["session_id"]
    before = take.find_state(api.store, pseudonym_of(session))
    api.say("redevance", session=session)
    monkeypatch.setattr(take, "find_state", lambda _store, _pseudonym: before)
    late = api.say("bac jaune", session=session)
    assert late.status_code == 409
    assert len(rows(api, message, conversation=pseudonym_of(session))) == 2


def test_without_a_model_a_person_takes_over(degraded):
    body = degraded.say("quand passe le bac jaune").json()
    assert body["degraded"]
    assert body["next_action"]["kind"] == "hand_over"
    assert body["ticket"]


def test_a_store_that_does_not_answer_gives_503_and_recovers(api, monkeypatch):
    from serving.store.database import StoreBusyError
    from serving.turns import take

    def busy(_store):
        raise StoreBusyError("another program writes")

    with monkeypatch.context() as patch:
        patch.setattr(take, "recording", busy)
        refused = api.say("redevance")
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert refused.json()["type"] == "/problems/unavailable"
    assert api.say("redevance").status_code == 200
