"""Uniform random allocations within strata, drawn in bulk."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from experiments.errors import InputError

Codes = npt.NDArray[np.int8]
Integers = npt.NDArray[np.int64]

# An arm code rides in the low bits of a random key; eight arms need three.
ARM_BITS = 3
MOST_ARMS = 1 << ARM_BITS
# Keys of one batch stay in the processor's cache.
KEYS_PER_BATCH = 1 << 19


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationScheme:
    """How many units of each stratum go to each arm.

    Attributes
    ----------
    stratum_codes
        Stratum of each unit of randomisation, 0 to S - 1, shape (U,).
    arm_counts
        For each stratum, the admissible vectors of units per arm. More than one vector means
        that a remainder is itself drawn by lot.
    """

    stratum_codes: Integers
    arm_counts: tuple[tuple[tuple[int, ...], ...], ...]

    @property
    def n_units(self) -> int:
        """Number of units of randomisation U."""
        return len(self.stratum_codes)

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        return len(self.arm_counts[0][0])


def scheme_from_ratios(
    stratum_codes: npt.NDArray[np.integer], *, ratios: Sequence[int]
) -> RandomisationScheme:
    """Arm counts closest to the ratios in every stratum, remainders by lot among tied arms.

    Whole shares go to every arm; the units left over go to the arms with the largest fractional
    shares (the method of the largest remainder), and to each subset of the tied arms where
    shares tie, such as the odd unit of seven between two equal arms.

    Parameters
    ----------
    stratum_codes : array of int, shape (U,)
        Stratum of each unit, 0 to S - 1.
    ratios : sequence of int
        Positive, one for each arm.
    """
    sizes = np.bincount(stratum_codes)
    return RandomisationScheme(
        stratum_codes=np.asarray(stratum_codes, dtype=np.int64),
        arm_counts=tuple(_counts_by_ratio(int(size), tuple(ratios)) for size in sizes),
    )


def _counts_by_ratio(size: int, ratios: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    total = sum(ratios)
    whole = [size * ratio // total for ratio in ratios]
    fraction = [size * ratio % total for ratio in ratios]
    left = size - sum(whole)
    if left == 0:
        return (tuple(whole),)
    cut = sorted(fraction, reverse=True)[left - 1]
    sure = [arm for arm, part in enumerate(fraction) if part > cut]
    tied = [arm for arm, part in enumerate(fraction) if part == cut]
    return tuple(
        tuple(count + (arm in sure or arm in chosen) for arm, count in enumerate(whole))
        for chosen in combinations(tied, left - len(sure))
    )


def scheme_from_observed(
    arm_codes: npt.NDArray[np.integer],
    *,
    n_arms: int,
    stratum_codes: npt.NDArray[np.integer] | None = None,
) -> RandomisationScheme:
    """The scheme that keeps the observed number of units per arm in each stratum.

    Parameters
    ----------
    arm_codes : array of int, shape (U,)
        Observed arm of each unit, 0 to ``n_arms - 1``.
    n_arms : int
        Number of arms, at most eight.
    stratum_codes : array of int, shape (U,), optional
        Any integers; one stratum when absent.

    Raises
    ------
    InputError
        Codes outside the arms, or arrays of unequal length.
    """
    codes = np.asarray(arm_codes, dtype=np.int64)
    if not 2 <= n_arms <= MOST_ARMS:
        raise InputError(f"{n_arms} arms: a trial has two to {MOST_ARMS}")
    if len(codes) == 0 or codes.min() < 0 or codes.max() >= n_arms:
        raise InputError(f"arm codes must lie between 0 and {n_arms - 1}, one for each cluster")
    strata = np.zeros(len(codes), dtype=np.int64)
    if stratum_codes is not None:
        if len(stratum_codes) != len(codes):
            raise InputError(
                f"{len(stratum_codes)} stratum codes for {len(codes)} clusters: give one each"
            )
        strata = np.unique(np.asarray(stratum_codes), return_inverse=True)[1].astype(np.int64)
    frame = np.zeros((int(strata.max()) + 1, n_arms), dtype=np.int64)
    np.add.at(frame, (strata, codes), 1)
    return RandomisationScheme(
        stratum_codes=strata, arm_counts=tuple((tuple(row),) for row in frame.tolist())
    )


def sample_allocations(
    scheme: RandomisationScheme, *, n_draws: int, rng: np.random.Generator
) -> Codes:
    """Independent uniform draws of the scheme.

    Each admissible allocation has the same probability: arm counts that come by lot are drawn in
    proportion to the number of allocations they allow, then units are permuted within strata.
    Arm codes ride in the low bits of 64-bit random keys, so that sorting the keys permutes them;
    two keys tie with probability under 1e-15 for a hundred units.

    Parameters
    ----------
    scheme : RandomisationScheme
        Strata and arm counts.
    n_draws : int
        Number of rows.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    array of int8, shape (n_draws, U)
        Arm codes.
    """
    drawn = np.empty((n_draws, scheme.n_units), dtype=np.int8)
    for columns, counts in _batches(scheme):
        places = columns.ravel()
        ordered = np.array_equal(places, np.arange(places[0], places[0] + len(places)))
        # A slice is written without a copy through an index.
        held = slice(places[0], places[0] + len(places)) if ordered else places
        if len(counts) == 1 and counts[0] == (1, 1):
            first = rng.integers(0, 2, size=(n_draws, len(columns)), dtype=np.int8)
            drawn[:, columns[:, 0]] = first
            drawn[:, columns[:, 1]] = 1 - first
            continue
        rows = max(1, KEYS_PER_BATCH // columns.size)
        for start in range(0, n_draws, rows):
            stop = min(start + rows, n_draws)
            drawn[start:stop, held] = _permuted(counts, stop - start, columns.shape, rng)
    return drawn


def _batches(
    scheme: RandomisationScheme,
) -> list[tuple[Integers, tuple[tuple[int, ...], ...]]]:
    """Columns, shape (strata, size), of the strata that share size and arm counts."""
    order = np.argsort(scheme.stratum_codes, kind="stable")
    sizes = np.bincount(scheme.stratum_codes, minlength=len(scheme.arm_counts))
    starts = np.cumsum(sizes) - sizes
    alike: dict[tuple[tuple[int, ...], ...], list[Integers]] = {}
    for stratum, counts in enumerate(scheme.arm_counts):
        columns = order[starts[stratum] : starts[stratum] + sizes[stratum]]
        alike.setdefault(counts, []).append(columns)
    return [(np.stack(columns), counts) for counts, columns in alike.items()]


def _permuted(
    counts: tuple[tuple[int, ...], ...],
    n_draws: int,
    shape: tuple[int, ...],
    rng: np.random.Generator,
) -> Codes:
    n_strata, size = shape
    codes = np.array([np.repeat(np.arange(len(row)), row) for row in counts], dtype=np.uint64)
    keys = rng.integers(0, 1 << 64, size=(n_draws, n_strata, size), dtype=np.uint64)
    keys &= np.uint64((1 << 64) - MOST_ARMS)
    if len(counts) == 1:
        keys |= codes[0]
    else:
        # Whole numbers of ways may exceed what a double holds, their shares do not.
        ways = [multinomial(row) for row in counts]
        share = [way / sum(ways) for way in ways]
        keys |= codes[rng.choice(len(counts), size=(n_draws, n_strata), p=share)]
    keys.sort(axis=-1)
    keys &= np.uint64(MOST_ARMS - 1)
    return keys.astype(np.int8).reshape(n_draws, -1)


def multinomial(counts: Sequence[int]) -> int:
    """Number of ways to part ``sum(counts)`` units into groups of these sizes, exactly."""
    ways, placed = 1, 0
    for count in counts:
        placed += count
        ways *= math.comb(placed, count)
    return ways
