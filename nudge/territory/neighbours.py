"""Which zones are near one another, for spillover and buffers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nudge.territory.territory import Territory
from nudge.territory.unit import AGGREGATES, STREET, check_unit

EARTH_RADIUS_M = 6_371_008.8

# Zones of one type are neighbours when they are at most this far apart, in metres.
NEAR_M: Mapping[str, float] = {"rue": 250.0, "sous_secteur": 600.0, "pav": 600.0, "cendrier": 200.0}


def neighbours_of(territory: Territory, *, unit: str) -> pd.DataFrame:
    """Return the pairs of neighbouring units, each in both directions.

    Parameters
    ----------
    territory
        Territory of :func:`nudge.territory.territory.load_territory`.
    unit
        ``rue``, ``sous_secteur``, ``pav`` or ``cendrier``; or ``tournee`` or ``commune``, which
        are neighbours when one of their streets is a neighbour of one of the other's.

    Returns
    -------
    Columns ``zone_id`` and ``voisin_id``, sorted, without repetition.

    Raises
    ------
    CampaignError
        The unit does not exist.
    """
    check_unit(unit)
    zones = territory.zones
    base = STREET if unit in AGGREGATES else unit
    column = AGGREGATES.get(unit, "zone_id")
    chosen = zones[zones["type_zone"] == base]
    units = dict(zip(chosen["zone_id"], chosen[column], strict=True))
    pairs = territory.neighbours
    pairs = pairs[pairs["zone_id"].isin(units) & pairs["voisin_id"].isin(units)]
    ends = pd.DataFrame({name: pairs[name].map(units) for name in ("zone_id", "voisin_id")})
    distinct = ends[ends["zone_id"] != ends["voisin_id"]].drop_duplicates()
    return distinct.sort_values(["zone_id", "voisin_id"], ignore_index=True)


def neighbours_from_coordinates(zones: pd.DataFrame) -> pd.DataFrame:
    """Return the neighbours that coordinates give, as the table ``voisinages``.

    Parameters
    ----------
    zones
        Typed table ``zones``; zones without coordinates have no neighbours.

    Returns
    -------
    One row a direction: ``zone_id``, ``voisin_id``, ``distance_m`` (great circle, whole
    metres) and ``synthetique``, true when either zone is invented.
    """
    placed = zones.dropna(subset=["latitude", "longitude"]).sort_values("zone_id")
    tables = [
        _near(placed[placed["type_zone"] == kind], most=most) for kind, most in NEAR_M.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _near(zones: pd.DataFrame, *, most: float) -> pd.DataFrame:
    distance = _distances(zones["latitude"].to_numpy(), zones["longitude"].to_numpy())
    np.fill_diagonal(distance, np.inf)
    one, other = np.nonzero(distance <= most)
    names, invented = zones["zone_id"].to_numpy(), zones["synthetique"].to_numpy()
    return pd.DataFrame(
        {
            "zone_id": names[one],
            "voisin_id": names[other],
            "distance_m": distance[one, other].astype("int64"),
            "synthetique": invented[one] | invented[other],
        }
    )


def _distances(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Return great-circle distances in whole metres by the haversine formula, shape (n, n)."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    half_phi, half_lam = (np.subtract.outer(angle, angle) / 2 for angle in (phi, lam))
    chord = np.sin(half_phi) ** 2 + np.outer(np.cos(phi), np.cos(phi)) * np.sin(half_lam) ** 2
    metres: np.ndarray = np.round(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(chord)))
    return metres
