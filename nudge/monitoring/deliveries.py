"""Messages delivered: how many arrived, and whether any went astray."""

from collections.abc import Mapping, Sequence

import pandas as pd

PER_DWELLINGS = 100


def delivery_fidelity(
    deliveries: pd.DataFrame, *, arms: Mapping[str, str], nudged: Sequence[str]
) -> pd.DataFrame:
    """Return by nudged arm what was entered, what arrived and why the rest did not.

    Parameters
    ----------
    deliveries
        Rows of ``distribution``.
    arms
        Zone to arm.
    nudged
        Arms that receive a message.

    Returns
    -------
    DataFrame
        ``groupe``, ``remises`` (rows of that arm's zones and message), ``arrivees``, ``part``,
        ``zones`` (with a delivery), ``zones_prevues``, ``motif`` (the most frequent one).
    """
    due = deliveries["zone_id"].map(arms)
    rows = []
    for arm in nudged:
        mine = deliveries[(due == arm) & (deliveries["bras"] == arm)]
        arrived = int(mine["remis"].astype(bool).sum())
        reasons = mine["motif_non_remis"].dropna().value_counts()
        rows.append(
            {
                "groupe": arm,
                "remises": len(mine),
                "arrivees": arrived,
                "part": arrived / len(mine) if len(mine) else float("nan"),
                "zones": int(mine["zone_id"].nunique()),
                "zones_prevues": sum(one == arm for one in arms.values()),
                "motif": str(reasons.index[0]) if len(reasons) else "",
            }
        )
    return pd.DataFrame(rows)


def strayed(deliveries: pd.DataFrame, *, arms: Mapping[str, str]) -> pd.DataFrame:
    """Return messages that arrived in zones of another arm, counted by zone.

    Returns
    -------
    DataFrame
        ``zone_id``, ``groupe`` (of the zone), ``message`` (arm whose message arrived),
        ``remises``; zones outside the campaign have an empty group.
    """
    arrived = deliveries[deliveries["remis"].astype(bool)]
    due = arrived["zone_id"].map(arms).fillna("")
    wrong = arrived.assign(groupe=due)[due != arrived["bras"]]
    counted = wrong.groupby(["zone_id", "groupe", "bras"]).size().reset_index(name="remises")
    return counted.rename(columns={"bras": "message"})


def exposed_controls(
    neighbours: pd.DataFrame, *, arms: Mapping[str, str], control: str
) -> tuple[str, ...]:
    """Return control zones that neighbour a zone of another arm."""
    own, other = neighbours["zone_id"].map(arms), neighbours["voisin_id"].map(arms)
    exposed = neighbours.loc[(own == control) & other.notna() & (other != control), "zone_id"]
    return tuple(sorted(exposed.unique()))
