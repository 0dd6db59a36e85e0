"""A mean over units of drawn or visited zones, with an error that counts zones, not units."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredMean:
    """Mean over units.

    Attributes
    ----------
    mean
        Over all units.
    std_error
        By linearisation of the ratio over zones (Cochran 1977, section 6); NaN with one zone.
    ci_low, ci_high
        t interval at 95 % with one degree of freedom less than zones, within what the values
        allow when they are shares; NaN with one zone.
    units, zones
        Numbers.
    """

    mean: float
    std_error: float
    ci_low: float
    ci_high: float
    units: int
    zones: int


def clustered_mean(values: pd.Series, zone: pd.Series) -> ClusteredMean:
    """Return the mean of 0/1 values and its interval, zones being independent."""
    sums = values.astype(float).groupby(zone.to_numpy()).agg(["sum", "count"])
    total, units, zones = sums["sum"].sum(), int(sums["count"].sum()), len(sums)
    mean = float(total / units) if units else float("nan")
    if zones < 2:
        missing = float("nan")
        return ClusteredMean(
            mean=mean, std_error=missing, ci_low=missing, ci_high=missing, units=units, zones=zones
        )
    residual = sums["sum"] - mean * sums["count"]
    error = float(np.sqrt(zones / (zones - 1) * (residual**2).sum()) / units)
    half = float(stats.t.isf(0.025, zones - 1)) * error
    return ClusteredMean(
        mean=mean,
        std_error=error,
        ci_low=max(0.0, mean - half),
        ci_high=min(1.0, mean + half),
        units=units,
        zones=zones,
    )
