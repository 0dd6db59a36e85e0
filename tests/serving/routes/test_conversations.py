import pytest

from serving.rights.persons import export_person
from serving.store.sessions import new_session, pseudonym_of


def erase(api, session, scope="messages"):
    body = {"session_id": session}
    return api.call("POST", "/v1/conversations/erase", scope, json=body)


def held(api, session):
    return set(export_person(api.store, pseudonym_of(session)))


def test_a_conversation_is_erased_and_nobody_elses(api):
    mine = api.say("je veux parler à un conseiller").json()["session_id"]
    other = api.say("redevance").json()["session_id"]
    opinion = {"session_id": mine, "rating": 2, "comment": "bof"}
    assert api.call("POST", "/v1/feedback", "feedback", json=opinion).status_code == 201
    assert held(api, mine) == {"conversation", "message", "ticket", "feedback"}
    done = erase(api, mine)
    assert (done.status_code, done.content) == (204, b"")
    assert held(api, mine) == set()
    assert "message" in held(api, other)
    again = api.say("redevance", session=mine).json()
    assert (again["turn"], again["session_id"] == mine) == (1, False)


def test_a_report_goes_with_its_conversation(api):
    session = api.say(payload="signalement:corbeille_pleine").json()["session_id"]
    for _ in range(6):
        body = api.say("place du marché à Deauville", session=session).json()
        if body["next_action"]["target"] == "confirmation":
            break
    api.say(payload="confirmer:oui", session=session)
    assert "service_request" in held(api, session)
    assert erase(api, session).status_code == 204
    assert held(api, session) == set()


def test_a_refusal_of_nudges_outlives_the_conversation(api):
    session = api.say("stop").json()["session_id"]
    erase(api, session)
    assert held(api, session) == {"opt_out"}


def test_what_is_unknown_or_erased_already_is_erased(api):
    assert erase(api, new_session()).status_code == 204
    session = api.say("redevance").json()["session_id"]
    assert [erase(api, session).status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("name", [None, "", "s_court", "p_" + "0" * 32])
def test_only_who_holds_the_session_may_erase(api, name):
    assert erase(api, name).status_code == 422


def test_a_key_without_the_right_does_not_erase(api):
    session = api.say("redevance").json()["session_id"]
    assert erase(api, session, "feedback").status_code == 403
    assert "message" in held(api, session)
