import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC

from nlu.classifier.lexical_branch import (
    N_FEATURES,
    _counts,
    fit_lexical_branch,
    lexical_scores,
)
from nlu.text.normalization import normalize

TEXTS = [f"le couvercle du bac numéro {n} est cassé" for n in range(6)]
TEXTS += [f"quel est le prix de l'eau rue {n}" for n in range(6)]
TEXTS += [f"bonjour à tous {n} fois" for n in range(6)]
LABELS = np.repeat([0, 1, 2], 6)


def test_scores_are_those_of_scikit_learns_tfidf_and_svm():
    branch = fit_lexical_branch(TEXTS, LABELS, n_labels=3, seed=1)
    counts = _counts(TEXTS)
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts)
    features = tfidf.transform(counts)
    reference = LinearSVC(C=1.0, random_state=1).fit(features, LABELS).decision_function(features)
    # Half-precision weights: three digits.
    np.testing.assert_allclose(lexical_scores(branch, TEXTS), reference, atol=2e-3)


def test_misspelt_words_still_reach_their_label():
    branch = fit_lexical_branch(TEXTS, LABELS, n_labels=3, seed=1)
    best = lexical_scores(branch, ["couvercl bac cassé", "pri de leau", "bonjour"]).argmax(axis=1)
    assert best.tolist() == [0, 1, 2]


def test_two_labels_get_two_columns():
    branch = fit_lexical_branch(TEXTS[:12], LABELS[:12], n_labels=2, seed=1)
    scores = lexical_scores(branch, TEXTS[:12])
    assert scores.shape == (12, 2)
    assert (scores.argmax(axis=1) == LABELS[:12]).all()


@pytest.mark.parametrize("texts", [[], [""], ["🙂"]])
def test_texts_without_ngrams_get_finite_scores(texts):
    branch = fit_lexical_branch(TEXTS, LABELS, n_labels=3, seed=1)
    scores = lexical_scores(branch, texts)
    assert scores.shape == (len(texts), 3)
    assert np.isfinite(scores).all()


def test_ngrams_are_hashed_to_the_columns_of_scikit_learn():
    texts = [
        "quand passe le bac jaune à Trouville ?", "", ".", "a", "l'eau qu'on boit", "é è",
        "un_deux 3,5 €", "🙂🙂 ok ok ok", "a\x00b", "x" * 3_000, "tabulation\tet\u2009fine",
    ]  # fmt: skip
    options = {"n_features": N_FEATURES, "norm": None, "alternate_sign": False}
    words = HashingVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", **options)
    characters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **options)
    folded = [normalize(text).lower() for text in texts]
    expected = words.transform(folded) + characters.transform(folded)
    assert (expected != _counts(texts)).nnz == 0
