import pytest


def said(told):
    return told.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("ok", "Très bien"),
        ("d'accord", "Très bien"),
        ("ok mci", "Avec plaisir"),
        ("non merci", "C'est entendu"),
        ("oui", "Je vous écoute"),
        ("lol", "Je vous écoute"),
        ("bonsoir", "Bonjour !"),
    ],
)
@pytest.mark.parametrize("before", ["nudge_stop", "contact_horaires"])
def test_a_few_words_after_an_answer_are_answered_in_kind(chat, before, word, answer):
    chat.say("stop" if before == "nudge_stop" else "horaires ?", before)
    told = chat.say(word, "bavardage")
    assert said(told).startswith(answer)
    assert told.quick_replies
    assert told.ticket is None


def test_the_model_need_not_recognise_a_yes_or_a_no(chat):
    chat.say("horaires ?", "contact_horaires")
    assert "Je vous écoute" in said(chat.say("oui", "hors_perimetre", "hand_over"))
    assert "Bonne journée" in said(chat.say("non", "hors_perimetre", "hand_over"))


def test_an_assent_to_a_choice_asks_for_words(chat):
    ranking = (("bac_casse", 0.5), ("bac_livraison", 0.4))
    chat.say("bac", "bac_casse", "clarify", ranking=ranking)
    assert "Je vous écoute" in said(chat.say("ok", "bavardage"))


def test_a_question_that_is_open_survives_thanks_and_is_answered_in_general_on_assent(new_chat):
    chat = new_chat()
    chat.say("le bac jaune à Deauville ?", "collecte_calendrier", commune="14220")
    chat.say("merci", "bavardage")
    told = chat.say("secteur 2", "hors_perimetre", "hand_over")
    assert "Deauville, secteur 2" in said(told)
    other = new_chat()
    other.say("le bac jaune à Deauville ?", "collecte_calendrier", commune="14220")
    assert "les jours de collecte dépendent du secteur" in said(other.say("ok", "bavardage"))


def test_what_was_talked_about_survives_a_few_words(chat):
    chat.say("où jeter un pot de yaourt ?", "tri_consigne_objet", type_dechet="pot de yaourt")
    chat.say("ok", "bavardage")
    told = chat.say("et une télé ?", "tri_consigne_objet", type_dechet="télévision")
    assert "télévision" in told.text


def test_a_voice_that_says_hello_is_greeted(new_chat):
    assert "Bonjour !" in said(new_chat().say("allô", "hors_perimetre", "hand_over"))


def test_to_let_it_go_is_understood(chat):
    chat.say("horaires ?", "contact_horaires")
    assert "C'est entendu" in said(chat.say("non laissez tomber", "bavardage", "hand_over"))
