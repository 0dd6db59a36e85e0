from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from serving.dialogue.conversation import Conversation
from serving.dialogue.routing import reply

PARIS = ZoneInfo("Europe/Paris")
TWO = (("bac_casse", 0.5), ("bac_livraison", 0.4))


def labels(told):
    return [one.label for one in told.quick_replies]


def payloads(told):
    return [one.payload for one in told.quick_replies]


def test_a_sure_message_is_answered_with_its_source_and_date(chat):
    told = chat.say("le pot de yaourt ?", "tri_consigne_objet", type_dechet="pot de yaourt")
    assert "emballage" in told.text
    assert told.next_action.kind == "answer"
    assert told.sources[0].title
    assert told.sources[0].date == date(2026, 11, 1)


def test_a_demonstration_value_says_so_in_the_text_and_aloud(chat):
    told = chat.say("quand sortir le bac", "collecte_sortie_bac")
    assert told.sources[0].synthetic
    assert "onnée de démonstration" in told.text
    assert "donnée de démonstration" in told.speech_text


def test_a_doubtful_message_is_asked_between_the_two_best(chat):
    told = chat.say("mon bac", "bac_casse", "clarify", ranking=TWO)
    assert told.next_action.kind == "clarify"
    assert payloads(told) == ["intent:bac_casse", "intent:bac_livraison", "intent:demander_humain"]
    assert "« Bac cassé » ou « Obtenir un bac »" in told.text.replace("\u00a0", " ")


def test_the_same_choice_is_not_asked_twice_and_then_a_person_comes(chat):
    kinds = [
        chat.say("mon bac", "bac_casse", "clarify", ranking=TWO).next_action.target
        for _ in range(3)
    ]
    assert kinds == ["bac_casse bac_livraison", "reformuler", "conseiller"]


def test_a_click_on_a_choice_is_answered_without_the_model(chat):
    chat.say("mon bac", "bac_casse", "clarify", ranking=TWO)
    told = chat.click("intent:bac_livraison", "Obtenir un bac")
    assert told.ticket.intent == "bac_livraison"
    assert chat.state.clarified == ()


def test_two_messages_in_a_row_that_are_not_understood_bring_a_person(chat):
    first = chat.say("gloubi", "bac_casse", "hand_over")
    assert first.next_action.kind == "clarify"
    assert "intent:demander_humain" in payloads(first)
    second = chat.say("boulga", "bac_casse", "hand_over")
    assert second.next_action.kind == "hand_over"
    assert second.ticket.reason == "not_understood"


def test_an_answer_in_between_starts_the_count_again(chat):
    chat.say("gloubi", "bac_casse", "hand_over")
    chat.say("merci", "bavardage")
    assert chat.say("boulga", "bac_casse", "hand_over").next_action.kind == "clarify"


def test_out_of_scope_says_what_sophie_knows_then_brings_a_person(chat):
    first = chat.say("il fera beau ?", "hors_perimetre", "hand_over")
    assert "sort de ce que je connais" in first.text
    assert chat.say("et demain ?", "hors_perimetre", "hand_over").next_action.kind == "hand_over"


def test_another_territory_is_never_answered_with_ours(chat):
    told = chat.say(
        "collecte à Honfleur ?", "collecte_calendrier", commune_hors_territoire="Honfleur"
    )
    assert "Honfleur" in told.text
    assert "12 communes" in told.text


@pytest.mark.parametrize("decision", ["answer", "hand_over"])
def test_who_asks_for_a_person_gets_one(chat, decision):
    told = chat.say("un conseiller svp", "demander_humain", decision)
    assert (told.next_action.kind, told.ticket.reason) == ("hand_over", "asked")
    assert payloads(told) == ["action:formulaire", "action:telephone", "action:accueil"]


@pytest.mark.parametrize(
    "message",
    ["C'est SCANDALEUX", "servic lamentable jv me plaindre au maire", "j'en ai marre", "une honte"],
)
def test_anger_brings_a_person_with_a_word_of_regret(chat, message):
    told = chat.say(message, "collecte_calendrier")
    assert told.ticket.reason == "anger"
    assert "désolée" in told.text


@pytest.mark.parametrize("message", ["Ça suffit de rincer le pot ?", "une bande de papier", "nul"])
def test_ordinary_words_are_not_anger(chat, message):
    assert chat.say(message, "tri_regles_generales").ticket is None


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 23, 10, tzinfo=PARIS), "ouvert en ce moment, jusqu'à 17 heures"),
        (datetime(2026, 11, 23, 8, tzinfo=PARIS), "là aujourd'hui à 9 heures"),
        (datetime(2026, 11, 23, 18, tzinfo=PARIS), "là demain, mardi 24 novembre, à 9 heures"),
        (datetime(2026, 11, 20, 18, tzinfo=PARIS), "là lundi 23 novembre à 9 heures"),
        (datetime(2026, 12, 19, 10, tzinfo=PARIS), "jusqu'à 12 heures"),
        (datetime(2026, 12, 31, 18, tzinfo=PARIS), "là samedi 2 janvier 2027 à 9 heures"),
        (datetime(2026, 11, 23, 7, 30, tzinfo=ZoneInfo("UTC")), "là aujourd'hui à 9 heures"),
    ],
)
def test_a_hand_over_says_when_a_person_is_there_and_the_ways(new_chat, moment, told):
    answered = new_chat(now=moment).say("un conseiller", "demander_humain")
    text = answered.text.replace("\u00a0", " ")
    assert told in text
    for way in ("formulaire", "téléphoner", "accueil"):
        assert way in text


