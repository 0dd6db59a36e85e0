import re

import pytest

INTENTS = ("contact_horaires", "commune_info", "tri_regles_generales", "bac_livraison")


@pytest.mark.parametrize("intent", INTENTS)
def test_what_is_said_has_no_markup_address_or_pictogram(new_chat, intent):
    told = new_chat(channel="voice").say("bonjour 😀 <b>", intent)
    assert not re.search(r"[<>*_`#@{}\n«»]|https?:|www\.|[\U0001F000-\U0001FAFF]", told.speech_text)
    assert "Je suis un assistant automatique, pas une personne" in told.speech_text


def test_choices_are_read_aloud(new_chat):
    chat = new_chat(channel="voice")
    ranking = (("bac_casse", 0.5), ("bac_livraison", 0.4))
    told = chat.say("mon bac", "bac_casse", "clarify", ranking=ranking)
    assert "Vous pouvez dire : Bac cassé, Obtenir un bac ou Parler à un conseiller." in (
        told.speech_text
    )


def test_every_channel_has_something_to_say_aloud(new_chat):
    for channel in ("web", "voice", "form", "mail"):
        assert new_chat(channel=channel).say("bonjour", "bavardage").speech_text


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_letter_is_complete(new_chat, channel):
    told = new_chat(channel=channel).say("horaires ?", "contact_horaires")
    text = told.text.replace("\u00a0", " ")
    assert text.startswith("Madame, Monsieur,")
    assert text.endswith("Communauté de Communes Cœur Côte Fleurie")
    for part in ("Vous nous avez écrit", "Source : Plaquette", "1er novembre 2026",
                 "salutations", "préparée par Sophie, l'assistant automatique"):  # fmt: skip
        assert part in text
    assert told.disclosure in told.text
    assert told.quick_replies == ()


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_doubtful_letter_goes_to_a_person(new_chat, channel):
    ranking = (("bac_casse", 0.5), ("bac_livraison", 0.4))
    told = new_chat(channel=channel).say("bac", "bac_casse", "clarify", ranking=ranking)
    assert (told.next_action.kind, told.ticket.reason) == ("hand_over", "check")


def test_a_letter_about_danger_starts_with_what_to_do(new_chat):
    told = new_chat(channel="mail").say("odeur de gaz", "eau_contact")
    assert told.text.split("\n\n")[1].startswith("Une odeur de gaz est une urgence")


def test_a_demonstration_value_is_said_in_the_letters_source(new_chat):
    told = new_chat(channel="mail").say("sortie du bac", "collecte_sortie_bac")
    assert "(donnée de démonstration)." in told.text
