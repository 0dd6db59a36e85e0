import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from nlu.text.normalization import has_words, normalize
from nlu.text.perturbation import (
    CLOSERS,
    OPENERS,
    PERTURBATIONS,
    drop_accents,
    drop_apostrophes,
    drop_punctuation,
    keyboard_typos,
    perturb,
    phonetic_spelling,
    politeness_wrapper,
    sms_style,
)

MESSAGE = "Bonjour, où est la déchèterie de Villers-sur-Mer ? J'ai des œufs d'été à jeter."
RATES = st.dictionaries(st.sampled_from(sorted(PERTURBATIONS)), st.floats(0, 1))
FRENCH = st.text("abcdefghijklmnopqrstuvwxyzéèêàçôîùœABCDEFÉÀ '’-,.?!0123456789", max_size=60)


class Lowest(random.Random):
    """Every draw of a probability comes out 0, so whatever may happen does."""

    def random(self):
        return 0.0


def without_marks(text):
    kept = (char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return "".join(kept).replace("œ", "oe").replace("Œ", "OE")


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_perturbation_follows_its_seed(name):
    change = PERTURBATIONS[name]
    assert change(MESSAGE, random.Random(4)) == change(MESSAGE, random.Random(4))


@pytest.mark.parametrize("name", ["keyboard", "phonetic", "sms", "politeness"])
def test_a_random_perturbation_varies_with_its_seed(name):
    assert len({PERTURBATIONS[name](MESSAGE, random.Random(seed)) for seed in range(20)}) > 5


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_every_perturbation_changes_a_careful_message(name):
    assert PERTURBATIONS[name](MESSAGE, random.Random(1)) != MESSAGE


@settings(deadline=None)
@given(st.sampled_from(sorted(PERTURBATIONS)), st.text(st.characters()), st.integers())
def test_no_perturbation_raises_on_any_text(name, text, seed):
    PERTURBATIONS[name](text, random.Random(seed))


def test_every_french_accent_is_dropped():
    letters = "àâäéèêëîïôöùûüÿç"
    assert drop_accents(letters, random.Random()) == without_marks(letters)
    capitals = letters.upper()
    assert drop_accents(capitals, random.Random()) == without_marks(capitals)
    assert drop_accents("cœur", random.Random()) == "coeur"


def test_dictation_has_no_punctuation_and_no_capitals_but_keeps_apostrophes():
    written = "J'ai 2 bacs (jaunes), à Deauville ; c’est possible ?"
    expected = "j'ai 2 bacs jaunes à deauville c’est possible"
    assert drop_punctuation(written, random.Random()) == expected


def test_apostrophes_are_lost_or_become_spaces():
    outcomes = {drop_apostrophes("j'ai l’eau, rendez-vous", random.Random(s)) for s in range(20)}
    assert outcomes == {"jai leau, rendez vous", "j ai l eau, rendez vous"}


def test_keyboard_slips_are_few_and_their_number_follows_the_length():
    for length in (12, 90, 180):
        text = ("le camion de collecte ne passe plus " * 10)[:length]
        letters = sum(map(str.isalpha, text))
        distances = [
            OSA.distance(text, keyboard_typos(text, random.Random(seed))) for seed in range(60)
        ]
        assert max(distances) <= max(1, letters / 12 + 1)
        assert sum(distances) / len(distances) >= max(1, letters / 20) * 0.7


@settings(deadline=None)
@given(FRENCH, st.integers(0, 1000))
def test_a_keyboard_slip_never_touches_digits_and_a_message_without_letters_is_kept(text, seed):
    slipped = keyboard_typos(text, random.Random(seed))
    assert [char for char in slipped if char.isdigit()] == [char for char in text if char.isdigit()]
    if not any(char.isascii() and char.isalpha() for char in text):
        assert slipped == text


def test_phonetic_spelling_keeps_short_words_and_most_long_ones():
    assert phonetic_spelling("le bac a là", Lowest()) == "le bac a là"
    spelt = {phonetic_spelling("chercher un bateau", random.Random(seed)) for seed in range(400)}
    assert {"chercher un bateau", "cherché un bateau", "chercher un bato"} <= spelt


def test_sms_style_uses_the_usual_abbreviations():
    text = "Bonjour, quand est-ce que vous passez pour les poubelles ?"
    assert sms_style(text, Lowest()) == "bjr kan esk ke vs passez pr les poubel"


def test_politeness_goes_around_the_message_and_leaves_it_whole():
    for seed in range(30):
        polite = politeness_wrapper(MESSAGE, random.Random(seed))
        opener, closer = polite.split(MESSAGE)
        assert opener.strip() in OPENERS
        assert closer.strip() in CLOSERS


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(), min_size=1), RATES, st.integers())
def test_perturbing_a_message_never_empties_it(text, rates, seed):
    assert perturb(text, rates, random.Random(seed)) != ""


@settings(deadline=None, max_examples=200)
@given(FRENCH.filter(lambda text: len(text) > 3 and has_words(text)), RATES, st.integers())
def test_a_perturbed_message_is_normalised(text, rates, seed):
    noisy = perturb(text, rates, random.Random(seed))
    assert noisy == normalize(noisy)


def test_a_rate_of_zero_only_normalises_and_a_rate_of_one_always_acts():
    never, always = dict.fromkeys(PERTURBATIONS, 0.0), {"lower": 1.0}
    for seed in range(50):
        assert perturb(MESSAGE, never, random.Random(seed)) == normalize(MESSAGE)
        assert perturb(MESSAGE, always, random.Random(seed)) == normalize(MESSAGE).lower()


def test_a_perturbation_acts_as_often_as_its_rate_says():
    rng = random.Random(0)
    shouted = sum(perturb("le bac", {"upper": 0.3}, rng).isupper() for _ in range(4000))
    assert shouted / 4000 == pytest.approx(0.3, abs=0.03)  # four standard errors


def test_an_unknown_perturbation_is_a_key_error():
    with pytest.raises(KeyError, match="cedilla"):
        perturb("le bac", {"cedilla": 1.0}, random.Random(0))
