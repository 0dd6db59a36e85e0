"""Tallies of bin checks by zone and wave, as teams that keep no list of bins note them."""

import pandas as pd


def tallies(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``comptage_bacs`` that the first ratings of ``controle_bac`` give."""
    first = checks[checks["rang"] == 1]
    marks = pd.DataFrame(
        {
            "zone_id": first["zone_id"],
            "vague": first["vague"],
            "date": first["date"],
            "n_controles": 1,
            "n_non_presentes": (~first["presente"].astype(bool)).astype("int64"),
            "n_vert": (first["couleur"] == "vert").astype("int64"),
            "n_orange": (first["couleur"] == "orange").astype("int64"),
            "n_rouge": (first["couleur"] == "rouge").astype("int64"),
        }
    )
    grouped = marks.groupby(["zone_id", "vague"], sort=False)
    days = grouped["date"].min()
    totals = grouped[["n_controles", "n_non_presentes", "n_vert", "n_orange", "n_rouge"]].sum()
    totals.insert(0, "date", days)
    return totals.reset_index()
