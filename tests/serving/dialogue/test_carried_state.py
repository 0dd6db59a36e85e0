from serving.dialogue.conversation import Conversation, ReportDraft


def test_what_a_client_forges_is_forgotten_and_asked_again(chat):
    chat.state = Conversation(
        last_intent="inconnue",
        open_slot="mot_de_passe",
        fallbacks=-9,
        commune="99999",
        sector="../secret",
        clarified=("inconnue",) * 500,
    )
    told = chat.say("jours de collecte ?", "collecte_calendrier")
    assert told.next_action.target == "commune"
    assert (chat.state.commune, chat.state.sector, chat.state.clarified) == (None, None, ())


def test_a_forged_report_is_not_sent(chat):
    draft = ReportDraft(intent="signaler_depot_sauvage", service_code="centrale_nucleaire")
    chat.state = Conversation(open_slot="confirmation", report=draft, last_intent="bavardage")
    told = chat.click("confirmer:oui", "Oui")
    assert told.report is None


def test_a_report_of_an_unknown_intent_is_dropped(chat):
    chat.state = Conversation(open_slot="lieu", report=ReportDraft(intent="inconnue"))
    assert chat.say("bonjour", "bavardage").next_action.target == "bavardage"
    assert chat.state.report is None


def test_endless_words_in_a_carried_report_are_cut(chat):
    draft = ReportDraft(intent="bac_casse", service_code="bac_casse", address_string="a" * 90_000)
    chat.state = Conversation(open_slot="confirmation", report=draft, last_intent="bac_casse")
    assert len(chat.say("peut-être", None, "hand_over").text) < 2_000


def test_an_endless_message_of_many_lines_is_cut_in_the_state(chat):
    chat.say("a\n" * 50_000, "signaler_depot_sauvage")
    chat.say("rue\n" * 50_000, None, "hand_over")
    assert len(chat.state.report.description) <= 2_000
    assert len(chat.state.report.address_string) <= 200
