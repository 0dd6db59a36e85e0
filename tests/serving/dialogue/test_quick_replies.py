import pytest

from serving.dialogue.quick_replies import understanding_of_click


@pytest.mark.parametrize(
    "payload", ["", "intent:", "intent:inconnue", "commune:", "action:effacer", "x:y", "é" * 9999]
)
def test_a_forged_payload_is_refused_in_french(parts, payload):
    with pytest.raises(ValueError, match="choix inconnu") as raised:
        understanding_of_click(payload, parts[0])
    assert len(str(raised.value)) < 100


def test_every_choice_that_is_offered_can_be_clicked(new_chat, parts):
    for intent in parts[0].intents:
        told = new_chat().say("bonjour", intent)
        for one in told.quick_replies:
            assert one.label
            assert understanding_of_click(one.payload, parts[0]).decision == "answer"
