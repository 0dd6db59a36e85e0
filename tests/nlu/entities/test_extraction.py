import time
from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.entities.extract import extract_entities
from nlu.entities.folding import fold

PIECES = st.sampled_from(
    ["14 bis rue de la Mer", "Deauville", "œufs", "e\u0301te\u0301", "lundi", "12 sacs", "ﬁn",
     "240 l", "n° R-12", "étiquette rouge", "\u200b", "\x00", "\ud83d", "dossier 4417", " ", "’",
     "frigo", "14800", "demain", "ß", "İ", "½"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(text=st.lists(PIECES | st.text(max_size=8), max_size=12).map(" ".join))
def test_offsets_are_those_of_the_original_and_nothing_overlaps(resources, text):
    found = extract_entities(text, resources=resources, today=date(2026, 2, 28))
    assert all(text[one.start : one.end] == one.text and one.text for one in found)
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_dictation_and_capitals_find_what_careful_writing_does(extract):
    careful = "Bonjour, le bac jaune de Trouville n'a pas été vidé mardi, rue des Bains."
    spoken = "bonjour le bac jaune de trouville na pas ete vide mardi rue des bains"
    wanted = [(one.name, one.value) for one in extract(careful) if one.name != "adresse"]
    assert [(one.name, one.value) for one in extract(spoken) if one.name != "adresse"] == wanted
    assert [(one.name, one.value) for one in extract(careful.upper())][:3] == wanted[:3]


def test_the_longest_reading_wins(extract):
    assert [one.name for one in extract("quai de la Touques")] == ["adresse"]
    assert [one.text for one in extract("lundi de Pâques")] == ["lundi de Pâques"]


def test_only_the_slots_of_the_intent_compete(extract):
    assert [one.name for one in extract("des cartons", slots=["type_dechet"])] == ["type_dechet"]
    assert [one.name for one in extract("des cartons", slots=["flux"])] == ["flux"]
    assert extract("des cartons", slots=[]) == ()


def test_the_end_of_a_huge_text_is_not_read(extract):
    assert extract("x " * 5_000_000 + "Deauville") == ()


def test_twice_the_text_takes_about_twice_the_time(extract):
    for piece in ("zero ", "12, rue de la ", "le 12 ", "a@", "rue "):
        short, long = piece * (4000 // len(piece)), piece * (16000 // len(piece))
        times = []
        for text in (short, long):
            started = time.perf_counter()
            extract(text)
            times.append(time.perf_counter() - started)
        assert times[1] < 12 * times[0] + 0.2, piece


def test_a_folded_span_leads_back_to_the_original():
    text = "œe\u0301\u200bŒuf"
    folded = fold(text)
    assert folded.folded == "oeeoeuf"
    assert folded.span(0, 1) == folded.span(0, 2) == (0, 1)
    assert text[slice(*folded.span(2, 3))].startswith("e\u0301")
    assert text[slice(*folded.span(3, 7))] == "Œuf"
