import pytest

from nlu.entities.entity import Entity

DEAUVILLE, TOUQUES, VILLERS, VILLERVILLE, VAUVILLE = "14220", "14699", "14754", "14755", "14731"


def payloads(told):
    return [one.payload for one in told.quick_replies if not one.payload.startswith("intent:")]


def test_a_postcode_of_several_communes_is_asked_about(chat, make):
    codes = ["14220", "14557", "14699", "14701", "14731"]
    place = make.ambiguous("commune", "14800", codes)
    told = chat.say("quand passe le bac jaune au 14800", "collecte_calendrier", commune=place)
    assert (told.next_action.kind, told.next_action.target) == ("ask_slot", "commune")
    assert "14800" in told.text
    assert sorted(payloads(told)) == [f"commune:{code}" for code in codes]


def test_the_calendar_is_given_once_commune_and_sector_are_known(chat):
    chat.say("jours de collecte ?", "collecte_calendrier")
    sector = chat.click(f"commune:{DEAUVILLE}", "Deauville")
    assert sector.next_action.target == "secteur"
    assert payloads(sector) == ["secteur:deauville-1", "secteur:deauville-2"]
    told = chat.click("secteur:deauville-1", "Deauville, secteur 1")
    text = told.text.replace("\u00a0", " ")
    assert "bac jaune : jeudi 26 novembre" in text
    assert "bac gris : aujourd’hui, lundi 23 novembre" in text
    assert "démonstration" in text
    assert (chat.state.commune, chat.state.sector) == (DEAUVILLE, "deauville-1")


@pytest.mark.parametrize("typed", ["secteur 2", "2", "le 2 svp", "deux", "le deuxième secteur"])
def test_a_sector_may_be_typed_instead_of_clicked(chat, typed):
    chat.say("jours de collecte ?", "collecte_calendrier")
    chat.click(f"commune:{DEAUVILLE}", "Deauville")
    told = chat.say(typed, "hors_perimetre", "hand_over")
    assert told.next_action.kind == "answer"
    assert "Deauville, secteur 2" in told.text
    assert chat.state.sector == "deauville-2"


@pytest.mark.parametrize("typed", ["secteur 9", "le 1 ou le 2", "oui", "c'est un appartement"])
def test_what_names_no_sector_is_not_taken_for_one(chat, typed):
    chat.say("jours de collecte ?", "collecte_calendrier")
    chat.click(f"commune:{DEAUVILLE}", "Deauville")
    chat.say(typed, "hors_perimetre", "hand_over")
    assert chat.state.sector is None


@pytest.mark.parametrize("said", ["je sais pas", "je ne connais pas mon secteur", "aucune idée"])
def test_who_does_not_know_the_sector_gets_a_person(chat, said):
    chat.say("jours de collecte ?", "collecte_calendrier")
    chat.click(f"commune:{DEAUVILLE}", "Deauville")
    told = chat.say(said, "bavardage", "hand_over")
    assert "avec votre rue" in told.text
    assert (told.ticket.intent, told.ticket.reason) == ("collecte_calendrier", "check")


def test_one_more_object_is_ruled_on_even_in_few_words(chat):
    chat.say("le pot de yaourt ?", "tri_consigne_objet", type_dechet="pot de yaourt")
    told = chat.say("et le journal ?", "tri_consigne_objet", "hand_over", type_dechet="journal")
    assert told.next_action.kind == "answer"
    assert "papier" in told.text


def test_the_day_asked_about_is_kept_while_the_sector_is_asked(chat):
    chat.say("collecte le 25 décembre ?", "collecte_perturbation", date="2026-12-25",
             commune=DEAUVILLE)  # fmt: skip
    told = chat.click("secteur:deauville-1", "Deauville, secteur 1")
    assert "annoncé le vendredi 25" in told.text


@pytest.mark.parametrize("said", ["rouge", "elle est rouge"])
def test_the_colour_that_sophie_asks_for_is_understood(chat, said):
    chat.say("il y a une étiquette sur mon bac", "bac_refuse")
    told = chat.say(said, "hors_perimetre", "hand_over")
    assert told.next_action.target == "bac_refuse"
    assert "rouge" in told.text


def test_the_colour_of_a_bin_is_not_that_of_a_label(chat):
    told = chat.say("il y a un mot sur mon bac vert", "bac_refuse")
    assert "De quelle couleur" in told.text


def test_a_place_outside_is_called_by_its_name(chat):
    outside = Entity(
        name="commune_hors_territoire", start=14, end=22, text="Honfleur", value="hors_territoire"
    )
    told = chat.say("collecte à    Honfleur", "hors_perimetre", "hand_over", place=outside)
    assert "Pour Honfleur" in told.text
    assert "hors_territoire" not in told.text


def test_glass_is_known_without_naming_an_object(chat):
    told = chat.say("le verre ça se jette où ?", "tri_consigne_objet", flux="verre")
    assert "borne à verre" in told.text


def test_what_was_said_is_not_asked_again(chat):
    chat.say("jours de collecte ?", "collecte_calendrier", commune=VAUVILLE)
    told = chat.say("et le jour férié ?", "collecte_perturbation", date="2027-03-11")
    assert told.next_action.kind == "answer"
    assert "pas de collecte le jeudi 11 mars 2027 (motif : travaux de voirie)" in (
        told.text.replace("\u00a0", " ")
    )


def test_a_moved_collection_and_an_ordinary_day_are_told_apart(chat):
    chat.say("jours de collecte ?", "collecte_calendrier", commune=VAUVILLE)
    quiet = chat.say("et le 12 mars ?", "collecte_perturbation", date="2027-03-12")
    assert "aucun changement de collecte n'est annoncé le vendredi 12 mars 2027" in (
        quiet.text.replace("\u00a0", " ")
    )
    beyond = chat.say("et en 2031 ?", "collecte_perturbation", date="2031-03-12")
    assert "aucun changement" not in beyond.text


