import pytest

from serving.store.sessions import pseudonym_of
from serving.store.tables import feedback


def send(api, headers=None, **body):
    return api.call("POST", "/v1/feedback", "feedback", json=body, headers=headers or {})


def stored(api, answer):
    query = feedback.select().where(feedback.c.identifier == answer.json()["feedback_id"])
    with api.store.engine.connect() as connection:
        return connection.execute(query).mappings().one()


def test_an_opinion_on_a_message_finds_its_conversation(api):
    turn = api.say("bac jaune").json()
    answer = send(
        api,
        message_id=turn["message_id"],
        thumb="down",
        corrected_intent="encombrants_info",
        comment="Rappelez Mme Petit au 06 12 34 56 78",
    )
    assert answer.status_code == 201
    row = stored(api, answer)
    assert row["conversation"] == pseudonym_of(turn["session_id"])
    assert row["corrected_intent"] == "encombrants_info"
    assert "Petit" not in row["comment"]
    assert "06 12" not in row["comment"]


def test_a_survey_may_be_about_nothing_in_particular(api):
    row = stored(api, send(api, rating=4, resolved=True))
    assert (row["rating"], row["resolved"], row["message"]) == (4, True, None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": 0},
        {"rating": 6},
        {"rating": "5"},
        {"thumb": "sideways"},
        {"corrected_intent": "encombrants_info"},
        {"message_id": "m_" + "0" * 32, "thumb": "up"},
        {"message_id": "m_" + "0" * 32, "corrected_intent": "inconnue"},
        {"comment": "a" * 2_001},
    ],
)
def test_what_makes_no_sense_is_refused(api, body):
    answer = send(api, **body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_the_same_opinion_sent_again_counts_once(api):
    headers = {"Idempotency-Key": "avis-00000001"}
    first = send(api, headers=headers, rating=5)
    again = send(api, headers=headers, rating=5)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert send(api, headers=headers, rating=1).status_code == 422
