"""Power over a range of effects, clusters, units, waves or correlations, as tidy tables."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from experiments.errors import InputError
from experiments.power.contrast import PowerDesign
from experiments.power.power_analysis import minimum_detectable_effect, power_of

Floats = npt.NDArray[np.float64]
Along = Literal["effect", "clusters", "units", "waves", "icc"]
POINTS = 41


def power_curve(
    design: PowerDesign,
    *,
    along: Along,
    values: Sequence[float] | None = None,
    iccs: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Power as one quantity varies and all others stay.

    Parameters
    ----------
    along
        Quantity that varies.
    values
        Its values; by default a range around the design's.
    iccs
        Intraclass correlations, one curve each; by default the design's alone. Must be left out
        along ``"icc"``.

    Returns
    -------
    DataFrame
        Columns ``along``, ``value``, ``icc`` and ``power``, one row per point.

    Raises
    ------
    InputError
        A value is outside the quantity's range.
    """
    if along == "icc":
        if iccs is not None:
            message = "iccs: leave them out where the curve runs along the icc"
            raise InputError(message)
        places = usual_values(design, along) if values is None else values
        return pd.DataFrame(
            {
                "along": along,
                "value": list(places),
                "icc": list(places),
                "power": [power_of(design.vary(icc=float(place))) for place in places],
            }
        )
    places = usual_values(design, along) if values is None else values
    rows = [
        (along, float(place), float(icc), power_of(_moved(design.vary(icc=icc), along, place)))
        for icc in ((design.icc,) if iccs is None else iccs)
        for place in places
    ]
    return pd.DataFrame(rows, columns=["along", "value", "icc", "power"])


def detectable_effects(
    design: PowerDesign,
    *,
    clusters: Sequence[float],
    iccs: Sequence[float],
    target: float = 0.8,
    direction: Literal["increase", "decrease"] = "increase",
) -> pd.DataFrame:
    """Minimum detectable effect for each number of clusters and intraclass correlation.

    Returns
    -------
    DataFrame
        Columns ``clusters``, ``icc`` and ``effect``; NaN where no effect is detectable.
    """
    rows = []
    for number in clusters:
        for icc in iccs:
            found = minimum_detectable_effect(
                design.vary(clusters=number, icc=icc), target=target, direction=direction
            )
            effect = np.nan if found.solution is None else found.solution
            rows.append((number, icc, effect))
    return pd.DataFrame(rows, columns=["clusters", "icc", "effect"])


def usual_values(design: PowerDesign, along: Along) -> Sequence[float]:
    """Range of a quantity worth drawing, the design's own value included."""
    if along == "effect":
        sign = -1 if design.effect < 0 else 1
        reach = 4.5 * design.vary(effect=0.0).contrast().std_error
        reach = min(max(reach, abs(design.effect)), design.largest_effect(sign) * (1 - 1e-9))
        return _with(sign * np.linspace(0, reach, POINTS), design.effect)
    if along == "clusters":
        fewest = np.ceil(design.fewest_clusters)
        most = max(3 * design.clusters, fewest + 10)
        return _with(np.unique(np.linspace(fewest, most, POINTS).round()), design.clusters)
    if along == "units":
        high = max(4 * design.units, 20.0)
        return _with(np.unique(np.geomspace(2, high, POINTS).round()), design.units)
    if along == "waves":
        first, last = min(1, design.waves), max(2 * design.waves, 8)
        return [float(number) for number in range(first, last + 1)]
    high = min(max(3 * design.icc, 0.1), 0.95)
    return _with(np.linspace(0, high, POINTS), design.icc)


def _with(values: Floats, own: float) -> list[float]:
    return sorted({float(value) for value in values} | {float(own)})


def _moved(design: PowerDesign, along: Along, value: float) -> PowerDesign:
    if along == "effect":
        return design.vary(effect=value)
    if along == "clusters":
        return design.vary(clusters=value)
    if along == "units":
        return design.vary(units=value)
    return design.vary(waves=round(value))
