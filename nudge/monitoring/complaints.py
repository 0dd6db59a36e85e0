"""Complaints for 100 dwellings, by arm, with an exact interval, against the stop threshold."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from scipy import stats

PER_DWELLINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRate:
    """Complaints of one arm.

    Attributes
    ----------
    arm
        Arm identifier.
    complaints, dwellings
        Numbers.
    rate, ci_low, ci_high
        For 100 dwellings, with the exact Poisson interval at 95 % (Garwood 1936).
    over
        Whether the rate reaches the threshold.
    """

    arm: str
    complaints: int
    dwellings: int
    rate: float
    ci_low: float
    ci_high: float
    over: bool


def complaint_rates(
    complaints: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    zones: pd.DataFrame,
    threshold: float,
    level: float = 0.95,
) -> tuple[ComplaintRate, ...]:
    """Return the rate of each arm that holds dwellings, in alphabetical order.

    Parameters
    ----------
    complaints
        Rows of ``reclamation``.
    arms
        Zone to arm.
    zones
        ``zone_id`` and ``n_logements``.
    threshold
        Complaints for 100 dwellings from which the campaign is halted.
    level
        Coverage of the interval.
    """
    homes = zones.set_index("zone_id")["n_logements"].fillna(0).astype(float)
    of_arm = homes.groupby(homes.index.map(dict(arms))).sum()
    received = complaints["zone_id"].map(arms).value_counts()
    return tuple(
        _rate(str(arm), int(received.get(arm, 0)), int(dwellings), threshold, level)
        for arm, dwellings in of_arm.items()
        if dwellings > 0
    )


def poisson_interval(count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean from one count (Garwood 1936)."""
    tail = (1 - level) / 2
    low = float(stats.chi2.ppf(tail, 2 * count) / 2) if count else 0.0
    return low, float(stats.chi2.isf(tail, 2 * count + 2) / 2)


def _rate(arm: str, count: int, dwellings: int, threshold: float, level: float) -> ComplaintRate:
    low, high = poisson_interval(count, level=level)
    scale = PER_DWELLINGS / dwellings
    return ComplaintRate(
        arm=arm,
        complaints=count,
        dwellings=dwellings,
        rate=count * scale,
        ci_low=low * scale,
        ci_high=high * scale,
        over=count * scale >= threshold,
    )
