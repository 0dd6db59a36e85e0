"""Sample-ratio check: do the arms hold the clusters and units that the draw should give them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.analysis.randomisation_statistic import BATCH_NUMBERS, batches
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]

TIE = 1e-9
MOST_ENUMERATED = 1_000_000
MOST_DRAWS = 99_999
# Numbers drawn in all, over strata.
DRAW_BUDGET = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """Clusters and units by arm against the design.

    Attributes
    ----------
    arms
        Arm labels.
    clusters, expected_clusters
        Clusters of each arm, and what the ratios give on average.
    p_clusters
        Exact multinomial p of the numbers of clusters, given the number in each stratum. This is
        the check.
    units, expected_units
        Units of each arm, and what the ratios give on average; None where not given.
    p_units
        Share of the design's allocations that split units at least as unevenly; None without
        units or allocations. Informative: clusters of unequal size make uneven splits normal.
    p_units_naive
        Chi-square p that takes units for drawn one by one; wrong for clusters, shown so that a
        false alarm from elsewhere can be recognised.
    verdict
        ``"suspect"`` when ``p_clusters`` is below ``alpha``.
    alpha
        Level of the check.
    warnings
        Caveats in words.
    """

    arms: tuple[str, ...]
    clusters: tuple[int, ...]
    expected_clusters: tuple[float, ...]
    p_clusters: float
    units: tuple[float, ...] | None
    expected_units: tuple[float, ...] | None
    p_units: float | None
    p_units_naive: float | None
    verdict: Literal["consistent", "suspect"]
    alpha: float
    warnings: tuple[str, ...] = ()


def sample_ratio(
    observed: npt.ArrayLike,
    *,
    ratios: Sequence[float],
    arms: Sequence[str] | None = None,
    stratum: npt.ArrayLike | None = None,
    units: npt.ArrayLike | None = None,
    allocations: Codes | Iterable[Codes] | None = None,
    enumerated: bool = False,
    alpha: float = 0.001,
    seed: int = 2026,
) -> SampleRatio:
    """Check the split of clusters over arms, and show that of units beside it.

    The check is on the unit of randomisation. Numbers of clusters are compared with the ratios
    by the exact multinomial test, conditional on the number in each stratum: p is the
    probability of all splits no likelier than the observed one. It is computed over all splits
    of a single stratum where they are at most a million, else from seeded multinomial draws.

    Parameters
    ----------
    observed : array of int, shape (G,)
        Arm code of each cluster.
    ratios : sequence of float
        Planned share of each arm, up to a factor.
    arms : sequence of str, optional
        Arm labels.
    stratum : array, shape (G,), optional
        Labels of the strata.
    units : array, shape (G,), optional
        Units in each cluster.
    allocations : array of int8, shape (A, G), or iterable of such blocks, optional
        Admissible allocations, for the split of units.
    enumerated : bool
        True when ``allocations`` is the whole set.
    alpha : float
        Level below which the split is suspect.
    seed : int
        For multinomial draws.

    Raises
    ------
    InputError
        Codes outside the arms, ratios that are not positive, arrays of unequal length.
    """
    codes = np.asarray(observed, dtype=np.int64)
    share = np.asarray(ratios, dtype=np.float64)
    labels = tuple(arms) if arms is not None else tuple(str(k) for k in range(len(share)))
    _check(codes, share, labels)
    share = share / share.sum()
    counts = np.bincount(codes, minlength=len(share))
    p_clusters, smallest = _split_p(_table(codes, stratum, len(share)), share, seed)
    held, naive, p_units = None, None, None
    if units is not None:
        size = np.asarray(units, dtype=np.float64)
        if len(size) != len(codes):
            raise InputError(f"{len(size)} cluster sizes for {len(codes)} clusters")
        held = np.bincount(codes, weights=size, minlength=len(share)).astype(np.float64)
        naive = float(special.chdtrc(len(share) - 1, _chi_square(held, share)))
        if allocations is not None:
            p_units = _units_p(allocations, size, held, share, enumerated=enumerated)
    return SampleRatio(
        arms=labels,
        clusters=tuple(counts.tolist()),
        expected_clusters=tuple((len(codes) * share).tolist()),
        p_clusters=p_clusters,
        units=None if held is None else tuple(held.tolist()),
        expected_units=None if held is None else tuple((held.sum() * share).tolist()),
        p_units=p_units,
        p_units_naive=naive,
        verdict="suspect" if p_clusters < alpha else "consistent",
        alpha=alpha,
        warnings=_caveats(p_clusters, smallest, naive, p_units, alpha),
    )


def _check(codes: Ints, share: Floats, labels: tuple[str, ...]) -> None:
    if len(labels) != len(share):
        raise InputError(f"{len(share)} ratios for {len(labels)} arms: give one for each arm")
    if len(share) < 2 or not (np.isfinite(share) & (share > 0)).all():
        raise InputError("ratios must be positive, one for each of two or more arms")
    if len(codes) == 0 or codes.min() < 0 or codes.max() >= len(share):
        raise InputError(f"arm codes must lie between 0 and {len(share) - 1}")


def _table(codes: Ints, stratum: npt.ArrayLike | None, n_arms: int) -> Ints:
    """Clusters of each stratum and arm, shape (S, arms)."""
    strata = np.zeros(len(codes), dtype=np.int64)
    if stratum is not None:
        strata = np.unique(np.asarray(stratum), return_inverse=True)[1].astype(np.int64)
    return np.bincount(strata * n_arms + codes, minlength=n_arms * (int(strata.max()) + 1)).reshape(
        -1, n_arms
    )


def _split_p(table: Ints, share: Floats, seed: int) -> tuple[float, float]:
    """Multinomial p of the split, and the smallest p that any split could give."""
    bar = float(_log_probability(table, share).sum()) + TIE
    sizes, repeats = np.unique(table.sum(axis=1), return_counts=True)
    laws = [_law(size, share) for size in sizes.tolist()]
    if len(table) == 1 and laws[0] is not None:
        logs, chances = laws[0]
        return min(1.0, float(chances[logs <= bar].sum())), float(chances[0])
    work = sum(
        repeat * len(share) if law is None else len(law[0])
        for law, repeat in zip(laws, repeats.tolist(), strict=True)
    )
    n_draws = int(np.clip(DRAW_BUDGET // work, 1_999, MOST_DRAWS))
    rng = np.random.default_rng(seed)
    drawn = np.zeros(n_draws)
    for size, repeat, law in zip(sizes.tolist(), repeats.tolist(), laws, strict=True):
        if law is not None:
            drawn += rng.multinomial(repeat, law[1], size=n_draws) @ law[0]
            continue
        for _ in range(repeat):
            drawn += _log_probability(rng.multinomial(size, share, size=n_draws), share)
    return float((1 + (drawn <= bar).sum()) / (1 + n_draws)), 1 / (1 + n_draws)


def _law(size: int, share: Floats) -> tuple[Floats, Floats] | None:
    """Distinct log probabilities of the splits of a stratum, rising, and their chances.

    None when there are too many splits to list.
    """
    if comb(size + len(share) - 1, len(share) - 1) > MOST_ENUMERATED:
        return None
    logs = _log_probability(_splits(size, len(share)), share)
    _, first, level = np.unique(np.round(logs, 9), return_index=True, return_inverse=True)
    chances = np.bincount(level, weights=np.exp(logs)).astype(np.float64)
    return logs[first], chances / chances.sum()


def _log_probability(counts: Ints, share: Floats) -> Floats:
    """Log multinomial probability of each row of counts, shape (..., arms)."""
    total = counts.sum(axis=-1)
    logs: Floats = special.gammaln(total + 1) + (
        counts * np.log(share) - special.gammaln(counts + 1)
    ).sum(axis=-1)
    return logs


def _splits(total: int, n_arms: int) -> Ints:
    """Every way to split ``total`` clusters over the arms, one a row."""
    rows = np.zeros((1, 0), dtype=np.int64)
    left = np.array([total])
    for _ in range(n_arms - 1):
        origin = np.repeat(np.arange(len(rows)), left + 1)
        first = np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        taken = np.arange(len(origin)) - first
        rows = np.column_stack([rows[origin], taken])
        left = left[origin] - taken
    return np.column_stack([rows, left])


def _chi_square(held: Floats, share: Floats) -> Floats:
    """Pearson's statistic of unit counts, shape (..., arms), against the ratios."""
    expected = held.sum(axis=-1, keepdims=True) * share
    distance: Floats = ((held - expected) ** 2 / expected).sum(axis=-1)
    return distance


