import pytest

from nlu.text.language import foreign_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Could you tell me when the yellow bin is collected?", "en"),
        ("Wann wird der Restmüll in unserer Straße abgeholt?", "de"),
        ("¿Cuándo pasa el camión de la basura por mi calle?", "es"),
        ("Wanneer wordt het oud papier opgehaald in onze straat?", "nl"),
    ],
)
def test_a_plain_foreign_sentence_is_named(text, language):
    assert foreign_language(text) == language
    assert foreign_language(text.upper()) == language


def test_capital_letters_of_every_word_do_not_hide_a_language():
    assert foreign_language("Can You Tell Me The Price") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Quand passe le camion des ordures ménagères à Trouville ?",
        "cest kan le bac jaune a trouville svp",
        "BONJOUR JE VOUDRAIS UN BAC JAUNE S'IL VOUS PLAIT",
        "euh oui allô je voulais savoir pour le rendez-vous de demain",
        "slt g pa u la collect 2 mon bac ds la rue",
    ],
)
def test_french_however_it_is_spelt_is_never_called_foreign(text):
    assert foreign_language(text) is None


@pytest.mark.parametrize("text", ["", "   ", "?!", "hello", "when the weather", "🙂🙂🙂🙂"])
def test_too_few_words_are_never_called_foreign(text):
    assert foreign_language(text) is None


@pytest.mark.parametrize("text", ["\ud83d\x00 \u202e a b c d", "1 2 3 4 5 6", "a" * 50_000])
def test_odd_messages_get_an_answer(text):
    foreign_language(text)
