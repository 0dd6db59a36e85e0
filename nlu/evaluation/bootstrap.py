"""Percentile bootstrap intervals that resample whole families.

Rows of one family tell the same situation, so they are right or wrong together; resampling rows
would give intervals that are too narrow (cluster bootstrap, Davison and Hinkley 1997, § 3.8).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and its interval.

    Attributes
    ----------
    estimate : float
        On all rows.
    low, high : float
        Percentile limits.
    level : float
        Nominal coverage.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95


def family_members(families: Sequence[str]) -> list[IntArray]:
    """Row positions of each family, in order of first appearance."""
    places: dict[str, list[int]] = {}
    for row, family in enumerate(families):
        places.setdefault(family, []).append(row)
    return [np.asarray(rows, np.int64) for rows in places.values()]


def bootstrap_interval(
    statistic: Callable[[IntArray], float],
    families: Sequence[str],
    *,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 13,
) -> Interval:
    """Percentile interval of a statistic of rows.

    Parameters
    ----------
    statistic : callable
        From row positions (repeats allowed) to a number; nan draws are left out.
    families : sequence of str
        Family of each row; one name a row resamples rows.
    draws : int
        Resamples.
    level : float
        Nominal coverage, in (0, 1).
    seed : int
        Of the resampling.
    """
    members = family_members(families)
    rng = np.random.default_rng(seed)
    everything = np.arange(len(families), dtype=np.int64)
    values = np.empty(draws)
    for draw in range(draws):
        picked = rng.integers(len(members), size=len(members))
        values[draw] = statistic(np.concatenate([members[index] for index in picked]))
    tail = (1.0 - level) / 2.0
    defined = values[~np.isnan(values)]
    low, high = np.quantile(defined, [tail, 1.0 - tail]) if len(defined) else (np.nan, np.nan)
    return Interval(estimate=statistic(everything), low=float(low), high=float(high), level=level)
