"""Which zones were measured in which wave, and how many units were seen."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from nudge.campaign.wave import Wave


def wave_totals(values: pd.DataFrame, waves: Sequence[Wave]) -> pd.DataFrame:
    """Return units and zones measured in each wave, all arms together.

    Parameters
    ----------
    values
        ``zone_id`` and ``vague``, one row a unit.
    waves
        Waves in order of date.
    """
    grouped = values.groupby("vague")["zone_id"]
    units, zones = grouped.size(), grouped.nunique()
    names = [wave.name for wave in waves]
    return pd.DataFrame(
        {
            "vague": names,
            "type": [wave.kind for wave in waves],
            "debut": [wave.start for wave in waves],
            "fin": [wave.end for wave in waves],
            "unites": units.reindex(names, fill_value=0).to_numpy(),
            "zones": zones.reindex(names, fill_value=0).to_numpy(),
        }
    )


def set_out_totals(checks: pd.DataFrame, waves: Sequence[Wave]) -> pd.DataFrame:
    """Return dwellings checked and bins set out in each wave, all arms together."""
    first = checks[checks["rang"] == 1]
    grouped = first["presente"].astype(bool).groupby(first["vague"]).agg(["size", "sum"])
    names = [wave.name for wave in waves]
    table = grouped.reindex(names, fill_value=0).reset_index(drop=True)
    seen = table["size"].where(table["size"] > 0)
    return pd.DataFrame(
        {
            "vague": names,
            "logements": table["size"].astype("int64"),
            "presentes": table["sum"].astype("int64"),
            "part_presentes": (table["sum"] / seen).astype("float64"),
        }
    )


def missing_zones(
    values: pd.DataFrame, waves: Sequence[Wave], zones: Sequence[str], *, today: date
) -> dict[str, tuple[str, ...]]:
    """Return, for each wave that has ended, the zones without any unit.

    Waves without a single unit are left out of nothing: all their zones are listed.
    """
    seen = values.groupby("vague")["zone_id"].agg(set).to_dict()
    return {
        wave.name: tuple(zone for zone in zones if zone not in seen.get(wave.name, set()))
        for wave in waves
        if wave.end < today
    }
