from datetime import date

import pytest

TODAY = date(2026, 11, 23)
DOUBT = (("nudge_stop", 0.5), ("nudge_info", 0.4))


@pytest.mark.parametrize("decision", ["answer", "hand_over"])
def test_messages_are_stopped_the_same_day_without_a_question(chat, decision):
    told = chat.say("stop", "nudge_stop", decision)
    assert (told.next_action.kind, told.next_action.target) == ("opt_out", "tous_les_canaux")
    assert (told.ticket.reason, told.ticket.due) == ("opt_out", TODAY)
    assert "23 novembre 2026" in told.text.replace("\u00a0", " ")


def test_one_channel_is_stopped_when_only_one_is_named(chat):
    assert chat.say("plus de sms", "nudge_stop", canal="sms").next_action.target == "sms"


@pytest.mark.parametrize("decision", ["answer", "hand_over"])
def test_a_request_on_personal_data_is_routed_the_same_day(chat, decision):
    told = chat.say("mes données", "rgpd_droits", decision)
    assert told.next_action.kind == "rights"
    assert (told.ticket.intent, told.ticket.due) == ("rgpd_droits", TODAY)
    assert "un mois" in told.text


@pytest.mark.parametrize("intent", ["nudge_stop", "rgpd_droits"])
def test_a_right_is_clarified_once_at_most(chat, intent):
    doubt = ((intent, 0.5), ("nudge_info", 0.4))
    kinds = [chat.say("euh", intent, "clarify", ranking=doubt).next_action.kind for _ in range(2)]
    assert kinds == ["clarify", "opt_out" if intent == "nudge_stop" else "rights"]


def test_a_right_in_second_place_goes_to_a_person_rather_than_be_asked_again(chat):
    second = (("nudge_info", 0.5), ("nudge_stop", 0.4))
    chat.say("euh", "nudge_info", "clarify", ranking=second)
    told = chat.say("euh", "nudge_info", "clarify", ranking=second)
    assert (told.next_action.kind, told.ticket.due) == ("hand_over", TODAY)
    assert told.ticket.intent == "nudge_stop"


def test_a_right_is_not_asked_about_twice_even_with_another_neighbour(chat):
    chat.say("euh", "nudge_stop", "clarify", ranking=DOUBT)
    told = chat.say(
        "euh", "rgpd_droits", "clarify", ranking=(("rgpd_droits", 0.5), ("bavardage", 0.4))
    )
    assert told.next_action.kind == "rights"


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_letter_about_rights_is_acted_upon_at_once(new_chat, channel):
    told = new_chat(channel=channel).say("stop", "nudge_stop", "clarify", ranking=DOUBT)
    assert told.next_action.kind == "opt_out"


def test_rights_interrupt_a_report(chat):
    chat.say("dépôt sauvage", "signaler_depot_sauvage")
    assert chat.say("stop", "nudge_stop").next_action.kind == "opt_out"
    assert chat.state.report is None
