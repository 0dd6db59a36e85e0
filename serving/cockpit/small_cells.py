"""Suppression of small cells in tables of counts, so that totals do not give them back.

Counts from 1 to 4 are hidden (primary suppression); others are hidden with them where the totals
that are shown would give one back (complementary suppression: Willenborg and de Waal, Elements of
Statistical Disclosure Control, 2001). Zeros are shown: nobody is in them.
"""

import numpy as np
import numpy.typing as npt

SMALL = 5

Counts = npt.NDArray[np.int64]
Hidden = npt.NDArray[np.bool_]


def hidden_in_list(counts: Counts) -> tuple[Hidden, bool]:
    """Return which counts of a list to hide, and whether its total too.

    For each hidden count there is another list, with the same shown counts and the same total if
    it is shown, in which that count is 5 or more: whoever reads the list cannot tell it.

    Parameters
    ----------
    counts
        Counts of one breakdown, shape (k,).
    """
    hidden = _small(counts)
    if _is_small(int(counts.sum())):
        return counts > 0, True
    for place in np.flatnonzero(hidden):
        lacking = SMALL - counts[place]
        lender = counts > lacking
        lender[place] = False
        if (lender & hidden).any():
            continue
        if not lender.any():
            return counts > 0, True
        cost = np.where(lender, counts, np.iinfo(np.int64).max)
        hidden[int(cost.argmin())] = True
    return hidden, False


def hidden_in_table(counts: Counts) -> Hidden:
    """Return which counts of a table to hide when the sums of its rows and columns may be known.

    Each small count gets a rectangle of hidden cells: what is added to it and to the opposite
    corner and taken from the two others changes no sum. Hence there is another table, with the
    same sums and the same shown cells, in which it is 5 or more. Where one has no rectangle, every
    count of the table that is not zero is hidden, and so are the zeros.

    Parameters
    ----------
    counts
        Counts of a crossing, shape (r, c).
    """
    hidden = _small(counts)
    for row, column in np.argwhere(hidden):
        corner = _cheapest_corner(counts, hidden, int(row), int(column))
        if corner is None:
            return np.ones_like(hidden)
        hidden[corner[0], corner[1]] = True
        hidden[corner[0], column] = True
        hidden[row, corner[1]] = True
    return hidden


def _cheapest_corner(
    counts: Counts, hidden: Hidden, row: int, column: int
) -> tuple[int, int] | None:
    """Opposite corner whose rectangle hides the fewest persons more; None where none will do."""
    lacking = SMALL - counts[row, column]
    lends = (counts[row, :] > lacking)[None, :] & (counts[:, column] > lacking)[:, None]
    # A zero is shown: a cell known to be empty cannot take part.
    fits = lends & (counts > 0)
    fits[row, :] = fits[:, column] = False
    if not fits.any():
        return None
    shown = np.where(hidden, 0, counts)
    cost = shown + shown[row, :][None, :] + shown[:, column][:, None]
    place = int(np.where(fits, cost, np.iinfo(np.int64).max).argmin())
    found = np.unravel_index(place, counts.shape)
    return int(found[0]), int(found[1])


def _small(counts: Counts) -> Hidden:
    return (counts > 0) & (counts < SMALL)


def _is_small(count: int) -> bool:
    return 0 < count < SMALL
