import pytest

from nlu.entities.folding import fold
from nlu.entities.phrase_index import build_index, find_phrases

PHRASES = [("matelas", "m"), ("pot de peinture", "p"), ("pot", "q"), ("déchets verts", "v")]


def found(text, **options):
    words = fold(text).words()
    index = build_index(PHRASES, **options)
    return [(one.first, one.last, one.values) for one in find_phrases(words, index)]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("un matelas", (1, 1, ("m",))),
        ("un mattela", (1, 1, ("m",))),
        ("un matleas", (1, 1, ("m",))),
        ("POTS DE PEINTURE", (0, 2, ("p",))),
        ("po de pinture", (0, 2, ("p",))),
        ("dechet vert", (0, 1, ("v",))),
        ("un pot", (1, 1, ("q",))),
    ],
)
def test_a_phrase_is_found_as_written_as_heard_and_with_a_slip(text, match):
    assert found(text) == [match]


def test_an_ordinary_word_is_no_misspelling():
    assert found("un matelot") == [(1, 1, ("m",))]
    assert found("un matelot", ordinary=frozenset({"matelot"})) == []


def test_a_phrase_of_two_meanings_has_both():
    index = build_index([("glace", "miroir"), ("glace", "dessert")])
    (match,) = find_phrases(fold("la glace").words(), index)
    assert match.values == ("miroir", "dessert")


def test_short_words_are_found_only_as_written():
    assert found("un pop") == []