def test_a_bare_name_answers_the_question_whatever_the_model_makes_of_it(chat, make):
    chat.say("jours de collecte ?", "collecte_calendrier")
    river = make.ambiguous("commune", "touques", [TOUQUES])
    told = chat.say("touques", "commune_info", commune=river)
    assert told.next_action.target == "secteur"
    assert "Touques compte plusieurs secteurs" in told.text


def test_a_name_of_two_communes_is_asked_about_once_more_then_answered_in_general(chat, make):
    chat.say("jours de collecte ?", "collecte_calendrier")
    place = make.ambiguous("commune", "villers", [VILLERS, VILLERVILLE])
    again = chat.say("villers", None, "hand_over", commune=place)
    assert payloads(again) == [f"commune:{VILLERS}", f"commune:{VILLERVILLE}"]
    told = chat.say("villers", None, "hand_over", commune=place)
    assert told.next_action.kind == "link"


def test_a_question_left_unanswered_does_not_come_back(chat):
    chat.say("jours de collecte ?", "collecte_calendrier")
    told = chat.say("je ne sais pas, jours de collecte ?", "collecte_calendrier")
    assert told.next_action.kind == "link"
    assert "votre secteur" in told.text


def test_another_request_is_followed(chat):
    chat.say("jours de collecte ?", "collecte_calendrier")
    told = chat.say("en fait je voudrais les horaires de l'accueil à Deauville svp",
                    "contact_horaires", commune=DEAUVILLE)  # fmt: skip
    assert told.next_action.target == "contact_horaires"


def test_an_object_of_two_meanings_is_asked_about(chat, make):
    doubt = make.ambiguous("type_dechet", "bouteille", ["bouteille en plastique", "pot de yaourt"])
    told = chat.say("ma bouteille", "tri_consigne_objet", type_dechet=doubt)
    assert payloads(told) == ["objet:bouteille en plastique", "objet:pot de yaourt"]
    assert "emballage" in chat.click("objet:pot de yaourt", "pot de yaourt").text


def test_a_municipal_service_is_sent_to_the_mairie_without_invention(chat):
    asked = chat.say("cantine de mon fils ?", "commune_info")
    assert len(payloads(asked)) == 12
    told = chat.click(f"commune:{TOUQUES}", "Touques")
    assert "mairie de Touques" in told.text
    assert told.next_action.kind == "link"
    assert not any(character.isdigit() for character in told.text.split("http")[0])


@pytest.mark.parametrize("payload", ["secteur:nulle-part", "commune:99999", "objet:licorne"])
def test_a_forged_choice_changes_nothing(chat, payload):
    chat.say("jours de collecte ?", "collecte_calendrier")
    told = chat.click(payload)
    assert told.next_action
    assert chat.state.commune is None
    assert chat.state.sector is None


def test_a_letter_that_names_its_commune_is_not_asked_for_it(new_chat):
    told = new_chat(channel="mail").say("collecte ?", "collecte_calendrier", commune=DEAUVILLE)
    assert "À Deauville" in told.text
    assert "Dites-moi votre commune" not in told.text


def test_a_letter_is_answered_and_not_asked(new_chat):
    told = new_chat(channel="mail").say("jours de collecte ?", "collecte_calendrier")
    assert told.next_action.kind == "link"


def test_a_postcode_given_before_the_question_is_remembered(chat, make):
    codes = ["14220", "14557", "14699", "14701", "14731"]
    place = make.ambiguous("commune", "14800", codes)
    alone = chat.say("14800", "hors_perimetre", "hand_over", commune=place)
    assert "14800" in alone.text
    assert "intent:collecte_calendrier" in [one.payload for one in alone.quick_replies]
    asked = chat.click("intent:collecte_calendrier", "Jours de collecte")
    assert asked.next_action.target == "commune"
    assert sorted(payloads(asked)) == [f"commune:{code}" for code in codes]
    assert chat.click(f"commune:{DEAUVILLE}", "Deauville").next_action.target == "secteur"
    assert chat.state.possible_communes == ()


def test_a_commune_given_before_the_question_is_not_asked_again(chat):
    chat.say("j'habite à Deauville", "hors_perimetre", "hand_over", commune=DEAUVILLE)
    assert chat.click("intent:collecte_calendrier").next_action.target == "secteur"


def test_a_postcode_of_the_commune_that_is_known_changes_nothing(chat, make):
    chat.say("à Deauville", "hors_perimetre", "hand_over", commune=DEAUVILLE)
    place = make.ambiguous("commune", "14800", [DEAUVILLE, TOUQUES])
    told = chat.say("le jaune au 14800 ?", "collecte_calendrier", commune=place)
    assert told.next_action.target == "secteur"
    assert chat.state.commune == DEAUVILLE


def test_one_more_object_named_alone_is_ruled_on(chat):
    chat.say("où jeter un pot de yaourt ?", "tri_consigne_objet", type_dechet="pot de yaourt")
    told = chat.say("et une télé", "hors_perimetre", "hand_over", type_dechet="télévision")
    assert told.next_action.target == "tri_consigne_objet"
    assert "télévision" in told.text


def test_a_sector_said_with_the_question_is_not_asked(chat):
    told = chat.say("le jaune à Deauville secteur deux ?", "collecte_calendrier", commune=DEAUVILLE)
    assert told.next_action.kind == "answer"
    assert chat.state.sector == "deauville-2"
