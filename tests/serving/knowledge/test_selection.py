from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from serving.knowledge.answer import Answer
from serving.knowledge.load import load_answers
from serving.knowledge.rendering import LONGEST_WORD, needed_words, render

DAY = date(2027, 7, 1)


def answer(identifier, **changed):
    fields = {"intent": "bavardage", "identifier": identifier, "text": "Bonjour.",
              "source": "essai", "valid_from": date(2027, 1, 1)}  # fmt: skip
    return Answer.model_validate(fields | changed)


@pytest.fixture(scope="module")
def loaded():
    return load_answers()


def choose(loaded, *kept, commune=None, day=DAY, words=None):
    found = replace(loaded, answers={"bavardage": kept}).answer_for(
        "bavardage", commune=commune, day=day, words=words
    )
    return found.identifier if found else None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 5, 31), None),
        (date(2027, 6, 1), "ete"),
        (date(2027, 8, 31), "ete"),
        (date(2027, 9, 1), None),
    ],
)
def test_an_answer_is_shown_from_its_first_day_to_its_last_only(loaded, day, expected):
    summer = answer("ete", valid_from=date(2027, 6, 1), valid_to=date(2027, 8, 31))
    assert choose(loaded, summer, day=day) == expected


def test_an_expired_answer_never_comes_back_even_if_it_is_more_specific(loaded):
    old = answer("ancien", communes=("14220",), valid_to=date(2027, 6, 30))
    assert choose(loaded, old, answer("actuel"), commune="14220") == "actuel"


def test_the_answer_of_the_commune_comes_before_the_general_one(loaded):
    general, local = answer("general"), answer("deauville", communes=("14220",))
    assert choose(loaded, general, local, commune="14220") == "deauville"
    assert choose(loaded, general, local, commune="14715") == "general"
    assert choose(loaded, local) is None


def test_an_answer_that_needs_an_unknown_word_is_left_out(loaded):
    general, named = answer("general"), answer("objet", text="Pour {{ objet }}.")
    assert choose(loaded, general, named) == "general"
    assert choose(loaded, general, named, words={"objet": "pile"}) == "objet"


def test_conditions_must_hold_and_come_first(loaded):
    pro = answer("pro", when={"user_category": ("professionnel",)})
    local = answer("local", communes=("14220",))
    known = {"user_category": "professionnel"}
    assert choose(loaded, pro, local, commune="14220", words=known) == "pro"
    assert choose(loaded, pro, local, commune="14220", words={"user_category": "visiteur"}) == (
        "local"
    )


def test_the_mairie_of_deauville_has_its_own_answer_and_the_others_the_directory(loaded):
    words = {"commune": "Deauville"}
    own = loaded.answer_for("commune_info", commune="14220", day=DAY, words=words)
    other = loaded.answer_for("commune_info", commune="14754", day=DAY, words=words)
    assert (own.identifier, other.identifier) == ("mairie-deauville", "mairie-commune")


@given(st.text(max_size=LONGEST_WORD))
def test_a_citizens_words_are_data_and_never_template(word):
    told = render("Objet : {{ objet }}.", {"objet": word})
    assert "49" not in told.replace(word, "")
    assert told == render("Objet : {{ objet }}.", {"objet": word + "\u200b"})


@pytest.mark.parametrize(
    "attack",
    ["{{ 7*7 }}", "{% for x in ().__class__.__base__.__subclasses__() %}", "{{ config }}", "{#"],
)
def test_template_injection_stays_as_written(attack):
    assert attack in render("Lieu : {{ lieu }}.", {"lieu": attack}).replace("\u00a0", " ")


def test_control_characters_and_endless_words_are_cut():
    told = render("{{ lieu }}", {"lieu": "a\x00b\u202ec" + "d" * 5000})
    assert told.startswith("a bcd")
    assert len(told) <= LONGEST_WORD


def test_a_missing_word_is_an_error_never_a_blank():
    assert needed_words("{{ a }} {{ b }}") == {"a", "b"}
    with pytest.raises(UndefinedError):
        render("Pour {{ objet }}.", {})
