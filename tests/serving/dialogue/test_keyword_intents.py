import pytest

from serving.dialogue.keyword_intents import understand_by_keywords

CASES = [
    ("fuite d'eau dans la rue", "eau_fuite"),
    ("je veux parler à un conseiller", "demander_humain"),
    ("jveu un humain pa une machine", "demander_humain"),
    ("stop pub arreté de mecrire", "nudge_stop"),
    ("supprimez mes données personnelles", "rgpd_droits"),
    ("Êtes-vous un robot ?", "identite_bot"),
    ("je veux faire une réclamation", "reclamation"),
]


@pytest.mark.parametrize(("message", "intent"), CASES)
def test_what_must_never_wait_is_recognised_without_the_model(parts, message, intent):
    found = understand_by_keywords(message, parts[0].lexicons)
    assert (found.intent, found.decision, found.degraded) == (intent, "answer", True)


@pytest.mark.parametrize(
    "message", ["quand passe le bac jaune ?", "", "où jeter un pot de yaourt", "non-stop ?"[:3]]
)
def test_everything_else_is_handed_over_at_once(chat, parts, message):
    found = understand_by_keywords(message, parts[0].lexicons)
    assert (found.intent, found.decision) == (None, "hand_over")
    told = chat.say(message, found)
    assert (told.next_action.kind, told.ticket.reason) == ("hand_over", "degraded")


def test_rights_are_honoured_without_the_model(chat, parts):
    found = understand_by_keywords("arrêtez de m'écrire", parts[0].lexicons)
    assert chat.say("arrêtez de m'écrire", found).next_action.kind == "opt_out"


def test_clicks_still_work_without_the_model(chat):
    chat.click("intent:collecte_calendrier")
    chat.click("commune:14731")
    assert chat.state.sector == "vauville-1"
