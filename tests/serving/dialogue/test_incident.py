import pytest

from nlu.entities.entity import Entity
from serving.dialogue.incident import SERVICES
from serving.incidents.service import load_services
from serving.knowledge.load import DATASETS

DEAUVILLE = "14220"


def target(told):
    return told.next_action.target


def test_a_report_is_taken_step_by_step_and_sent_on_the_citizens_word(chat):
    first = chat.say("La borne pose problème", "signaler_pav_plein")
    assert target(first) == "type_incident"
    assert [q.payload for q in first.quick_replies][:2] == [
        "signalement:pav_plein", "signalement:pav_degrade"
    ]  # fmt: skip
    assert target(chat.click("signalement:pav_plein", "Point d’apport plein")) == "lieu"
    assert target(chat.say("parking du casino", "bavardage", "hand_over")) == "lieu_commune"
    confirm = chat.click(f"commune:{DEAUVILLE}", "Deauville")
    assert target(confirm) == "confirmation"
    assert "parking du casino (Deauville)" in confirm.text
    assert confirm.report is None
    done = chat.say("oui c'est ça", None, "hand_over")
    assert (done.next_action.kind, target(done)) == ("report", "pav_plein")
    assert done.report.address_string == "parking du casino"
    assert done.report.commune == DEAUVILLE
    assert done.report.description == "La borne pose problème"
    assert chat.state.report is None


def test_a_commune_alone_is_no_place(chat):
    chat.say("on m'a volé mon bac", "bac_perdu_vole")
    named = Entity(name="commune", start=2, end=11, text="Deauville", value=DEAUVILLE)
    told = chat.say("à Deauville", "commune_info", "hand_over", commune=named)
    assert target(told) == "lieu"
    assert "précisément à Deauville" in told.text
    told = chat.say("rue du port", "signaler_autre")
    assert "rue du port (Deauville)" in told.text


def test_a_street_given_instead_of_the_commune_is_kept(chat):
    chat.say("on m'a volé mon bac", "bac_perdu_vole")
    assert target(chat.say("à Villers", "commune_info", "hand_over")) == "lieu_commune"
    told = chat.say("rue du port", "signaler_autre")
    assert "rue du port, à Villers" in told.text


def test_a_question_asked_instead_of_the_place_is_answered(chat):
    chat.say("la borne à verre est pleine", "signaler_pav_plein")
    told = chat.say("au fait, vous êtes ouverts quand ?", "contact_horaires")
    assert target(told) == "contact_horaires"


def test_a_complete_message_needs_only_the_confirmation(chat):
    told = chat.say("dépôt rue des Bains à Deauville", "signaler_depot_sauvage",
                    adresse="rue des Bains", commune=DEAUVILLE)  # fmt: skip
    assert target(told) == "confirmation"
    assert chat.click("confirmer:oui", "Oui").report.service_code == "depot_sauvage"


@pytest.mark.parametrize(
    ("intent", "message", "code"),
    [
        ("signaler_pav_plein", "la borne à verre déborde", "pav_plein"),
        ("signaler_pav_plein", "le conteneur est cassé", "pav_degrade"),
        ("signaler_autre", "la corbeille du front de mer déborde", "corbeille_pleine"),
        ("signaler_autre", "plein de mégots sur la plage", "megots_plage"),
        ("bac_casse", "roue hs", "bac_casse"),
        ("bac_perdu_vole", "on m'a volé mon bac", "bac_perdu_vole"),
        ("collecte_manquee", "pas passé ce matin", "collecte_manquee"),
    ],
)
def test_the_kind_of_incident_is_read_in_the_message(chat, intent, message, code):
    assert target(chat.say(message, intent)) == "lieu"
    assert chat.state.report.service_code == code


def test_an_incident_of_no_known_kind_goes_to_a_person(chat):
    chat.say("lampadaire kassé", "signaler_autre")
    told = chat.click("signalement:autre", "Autre chose")
    assert (told.next_action.kind, told.ticket.intent) == ("hand_over", "signaler_autre")


@pytest.mark.parametrize("word", ["annulez", "laissez tomber", "non merci"])
def test_a_report_can_be_given_up(chat, word):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    told = chat.say(word, None, "hand_over")
    assert "je ne transmets pas" in told.text
    assert chat.state.report is None


def test_a_report_can_be_given_up_while_the_place_is_asked(chat):
    chat.say("dépôt", "signaler_depot_sauvage")
    told = chat.say("laissez tomber", None, "hand_over")
    assert "je ne transmets pas" in told.text


def test_yes_and_no_together_send_nothing(chat):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    told = chat.say("oui enfin non", None, "hand_over")
    assert (told.next_action.kind, target(told)) == ("ask_slot", "confirmation")


def test_a_correction_is_read_back_before_it_is_sent(chat):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    told = chat.say("plutôt rue du Port", None, "hand_over", adresse="rue du Port")
    assert target(told) == "confirmation"
    assert "rue du Port" in told.text


def test_what_is_not_a_yes_is_asked_again_then_given_to_a_person(chat):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    assert target(chat.say("peut-être", None, "hand_over")) == "confirmation"
    assert chat.say("bof", None, "hand_over").next_action.kind == "hand_over"


def test_a_commune_that_is_not_found_is_asked_once(chat):
    chat.say("dépôt", "signaler_depot_sauvage")
    chat.say("au bord du chemin", None, "hand_over")
    told = chat.say("je ne sais pas", None, "hand_over")
    assert target(told) == "confirmation"
    assert "commune à préciser" in told.text