def _units_p(
    allocations: Codes | Iterable[Codes],
    size: Floats,
    held: Floats,
    share: Floats,
    *,
    enumerated: bool,
) -> float:
    bar = float(_chi_square(held, share)) * (1 - TIE)
    extreme, total = int(not enumerated), int(not enumerated)
    for block in batches(allocations, size=max(1, BATCH_NUMBERS // len(size))):
        if block.shape[1] != len(size):
            raise InputError(f"allocations have {block.shape[1]} columns for {len(size)} clusters")
        split = np.column_stack([(block == arm) @ size for arm in range(len(share))])
        extreme += int((_chi_square(split, share) >= bar).sum())
        total += len(block)
    return extreme / total


def _caveats(
    p_clusters: float,
    smallest: float,
    naive: float | None,
    p_units: float | None,
    alpha: float,
) -> tuple[str, ...]:
    notes = []
    if p_clusters < alpha:
        notes.append(
            "the split of clusters is not what the ratios give: look for clusters lost, "
            "reassigned or duplicated after the draw before reading any effect"
        )
    if smallest >= alpha:
        notes.append(
            f"with so few clusters no split could have p below {smallest:.2g}: compare the arms "
            "with the draw cluster by cluster"
        )
    if naive is not None and naive < alpha <= p_clusters:
        notes.append(
            f"a chi-square on units (p = {naive:.2g}) takes them for drawn one by one; whole "
            "clusters of unequal size were drawn, so it must not be read as a fault"
        )
    if p_units is not None and p_units < alpha:
        notes.append(
            f"units split more unevenly than in all but {p_units:.2g} of the admissible "
            "allocations: check for units lost or merged in one arm"
        )
    return tuple(notes)
