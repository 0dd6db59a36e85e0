"""Levels noted by each assessor, over all arms together; nothing is adjusted."""

import pandas as pd

from nudge.monitoring.zone_shares import ClusteredMean, clustered_mean

COLUMNS = ("controleur", "vague", "part_vert", "bas", "haut", "bacs", "zones")


def assessor_levels(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the green share that each assessor noted, in all and wave by wave.

    Assessors rotate over zones, so that theirs should differ by chance only; streets differ too,
    and intervals count zones.

    Parameters
    ----------
    checks
        Rows of ``controle_bac``.

    Returns
    -------
    DataFrame
        ``controleur``, ``vague`` (empty for all waves), ``part_vert``, ``bas``, ``haut``,
        ``bacs``, ``zones``.
    """
    seen = checks[
        (checks["rang"] == 1) & checks["presente"].astype(bool) & checks["couleur"].notna()
    ]
    rows = []
    for name, of_one in seen.groupby("controleur", sort=True):
        rows.append(_row(str(name), "", of_one))
        rows += [
            _row(str(name), str(wave), part) for wave, part in of_one.groupby("vague", sort=False)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def far_apart(levels: pd.DataFrame) -> tuple[str, ...]:
    """Return assessors whose interval, over all waves, leaves out the level of the others."""
    whole = levels[levels["vague"] == ""]
    total = float((whole["part_vert"] * whole["bacs"]).sum())
    units = float(whole["bacs"].sum())
    others = (total - whole["part_vert"] * whole["bacs"]) / (units - whole["bacs"]).where(
        whole["bacs"] < units
    )
    away = (others < whole["bas"]) | (others > whole["haut"])
    return tuple(whole.loc[away.fillna(False).to_numpy(dtype=bool), "controleur"])


def _row(name: str, wave: str, part: pd.DataFrame) -> tuple[object, ...]:
    found: ClusteredMean = clustered_mean(part["couleur"] == "vert", part["zone_id"])
    return (name, wave, found.mean, found.ci_low, found.ci_high, found.units, found.zones)
