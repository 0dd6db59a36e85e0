"""Near-duplicate utterances by character n-gram similarity."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.text.normalization import comparison_key


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

    An inverted index counts shared n-grams, so cost follows the number of shared n-grams, not
    the square of the number of rows.

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
    index: defaultdict[str, list[int]] = defaultdict(list)
    grams = [character_ngrams(text, size) for text in texts]
    for row, own in enumerate(grams):
        shared: Counter[int] = Counter()
        for gram in own:
            shared.update(index[gram])
            index[gram].append(row)
        for other, count in shared.items():
            similarity = count / (len(own) + len(grams[other]) - count)
            if similarity >= threshold:
                yield NearDuplicate(first=other, second=row, similarity=similarity)
