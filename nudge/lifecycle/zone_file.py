"""The frozen zone list as a CSV file."""

import io

import pandas as pd


def zones_csv(zones: pd.DataFrame, neighbours: pd.DataFrame) -> str:
    """Return zones and their neighbours, separated by a bar, as CSV text."""
    listed = neighbours.groupby("zone_id")["voisin_id"].agg("|".join)
    table = zones.assign(voisins=zones["zone_id"].map(listed).fillna(""))
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()
