"""The peer every evaluation runs beside: TF-IDF and a linear support vector machine."""

from collections.abc import Sequence
from typing import Any

from nlu.text.normalization import normalize


def fit_baseline(texts: Sequence[str], labels: Sequence[str], *, seed: int = 13) -> Any:
    """TF-IDF of words (1-2) and characters (2-5 within words), then ``LinearSVC``.

    Trained on the same rows as the classifier, with the same normalisation. Character n-grams
    are what makes it strong on misspelt French, so it is no straw man.

    Returns
    -------
    sklearn.pipeline.Pipeline
        ``predict(texts)`` gives labels.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(
        preprocessor=_folded,
        ngram_range=(1, 2),
        sublinear_tf=True,
        token_pattern=r"\w+",  # noqa: S106
    )
    characters = TfidfVectorizer(
        preprocessor=_folded, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2
    )
    model = make_pipeline(make_union(words, characters), LinearSVC(C=1.0, random_state=seed))
    return model.fit(list(texts), list(labels))


def _folded(text: str) -> str:
    return normalize(text).lower()
