import pytest

GAS = "ça sent le gaz. Et quand passe le bac jaune à Deauville ?"


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_letter_about_danger_answers_the_rest_after_the_instructions(new_chat, channel):
    told = new_chat(channel=channel).say(GAS, "collecte_calendrier", commune="14220")
    text = told.text.replace("\u00a0", " ")
    assert told.next_action.kind == "safety"
    assert text.index("Ouvrez les fenêtres") < text.index("Pour votre autre demande")
    assert text.index("« Jours de collecte »") < text.index("À Deauville, les jours de collecte")
    assert "Source :" in text


def test_a_letter_about_danger_that_is_not_sure_of_the_rest_gives_it_to_a_person(new_chat):
    ranking = (("collecte_calendrier", 0.5), ("collecte_manquee", 0.4))
    told = new_chat(channel="mail").say(GAS, "collecte_calendrier", "clarify", ranking=ranking)
    assert told.next_action.kind == "safety"
    assert told.ticket.reason == "check"


@pytest.mark.parametrize("channel", ["web", "voice"])
def test_elsewhere_the_rest_is_the_first_choice_after_the_instructions(new_chat, channel):
    chat = new_chat(channel=channel)
    told = chat.say(GAS, "collecte_calendrier", commune="14220")
    assert told.next_action.kind == "safety"
    assert "Jours de collecte" in told.speech_text
    assert told.quick_replies[0].payload == "intent:collecte_calendrier"
    # The commune was said.
    assert chat.click("intent:collecte_calendrier").next_action.target == "secteur"


@pytest.mark.parametrize(
    ("intent", "decision"),
    [("eau_fuite", "answer"), ("signaler_autre", "answer"), ("collecte_calendrier", "hand_over")],
)
def test_a_danger_alone_is_told_alone(chat, intent, decision):
    told = chat.say("ça sent le gaz", intent, decision, ranking=((intent, 0.4),))
    assert "autre chose" not in told.text
    assert [one.payload for one in told.quick_replies] == ["intent:demander_humain"]


def test_a_letter_about_danger_that_stops_the_messages_stops_them(api):
    from serving.store.sessions import pseudonym_of
    from serving.store.tables import opt_out

    body = api.say("ça sent le gaz. Et stop aux messages.", channel="mail").json()
    assert body["next_action"]["kind"] == "safety"
    with api.store.engine.connect() as connection:
        kept = connection.execute(opt_out.select()).mappings().all()
    assert pseudonym_of(body["session_id"]) in [one["pseudonym"] for one in kept]
