from dataclasses import replace

import pytest

from serving.dialogue.conversation import OpenTicket
from serving.dialogue.quoted_numbers import spelled
from serving.store.sessions import pseudonym_of
from serving.store.tables import message, ticket

NUMBER = "T-7K2M9QXA"


@pytest.fixture
def waiting(chat):
    """A conversation that has just left a complaint to a person."""
    chat.say("le camion a abîmé mon mur", "reclamation")
    chat.state = replace(chat.state, ticket=OpenTicket(number=NUMBER, intent="reclamation"))
    return chat


@pytest.mark.parametrize(
    ("text", "intent", "decision"),
    [
        ("c'est derrière l'église", "hors_perimetre", "hand_over"),
        ("c'était mardi matin", "collecte_calendrier", "clarify"),
        ("le mur est fissuré", "reclamation", "answer"),
        ("je précise : le camion du bac jaune", "collecte_calendrier", "answer"),
        ("c'est une honte", "hors_perimetre", "hand_over"),
    ],
)
def test_what_completes_a_request_is_added_to_it(waiting, text, intent, decision):
    told = waiting.say(text, intent, decision)
    assert told.addition == NUMBER
    assert told.ticket is None
    assert f"ajouté à votre demande n° {NUMBER}" in told.text.replace("\u00a0", " ")
    assert told.quick_replies
    assert waiting.say("et encore un détail", "hors_perimetre", "hand_over").addition == NUMBER


@pytest.mark.parametrize(
    ("text", "intent", "decision"),
    [
        ("jours de collecte à Touques", "collecte_calendrier", "answer"),
        ("et le verre, ça passe quand ?", "collecte_calendrier", "clarify"),
        ("quand est-ce que ça passe", "collecte_calendrier", "clarify"),
        ("merci", "bavardage", "answer"),
        ("ok", "hors_perimetre", "hand_over"),
        ("", None, "hand_over"),
    ],
)
def test_another_request_a_question_and_small_talk_are_not_added(waiting, text, intent, decision):
    assert waiting.say(text, intent, decision).addition is None


def test_a_request_stays_open_after_small_talk_and_the_ways_to_reach_a_person(waiting):
    waiting.say("merci", "bavardage")
    waiting.click("action:formulaire", "Laisser un message")
    told = waiting.say("voici mon message", "hors_perimetre", "hand_over")
    assert told.addition == NUMBER


def test_a_request_is_closed_to_additions_by_another_one(waiting):
    waiting.say("horaires de la redevance", "redevance_pro")
    assert waiting.say("derrière l'église", "hors_perimetre", "hand_over").addition is None


def test_a_new_request_for_a_person_is_a_new_one(waiting):
    told = waiting.say("je veux un conseiller", "demander_humain")
    assert (told.addition, told.ticket.reason) == (None, "asked")


def test_what_is_left_out_of_the_request_is_said(waiting):
    told = waiting.say("c'est au 12 rue des Lilas", "hors_perimetre", "hand_over")
    assert "ni adresse" in told.text
    assert "ni adresse" not in waiting.say("derrière l'église", None, "hand_over").text


def test_a_number_is_dictated_to_who_listens(new_chat):
    chat = new_chat(channel="voice")
    chat.state = replace(chat.state, ticket=OpenTicket(number=NUMBER, intent="reclamation"))
    told = chat.say("c'est derrière l'église", "hors_perimetre", "hand_over")
    assert spelled(NUMBER) in told.speech_text


def rows(api, table, **where):
    query = table.select()
    for name, value in where.items():
        query = query.where(table.c[name] == value)
    with api.store.engine.connect() as connection:
        return connection.execute(query).mappings().all()


def test_an_addition_is_kept_redacted_with_the_request(api):
    first = api.say("je veux parler à un conseiller").json()
    text = "je précise : c'est au 12 rue des Lilas à Touques, 06 12 34 56 78"
    second = api.say(text, session=first["session_id"]).json()
    assert second["ticket"] == first["ticket"]
    assert first["ticket"] in second["text"]
    pseudonym = pseudonym_of(first["session_id"])
    kept = rows(api, ticket, conversation=pseudonym)
    assert len(kept) == 1
    assert kept[0]["summary"].splitlines()[0] == "je veux parler à un conseiller"
    assert "je précise" in kept[0]["summary"]
    assert "06 12" not in kept[0]["summary"]
    assert kept[0]["commune"] == "14699"
    assert len(rows(api, message, conversation=pseudonym)) == 2


def test_an_addition_sent_again_is_added_once(api):
    first = api.say("je veux parler à un conseiller").json()
    headers = {"Idempotency-Key": "ajout-0001"}
    for _ in range(2):
        body = api.say("derrière l'église", session=first["session_id"], headers=headers).json()
    kept = rows(api, ticket, identifier=body["ticket"])[0]
    assert kept["summary"].count("derrière l'église") == 1
