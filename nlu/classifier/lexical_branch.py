"""The lexical branch: a linear classifier on word and character n-grams, beside the network.

A transformer generalises over meaning; n-grams remember exact words and survive misspelling.
Their errors differ, so the sum of their log-scores is better than either (a logarithmic opinion
pool: Genest and Zidek 1986; Hinton 2002, "products of experts"). The weight of the branch is
fitted on held-out rows; zero gives the network alone.

N-grams are hashed (Weinberger et al. 2009), so the branch is three arrays and no vocabulary.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import mmh3
import numpy as np
import numpy.typing as npt

from nlu.text.normalization import normalize

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.floating]
N_FEATURES = 2**18
WORD = re.compile(r"\w+")
CHARACTERS = range(2, 6)


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


def _counts(texts: Sequence[str]) -> "csr_matrix":
    """Counts of hashed n-grams, shape (n, n_features).

    The very columns of scikit-learn's ``HashingVectorizer`` on words (one and two) and on
    characters within words (``char_wb``, two to five), without sign, summed; a test holds the two
    together. What serves is 70 MB lighter without scikit-learn.
    """
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for text in texts:
        found = Counter(abs(mmh3.hash(gram)) % N_FEATURES for gram in _grams(text))
        places = sorted(found)
        columns += places
        counts += [found[place] for place in places]
        ends.append(len(columns))
    content = (np.array(counts, np.float32), np.array(columns, np.int32), np.array(ends, np.int32))
    return csr_matrix(content, shape=(len(texts), N_FEATURES))


def _grams(text: str) -> Iterator[str]:
    folded = normalize(text).lower()
    words = WORD.findall(folded)
    yield from words
    yield from (f"{one} {following}" for one, following in pairwise(words))
    for word in folded.split():
        padded = f" {word} "
        for size in CHARACTERS:
            yield from (
                padded[start : start + size] for start in range(max(1, len(padded) - size + 1))
            )
            # A short word is counted whole once.
            if size >= len(padded):
                break
