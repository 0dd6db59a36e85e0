from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.corpus.near_duplicates import character_ngrams, near_duplicates


def brute_force(texts, threshold):
    grams = [character_ngrams(text) for text in texts]
    return {
        (a, b): len(grams[a] & grams[b]) / len(grams[a] | grams[b])
        for a, b in combinations(range(len(texts)), 2)
        if grams[a] and len(grams[a] & grams[b]) / len(grams[a] | grams[b]) >= threshold
    }


def test_ngrams_count_word_edges_and_forget_case_accents_and_punctuation():
    assert character_ngrams("Été !") == {" ete", "ete "}
    assert character_ngrams("bac") == {" bac", "bac "}


def test_similarity_is_the_jaccard_index():
    # " bac " has 2 four-grams, " bacs " has 3, one is shared: 1 / 4.
    (pair,) = near_duplicates(["bac", "bacs"], threshold=0.1)
    assert (pair.first, pair.second) == (0, 1)
    assert pair.similarity == pytest.approx(0.25, abs=1e-12)


def test_the_same_message_in_another_typography_is_a_full_duplicate():
    (pair,) = near_duplicates(["L’eau est coupée !", "l'eau est coupee"], threshold=1.0)
    assert pair.similarity == 1.0


def test_the_threshold_is_inclusive():
    assert len(list(near_duplicates(["bac", "bacs"], threshold=0.25))) == 1
    assert not list(near_duplicates(["bac", "bacs"], threshold=0.2501))


def test_empty_texts_and_different_messages_are_no_duplicates():
    texts = ["", "", "quand passe le bac jaune", "le prix du mètre cube"]
    assert not list(near_duplicates(texts, threshold=0.6))
    assert not list(near_duplicates([], threshold=0.6))


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet="abcé '", max_size=12), max_size=12),
    st.sampled_from([0.1, 0.34, 0.6, 1.0]),
)
def test_the_inverted_index_finds_what_comparing_every_pair_finds(texts, threshold):
    found = list(near_duplicates(texts, threshold=threshold))
    assert {(pair.first, pair.second): pair.similarity for pair in found} == pytest.approx(
        brute_force(texts, threshold)
    )
    assert [pair.second for pair in found] == sorted(pair.second for pair in found)