def test_a_place_outside_the_territory_is_not_reported(chat):
    told = chat.say(
        "dépôt à Honfleur", "signaler_depot_sauvage", commune_hors_territoire="Honfleur"
    )
    assert "n'est pas dans notre territoire" in told.text
    assert chat.state.report is None


def test_the_commune_of_before_does_not_hide_a_place_outside(chat):
    chat.say("horaires à Deauville", "contact_horaires", commune=DEAUVILLE)
    told = chat.say(
        "dépôt à Honfleur", "signaler_depot_sauvage", commune_hors_territoire="Honfleur"
    )
    assert "n'est pas dans notre territoire" in told.text


def test_a_click_on_another_subject_leaves_the_report(chat):
    chat.say("dépôt", "signaler_depot_sauvage")
    assert target(chat.click("intent:contact_horaires")) == "contact_horaires"
    assert chat.state.report is None


def test_what_the_citizen_wrote_is_read_back_as_written(chat):
    chat.say("dépôt", "signaler_depot_sauvage", commune=DEAUVILLE)
    told = chat.say("{{ 7*7 }} <script>", None, "hand_over")
    assert "{{ 7*7 }} <script>" in told.text
    assert "<" not in told.speech_text


def test_a_leak_in_the_street_can_be_reported_from_the_answer(chat):
    calm = chat.say("une fuite", "eau_fuite")
    assert "signalement:fuite_eau_voirie" in [one.payload for one in calm.quick_replies]
    assert target(chat.click("signalement:fuite_eau_voirie", "Signaler")) == "lieu"


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_letter_with_a_place_is_a_report_and_without_one_a_ticket(new_chat, channel):
    complete = new_chat(channel=channel).say(
        "dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE
    )
    assert complete.next_action.kind == "report"
    assert complete.report.address_string == "rue des Bains"
    vague = new_chat(channel=channel).say("dépôt", "signaler_depot_sauvage")
    assert (vague.next_action.kind, vague.ticket.reason) == ("hand_over", "request")


def test_the_kinds_are_those_of_the_list_of_services():
    services = load_services(DATASETS / "services" / "services.yaml").services
    assert {one.code for one in services} == set(SERVICES)


def test_a_postcode_of_several_communes_is_asked_about_once_more(chat, make):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains")
    codes = ["14220", "14699", "14731"]
    place = make.ambiguous("commune", "14800", codes)
    told = chat.say("14800", "hors_perimetre", "hand_over", commune=place)
    assert target(told) == "lieu_commune"
    assert [one.payload for one in told.quick_replies[:3]] == [f"commune:{one}" for one in codes]
    again = chat.say("14800", "hors_perimetre", "hand_over", commune=place)
    assert "commune à préciser" in again.text


def test_two_communes_named_are_asked_about(chat):
    named = [
        Entity(name="commune", start=start, end=end, text=text, value=code)
        for start, end, text, code in ((19, 28, "Deauville", "14220"), (32, 39, "Touques", "14699"))
    ]
    message = "dépôt rue du Lac, à Deauville ou Touques"
    road = Entity(name="adresse", start=6, end=16, text="rue du Lac", value="rue du Lac")
    told = chat.say(message, "signaler_depot_sauvage", a=road, b=named[0], c=named[1])
    assert target(told) == "lieu_commune"
    assert [one.label for one in told.quick_replies[:-1]] == ["Deauville", "Touques"]
    assert "(Touques)" in chat.click("commune:14699", "Touques").text


def test_a_detail_given_with_the_yes_is_kept(chat):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    done = chat.say("oui, et il y a aussi un frigo", "collecte_calendrier", "clarify")
    assert done.report.description == "dépôt\noui, et il y a aussi un frigo"
    assert "J'y ajoute" in done.text


@pytest.mark.parametrize("word", ["oui", "oui merci", "ok, allez-y", "d'accord, transmettez"])
def test_a_mere_yes_adds_nothing(chat, word):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    assert chat.say(word, None, "hand_over").report.description == "dépôt"


def test_a_detail_given_with_the_place_is_kept(chat):
    chat.say("mon bac est cassé", "bac_casse", commune=DEAUVILLE)
    said = "rue du Port, le couvercle aussi"
    chat.say(said, "bac_casse", "clarify", adresse="rue du Port")
    assert chat.state.report.description == f"mon bac est cassé\n{said}"
    assert chat.state.report.address_string == "rue du Port"


@pytest.mark.parametrize("word", ["non, c'est", "oui mais c'est", "ok,"])
def test_another_place_said_with_yes_or_no_is_read_back(chat, word):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    told = chat.say(f"{word} rue du Port", None, "hand_over", adresse="rue du Port")
    assert target(told) == "confirmation"
    assert "rue du Port (Deauville)" in told.text


def test_a_question_asked_with_the_yes_leaves_the_report_and_is_taken_up(chat):
    chat.say("dépôt", "signaler_depot_sauvage", adresse="rue des Bains", commune=DEAUVILLE)
    done = chat.say("oui, et quand passe le bac jaune ?", "collecte_calendrier")
    assert done.report.description == "dépôt"
    assert done.quick_replies[0].payload == "intent:collecte_calendrier"


def test_a_postcode_given_for_the_place_is_no_place(chat, make):
    chat.say("mon bac est cassé", "bac_casse")
    place = make.ambiguous("commune", "14800", ["14220", "14699"])
    told = chat.say("14800", "hors_perimetre", "hand_over", commune=place)
    assert target(told) == "lieu_commune"
    assert [one.label for one in told.quick_replies[:-1]] == ["Deauville", "Touques"]
    assert target(chat.click("commune:14699", "Touques")) == "lieu"
    assert "rue du stade (Touques)" in chat.say("rue du stade", None, "hand_over").text
