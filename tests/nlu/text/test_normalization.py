import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.text.normalization import comparison_key, has_words, normalize

ANY = st.text(st.characters())
AWKWARD = st.text(
    st.sampled_from("ae?! '’«\u0301\u0308\u200b\u00ad\ufeff\u200d\u2066\x00\x85\u2028\ud83dß´…⁇ﬁ가")
)


@settings(deadline=None, max_examples=300)
@given(ANY | AWKWARD)
@example("e\u200b\u0301")
@example("a\u00ad\u0323\u0301")
def test_normalising_twice_changes_nothing(text):
    once = normalize(text)
    assert normalize(once) == once


@settings(deadline=None, max_examples=300)
@given(ANY | AWKWARD)
def test_no_control_character_surrogate_or_double_space_is_left(text):
    clean = normalize(text)
    assert not {unicodedata.category(char) for char in clean} & {"Cc", "Cs", "Zl", "Zp"}
    assert "  " not in clean
    assert clean == clean.strip()
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("L’eau", "L'eau"),
        ("l‘eau", "l'eau"),
        ("l`eau", "l'eau"),
        ("l´eau", "l'eau"),
        ("l＇eau", "l'eau"),
        ("« bac »", '" bac "'),
        ("“bac”", '"bac"'),
        ("quand\u00a0?", "quand ?"),
        ("quand\u202f?", "quand ?"),
        ("quand?", "quand ?"),
        ("stop!", "stop !"),
        ("quoi ?!", "quoi ?!"),
        ("ouiiiiii", "ouiii"),
        ("!!!!!!!", "!!!"),
        ("noon", "noon"),
        ("e\u0301te\u0301", "été"),
        ("ｂａｃ", "bac"),
        ("ﬁn…", "fin..."),
        ("  a\t\r\n b ", "a b"),
        ("a\x00b", "a b"),
        ("dé\u00adchet", "déchet"),
        ("bac\u200b", "bac"),
        ("\ufeffbac", "bac"),
        ("\u202ebac\u202c", "bac"),
        ("Élodie", "Élodie"),
        ("", ""),
        (" \u200b\ufeff\x07", ""),
    ],
)
def test_spellings_of_one_message_get_one_form(written, read):
    assert normalize(written) == read


@pytest.mark.parametrize("mark", "\u2066\u2067\u2068\u2069\u061c\u2061\u2063\u180e")
def test_invisible_characters_do_not_split_or_join_words(mark):
    assert normalize(f"{mark}ba{mark}c{mark}") == "bac"


def test_a_family_emoji_stays_one_emoji():
    assert normalize("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"


def test_case_and_accents_are_left_to_the_model():
    assert normalize("DÉCHÈTERIE à Œuilly") == "DÉCHÈTERIE à Œuilly"


@settings(deadline=None)
@given(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), st.integers(4, 60))
def test_no_character_stands_more_than_three_times_in_a_row(char, times):
    clean = normalize(char * times)
    assert not any(letter * 4 in clean for letter in set(clean))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("bac", True), ("2", True), ("é", True), ("?!…", False), ("🙂", False), ("", False)],
)
def test_a_message_has_words_when_it_has_a_letter_or_a_digit(text, expected):
    assert has_words(text) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Où est la Déchèterie ?", "ou est la decheterie"),
        ("l’eau, c'est COUPÉ !", "l eau c est coupe"),
        ("rendez-vous", "Rendez vous"),
        ("bac\n\njaune", "bac jaune"),
        ("Œuf à la cœur", "oeuf a la coeur"),
    ],
)
def test_texts_that_differ_by_case_accents_or_punctuation_share_a_key(one, other):
    assert comparison_key(one) == comparison_key(other) == other.lower().replace("-", " ")


def test_texts_that_differ_by_a_word_have_different_keys():
    assert comparison_key("le bac jaune") != comparison_key("le bac vert")


@settings(deadline=None, max_examples=200)
@given(ANY | AWKWARD)
def test_a_key_holds_only_lower_case_letters_digits_and_single_spaces(text):
    key = comparison_key(text)
    assert all(char.isalnum() or char == " " for char in key)
    assert "  " not in key
    assert key == key.strip()
