"""Every allocation of a randomisation scheme, counted exactly and listed."""

import math
from itertools import chain, combinations
from math import comb

import numpy as np

from experiments.design.randomisation import (
    Codes,
    Integers,
    RandomisationScheme,
    multinomial,
)


def count_allocations(scheme: RandomisationScheme) -> int:
    """Exact number of allocations, a product of multinomial coefficients over strata."""
    return math.prod(
        sum(multinomial(counts) for counts in options) for options in scheme.arm_counts
    )


def enumerate_allocations(scheme: RandomisationScheme) -> Codes:
    """Every allocation once, shape (A, U), int8.

    Rows are the Cartesian product over strata, the last stratum changing fastest. Call
    :func:`count_allocations` first: the array has that many rows.
    """
    total = count_allocations(scheme)
    rows = np.empty((total, scheme.n_units), dtype=np.int8)
    index = np.arange(total)
    for stratum in reversed(range(len(scheme.arm_counts))):
        columns = np.flatnonzero(scheme.stratum_codes == stratum)
        options = [_arrangements(counts) for counts in scheme.arm_counts[stratum]]
        arrangements = np.concatenate(options)
        rows[:, columns] = arrangements[index % len(arrangements)]
        index //= len(arrangements)
    return rows


def _arrangements(counts: tuple[int, ...]) -> Codes:
    """All distinct orders of ``counts[a]`` copies of each arm a, shape (multinomial, units)."""
    size = sum(counts)
    placed = np.full((1, size), -1, dtype=np.int8)
    left = size
    for arm, count in enumerate(counts):
        chosen = _choices(left, count)
        grown = np.repeat(placed, len(chosen), axis=0)
        empty = np.nonzero(grown < 0)[1].reshape(len(grown), left)
        picks = np.tile(chosen, (len(placed), 1))
        np.put_along_axis(grown, np.take_along_axis(empty, picks, axis=1), np.int8(arm), axis=1)
        placed, left = grown, left - count
    return placed


def _choices(size: int, count: int) -> Integers:
    flat = chain.from_iterable(combinations(range(size), count))
    ways = comb(size, count)
    return np.fromiter(flat, dtype=np.int64, count=ways * count).reshape(ways, count)
