"""How the field work went: deliveries made, complaints received."""

from collections.abc import Mapping, Sequence

import pandas as pd

PER_DWELLINGS = 100


def fidelity(
    delivered: pd.DataFrame | None, *, arms: Mapping[str, str], nudged: Sequence[str]
) -> dict[str, float] | None:
    """Share of the deliveries due that reached their dwelling with the right message, by arm.

    Parameters
    ----------
    delivered
        Deliveries (instrument ``distribution``); None or empty where none were entered.
    arms
        Zone to arm.
    nudged
        Arms that receive a message.

    Returns
    -------
    dict or None
        Shares in [0, 1]; None where nothing was entered.
    """
    if delivered is None or not len(delivered):
        return None
    due = delivered["zone_id"].map(arms)
    right = delivered["remis"].astype(bool) & (delivered["bras"] == due)
    shares = right.groupby(due).mean()
    return {arm: float(shares[arm]) for arm in nudged if arm in shares}


def complaint_rates(
    complaints: pd.DataFrame | None, *, arms: Mapping[str, str], zones: pd.DataFrame
) -> dict[str, float] | None:
    """Complaints for 100 dwellings, by arm; None where none were entered.

    Parameters
    ----------
    complaints
        Rows of the instrument ``reclamation``.
    zones
        Columns ``zone_id`` and ``n_logements``.
    """
    if complaints is None or not len(complaints):
        return None
    dwellings = zones.set_index("zone_id")["n_logements"].astype(float)
    total = dwellings.groupby(dwellings.index.map(arms)).sum()
    received = complaints["zone_id"].map(arms).value_counts()
    return {
        str(arm): PER_DWELLINGS * float(received.get(arm, 0)) / float(homes)
        for arm, homes in total.items()
        if homes > 0
    }
