import json
import re
from datetime import date, timedelta

import pytest
import yaml

from serving.calendar.opening_hours import load_opening_hours
from serving.knowledge.answer import FIGURE, MARKUP, PICTOGRAM
from serving.knowledge.json_schema import ENTRIES, file_schema
from serving.knowledge.knowledge_base import DESK_HOURS
from serving.knowledge.load import REPOSITORY_FOLDER, load_answers
from serving.knowledge.rendering import render
from serving.knowledge.speech import spoken

TODAY = date(2026, 11, 23)
IN_A_YEAR = TODAY + timedelta(days=365)


@pytest.fixture(scope="module")
def knowledge():
    return load_answers()


@pytest.fixture(scope="module")
def answers(knowledge):
    return [one for kept in knowledge.answers.values() for one in kept]


def filler(answer):
    return {name: answer.when.get(name, ("essai",))[0] for name in answer.needs}


@pytest.mark.parametrize("day", [TODAY, IN_A_YEAR])
def test_each_intent_has_an_answer_that_needs_nothing_now_and_in_a_year(knowledge, day):
    assert len(knowledge.intents) == 45
    for intent in knowledge.intents:
        answer = knowledge.answer_for(intent, commune=None, day=day)
        assert answer is not None, intent
        assert render(answer.text, knowledge.usual_words())


def test_each_answer_says_its_source_and_reads_well(knowledge, answers):
    for one in answers:
        text = render(one.text, {**knowledge.usual_words(), **filler(one)})
        assert one.source
        assert "{{" not in text
        assert not MARKUP.search(text)
        assert not PICTOGRAM.search(text)
        assert not re.search(r"\b(?:tu|toi|ton|tes)\b", text), one.identifier
        assert not re.search(r" [;:!?»]", text), one.identifier


def test_sentences_are_short(knowledge, answers):
    for one in answers:
        text = render(one.text, {**knowledge.usual_words(), **filler(one)})
        for sentence in re.split(r"[.!?]\s|\n", text):
            assert len(sentence.split()) <= 38, (one.identifier, sentence)


def test_no_figure_is_written_without_the_address_of_its_source(knowledge, answers):
    for one in answers:
        assert one.source_url or not FIGURE.search(one.text)
    for message in knowledge.messages.values():
        assert not FIGURE.search(message.text)


def test_prices_results_and_taxes_are_never_invented(knowledge):
    for intent in ("eau_prix", "eau_qualite", "eau_origine", "teom_particulier", "redevance_pro",
                   "comparaison_tri", "decheterie_adresse_horaires"):  # fmt: skip
        for one in knowledge.answers[intent]:
            assert re.search(r"[Jj]e (?:ne donne|n'ai pas)|montant dépend", one.text), (
                one.identifier
            )


def test_nothing_from_memory_is_stated_as_a_fact(knowledge, answers):
    """No source was found for the sites of the déchèteries or for the tax on households."""
    told = " ".join(one.text for one in answers)
    assert "déchèterie de Touques" not in told
    assert "TEOM" not in told
    assert not re.search(r"bac (?:jaune|gris|vert|bleu)", told)


def test_nudges_are_told_without_constraint_or_sanction(knowledge):
    (told,) = knowledge.answers["nudge_info"]
    assert "n'oblige à rien" in told.text
    assert "sanction" in told.text
    assert "refuser" in told.text


def test_sophie_never_passes_for_a_person(knowledge):
    (told,) = knowledge.answers["identite_bot"]
    assert told.text.startswith("Non, je ne suis pas une personne.")
    assert "automatique" in knowledge.messages["disclosure"].text
    assert "pas une personne" in knowledge.messages["disclosure"].voice_text


def test_what_is_said_aloud_has_no_markup_address_or_pictogram(knowledge, answers):
    texts = [render(one.text, {**knowledge.usual_words(), **filler(one)}) for one in answers]
    for text in texts:
        said = spoken(text)
        assert not re.search(r"[<>*_`#@«»{}\n]|https?:|www\.", said)
        assert said.endswith((".", "!", "?"))
    assert spoken("Voyez https://exemple.fr/a, de 9 h à 17 h 30 **vite** 👍") == (
        "Voyez notre site internet de 9 heures à 17 heures 30 vite."
    )
    assert spoken("a.b@c-d.org") == "a point b arobase c-d point org."


def test_the_hours_that_are_written_are_those_of_the_calendar():
    desk = load_opening_hours().desk
    weekday, saturday = desk.openings
    assert (weekday.days[0], weekday.days[-1]) == ("lundi", "vendredi")
    assert (weekday.opens.hour, weekday.closes.hour) == (9, 17)
    assert (saturday.days, saturday.opens.hour, saturday.closes.hour) == (("samedi",), 9, 12)
    assert saturday.school_holidays_only
    assert (
        "du lundi au vendredi de 9 h à 17 h, et le samedi de 9 h à 12 h pendant les vacances "
        f"scolaires de la zone {desk.zone}"
    ) == DESK_HOURS


def test_a_number_that_is_not_verified_says_so_wherever_it_is_shown(knowledge):
    contact = knowledge.contacts["dechets"]
    assert contact.status == "a_confirmer"
    assert "à confirmer" in knowledge.say("ways")
    assert {knowledge.contacts[key].phone for key in ("secours", "secours_europe")} == {"18", "112"}
    assert all(one.source_url for one in knowledge.contacts.values() if one.status == "verifie")


@pytest.mark.parametrize("name", list(ENTRIES))
def test_the_published_schema_is_the_one_that_is_enforced(name):
    published = json.loads((REPOSITORY_FOLDER / f"{name}.schema.json").read_text("utf-8"))
    assert published == file_schema(name)
    content = yaml.safe_load((REPOSITORY_FOLDER / f"{name}.yaml").read_text("utf-8"))
    fields = published["$defs"][ENTRIES[name].__name__]["properties"]
    assert {key for entry in content[name] for key in entry} <= set(fields)
