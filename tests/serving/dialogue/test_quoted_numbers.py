import pytest

from serving.dialogue.quoted_numbers import spelled


def test_a_number_is_dictated_sign_by_sign():
    assert spelled("T-7K2M") == "T, 7 K 2 M"
    assert spelled("SIG-482109-K7M2Q9") == "S I G, 4 8 2 1 0 9, K 7 M 2 Q 9"


@pytest.mark.parametrize("channel", ["web", "voice", "mail", "form"])
def test_the_number_of_a_request_is_told_where_no_page_shows_it(api, channel):
    told = api.say("un conseiller", channel=channel).json()
    heard, written = told["speech_text"], told["text"]
    assert (spelled(told["ticket"]) in heard) == (channel == "voice")
    assert (told["ticket"] in written) == (channel in ("mail", "form"))


def test_nothing_is_dictated_where_nothing_was_opened(api):
    told = api.say("bac jaune", channel="voice").json()
    assert told["ticket"] is None
    assert "numéro de votre demande" not in told["speech_text"]
