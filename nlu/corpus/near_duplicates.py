"""Near-duplicate utterances by character n-gram similarity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nlu.text.normalization import comparison_key

ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """Two rows that say almost the same, letter for letter.

    Attributes
    ----------
    first, second : int
        Row positions, ``first < second``.
    similarity : float
        Jaccard index of their sets of character 4-grams, in [0, 1].
    """

    first: int
    second: int
    similarity: float


def character_ngrams(text: str, size: int = 4) -> frozenset[str]:
    """Set of character n-grams of the text's comparison key, word edges included."""
    padded = f" {comparison_key(text)} "
    return frozenset(padded[start : start + size] for start in range(len(padded) - size + 1))


def near_duplicates(
    texts: Sequence[str], *, threshold: float, size: int = 4
) -> Iterator[NearDuplicate]:
    """Pairs of texts at least as similar as the threshold.

    A product of sparse matrices counts shared n-grams, so cost follows their number, not the
    square of the number of rows.

    Parameters
    ----------
    texts : sequence of str
        Messages.
    threshold : float
        Least Jaccard index, in (0, 1].
    size : int
        Length of an n-gram, in characters.

    Yields
    ------
    NearDuplicate
        In order of the second row.
    """
    from scipy.sparse import csr_array

    column_of: dict[str, int] = {}
    places: list[int] = []
    ends = [0]
    for text in texts:
        own = character_ngrams(text, size)
        places.extend(column_of.setdefault(gram, len(column_of)) for gram in own)
        ends.append(len(places))
    held = csr_array(
        (np.ones(len(places), np.int32), places, ends), shape=(len(texts), max(1, len(column_of)))
    )
    sizes = np.diff(ends)
    transposed = held.T.tocsr()
    for start in range(0, len(texts), ROWS_AT_ONCE):
        # Shared n-grams of these rows with every row.
        shared = (held[start : start + ROWS_AT_ONCE] @ transposed).tocoo()
        second = shared.row + start
        similarity = shared.data / (sizes[second] + sizes[shared.col] - shared.data)
        kept = np.flatnonzero((shared.col < second) & (similarity >= threshold))
        for place in kept[np.lexsort((shared.col[kept], second[kept]))]:
            yield NearDuplicate(
                first=int(shared.col[place]),
                second=int(second[place]),
                similarity=float(similarity[place]),
            )
