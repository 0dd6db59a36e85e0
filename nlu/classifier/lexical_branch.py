"""The lexical branch: a linear classifier on word and character n-grams, beside the network.

A transformer generalises over meaning; n-grams remember exact words and survive misspelling.
Their errors differ, so the sum of their log-scores is better than either (a logarithmic opinion
pool: Genest and Zidek 1986; Hinton 2002, "products of experts"). The weight of the branch is
fitted on held-out rows; zero gives the network alone.

N-grams are hashed (Weinberger et al. 2009), so the branch is three arrays and no vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.text.normalization import normalize

FloatArray = npt.NDArray[np.floating]
N_FEATURES = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalBranch:
    """A fitted branch.

    Attributes
    ----------
    idf : ndarray of float32, shape (n_features,)
        Inverse document frequency of each hashed n-gram.
    weight : ndarray of float32, shape (n_features, n_labels)
        One-versus-rest hyperplanes, in columns: a message reads a few hundred rows.
    intercept : ndarray of float32, shape (n_labels,)
    """

    idf: FloatArray
    weight: FloatArray
    intercept: FloatArray


def fit_lexical_branch(
    texts: Sequence[str], labels: npt.NDArray[np.int64], *, n_labels: int, seed: int
) -> LexicalBranch:
    """Fit a linear support vector machine on hashed TF-IDF.

    Parameters
    ----------
    texts : sequence of str
        Training messages.
    labels : ndarray of int64, shape (n,)
        Column of each, every column from 0 to ``n_labels - 1`` present.
    n_labels : int
        Labels.
    seed : int
        Of the solver.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.svm import LinearSVC

    counts = _counts(texts)
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts)
    machine = LinearSVC(C=1.0, random_state=seed).fit(tfidf.transform(counts), labels)
    weight, intercept = machine.coef_, machine.intercept_
    if n_labels == 2:
        # scikit-learn keeps one hyperplane for two labels.
        weight, intercept = np.vstack([-weight, weight]), np.concatenate([-intercept, intercept])
    return LexicalBranch(
        idf=tfidf.idf_.astype(np.float32),
        # Half precision is what the artefact stores: measure what will be served.
        weight=np.ascontiguousarray(weight.T.astype(np.float16).astype(np.float32)),
        intercept=intercept.astype(np.float32),
    )


def lexical_scores(branch: LexicalBranch, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Signed distances to the hyperplanes, shape (n, n_labels)."""
    if not texts:
        return np.empty((0, len(branch.intercept)), np.float32)
    tfidf = _counts(texts)
    tfidf.data = np.log(tfidf.data) + 1.0
    tfidf.data *= branch.idf[tfidf.indices]
    norms = np.sqrt(np.asarray(tfidf.multiply(tfidf).sum(axis=1)).ravel())
    scores = np.asarray(tfidf @ branch.weight) / np.maximum(norms, 1e-12)[:, None]
    return np.asarray(scores + branch.intercept, dtype=np.float32)


def _counts(texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer

    folded = [normalize(text).lower() for text in texts]
    options: dict[str, Any] = {"n_features": N_FEATURES, "norm": None, "alternate_sign": False}
    words = HashingVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", **options)  # noqa: S106
    characters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **options)
    return csr_matrix(words.transform(folded) + characters.transform(folded), dtype=np.float32)
