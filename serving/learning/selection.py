"""Which messages to label next: those that the model doubts, and that differ from each other.

Uncertainty sampling alone asks the same question many times (Settles 2009); near-duplicates are
first gathered by leader clustering of their character n-grams, then the clusters take turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

# Likeness of two messages that ask the same thing in almost the same words.
ALIKE = 0.6
FEATURES = 2**16
NGRAMS = (2, 4)
# Clustering grows with the square of what it is given: the least doubtful are left out.
MOST_CANDIDATES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message that may be labelled.

    Attributes
    ----------
    message
        Identifier.
    text
        Redacted text.
    usefulness
        How much its label would teach, 0 or more; see :func:`usefulness`.
    """

    message: str
    text: str
    usefulness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A message to label, and the cluster of those like it."""

    candidate: Candidate
    cluster: str


def usefulness(*, margin: float, entropy: float, disputed: bool) -> float:
    """Return how much a label would teach.

    Parameters
    ----------
    margin
        Difference between the two best probabilities, in [0, 1].
    entropy
        Of the ranking, divided by its greatest value, in [0, 1].
    disputed
        Whether a person said that the answer was wrong: worth more than any doubt of the model.
    """
    return (1 - margin + entropy) / 2 + (1.0 if disputed else 0.0)


def select_for_labelling(
    candidates: Sequence[Candidate],
    *,
    count: int,
    known: Sequence[tuple[str, str]] = (),
) -> list[Selected]:
    """Choose messages to label, the most useful first, one cluster after the other.

    Parameters
    ----------
    candidates
        Messages that have no label.
    count
        How many to choose.
    known
        Cluster and text of messages chosen before: what resembles them joins their cluster, so
        that rows of one situation never end up in two splits of the corpus.

    Returns
    -------
    list of Selected
        At most ``count``; the second of a cluster comes after the first of every other.
    """
    ordered = sorted(candidates, key=lambda one: (-one.usefulness, one.message))[:MOST_CANDIDATES]
    if not ordered:
        return []
    clusters = _clusters(ordered, known)
    rank: dict[str, int] = {}
    turns = []
    for cluster in clusters:
        rank[cluster] = rank.get(cluster, -1) + 1
        turns.append(rank[cluster])
    order = sorted(range(len(ordered)), key=lambda row: (turns[row], row))
    return [Selected(candidate=ordered[row], cluster=clusters[row]) for row in order[:count]]


def _clusters(ordered: Sequence[Candidate], known: Sequence[tuple[str, str]]) -> list[str]:
    """Cluster of each candidate: that of the nearest leader alike, else a new one it leads."""
    names = [cluster for cluster, _ in known]
    texts = [text for _, text in known] + [one.text for one in ordered]
    vectors = HashingVectorizer(analyzer="char_wb", ngram_range=NGRAMS, n_features=FEATURES)
    rows = vectors.transform(texts).tocsr()
    leaders = list(range(len(known)))
    found: list[str] = []
    for place, one in enumerate(ordered, start=len(known)):
        nearest = _nearest(rows, leaders, place)
        if nearest is None:
            leaders.append(place)
            names.append(one.message[-12:])
            found.append(names[-1])
        else:
            found.append(names[nearest])
    return found


def _nearest(rows: Any, leaders: Sequence[int], place: int) -> int | None:
    if not leaders:
        return None
    likeness = np.asarray((rows[leaders] @ rows[place].T).todense()).ravel()
    best = int(likeness.argmax())
    return best if likeness[best] >= ALIKE else None