@pytest.mark.parametrize("intent", ["bac_livraison", "reclamation", "suivi_demande", "rdv_prendre"])
def test_what_a_person_must_do_is_handed_over_with_a_typed_ticket(chat, parts, intent):
    told = chat.say("bonjour", intent, numero_demande="2019-458", commune="14220")
    assert told.next_action.kind == "hand_over"
    assert told.ticket.theme == parts[0].intents[intent].theme
    assert (told.ticket.commune, told.ticket.request_number) == ("14220", "2019-458")
    assert (told.ticket.reason, told.ticket.opened) == ("request", chat.now)


def test_the_first_turn_says_that_sophie_is_an_automaton_and_only_the_first(chat):
    first, second = chat.say("bonjour", "bavardage"), chat.say("merci", "bavardage")
    assert "assistant automatique" in first.disclosure
    assert first.text.startswith(first.disclosure)
    assert second.disclosure is None
    assert "automatique" not in second.text


def test_sophie_says_that_she_is_no_person_when_asked(chat):
    chat.say("bonjour", "bavardage")
    told = chat.say("t un robot ou koi", "identite_bot")
    assert "je ne suis pas une personne" in told.text


@pytest.mark.parametrize(
    "message",
    [
        "je suis diabétique et mon bac est lourd",
        "mon numéro de sécu est 2 84 05 14 220 123 45",
        "ma carte 4970 1012 3456 7890",
        "FR76 3000 6000 0112 3456 7890 189",
    ],
)
def test_sensitive_data_gets_a_warning_with_the_answer(chat, message):
    told = chat.say(message, "contact_horaires")
    assert told.warning in told.text
    assert "L'accueil est ouvert" in told.text


@pytest.mark.parametrize(
    "message", ["une batterie malade", "2 rue du 8 mai 1945", "j'ai perdu mon mot de passe Veolia"]
)
def test_ordinary_messages_get_no_warning(chat, message):
    assert chat.say(message, "contact_horaires").warning is None


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("bonjour Sophie", "Bonjour !"),
        ("merci beaucoup", "Avec plaisir"),
        ("merci, bonne journée !", "Bonne journée"),
    ],
)
def test_small_talk_is_answered_in_kind(chat, message, told):
    assert told in chat.say(message, "bavardage").text.replace("\u00a0", " ")


def test_an_empty_message_and_a_foreign_one_are_told_apart(new_chat):
    assert "pas de texte" in new_chat().say("", None, "hand_over").text
    foreign = new_chat().say("where is the bin", None, "hand_over", reason="foreign_language")
    assert "English" not in foreign.text
    assert "I only understand French" in foreign.text


def test_when_no_answer_is_valid_a_person_checks(new_chat):
    early = datetime(2026, 1, 5, 10, tzinfo=PARIS)
    told = new_chat(now=early).say("bonjour", "bavardage")
    assert (told.next_action.kind, told.ticket.reason) == ("hand_over", "check")


def test_a_time_without_zone_is_refused(parts, make):
    knowledge, calendar, hours = parts
    with pytest.raises(ValueError, match="time zone"):
        reply(
            make.understood("bavardage"), message="a", conversation=Conversation(),
            knowledge=knowledge, calendar=calendar, opening_hours=hours, channel="web",
            now=datetime(2026, 11, 23, 10),
        )  # fmt: skip


@pytest.mark.parametrize("way", ["action:formulaire", "action:telephone", "action:accueil"])
def test_a_way_to_reach_a_person_is_told_and_opens_no_second_request(chat, way):
    assert chat.say("je veux quelqu'un", "demander_humain").ticket is not None
    told = chat.click(way, "Téléphoner")
    assert told.ticket is None
    assert "service.dechets@coeurcotefleurie.org" in told.text
    assert "02 31 88 50 00" in told.text.replace("\u00a0", " ")


def test_insults_bring_a_person(chat):
    told = chat.say("bande de connards, bons à rien", "bavardage")
    assert (told.next_action.kind, told.ticket.reason) == ("hand_over", "anger")


def test_the_adviser_is_proposed_once_and_small_talk_never(chat):
    ranking = (("bavardage", 0.5), ("demander_humain", 0.2), ("bac_casse", 0.1))
    told = chat.say("euh", "bavardage", "hand_over", ranking=ranking)
    assert payloads(told) == ["intent:bac_casse", "intent:demander_humain"]


def test_a_place_of_the_territory_is_not_sent_away(chat):
    ranking = (("hors_perimetre", 0.7), ("collecte_calendrier", 0.1))
    told = chat.say(
        "je suis à Deauville, la poubelle", "hors_perimetre", "hand_over",
        ranking=ranking, commune="14220",
    )  # fmt: skip
    assert payloads(told)[0] == "intent:collecte_calendrier"


@pytest.mark.parametrize(
    "message", ["à quelle heure ferme la déchèterie ?", "un pique-nique sans déchet, des idées ?"]
)
def test_ordinary_words_are_no_insult(chat, message):
    assert chat.say(message, "contact_horaires").next_action.kind == "answer"


def test_neither_small_talk_nor_the_adviser_is_a_subject_to_choose(chat):
    ranking = (("demander_humain", 0.4), ("bavardage", 0.3), ("bac_casse", 0.1), ("eau_prix", 0.1))
    told = chat.say("le maire", "demander_humain", "clarify", ranking=ranking)
    assert payloads(told) == ["intent:bac_casse", "intent:eau_prix", "intent:demander_humain"]
