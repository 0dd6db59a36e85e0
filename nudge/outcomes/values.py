"""From the observations of an instrument to the values of an outcome, one row a unit."""

import numpy as np
import pandas as pd

COLUMNS = ("zone_id", "vague", "foyer_id", "y")
DAYS_OF_A_WEEK = 7.0


def presented(checks: pd.DataFrame) -> pd.DataFrame:
    """Whether each checked dwelling's bin was set out: every first rating counts."""
    first = checks[checks["rang"] == 1]
    return _table(first, first["presente"].astype(bool))


def well_sorted(checks: pd.DataFrame) -> pd.DataFrame:
    """Whether each bin set out is green; bins that are not set out are left out."""
    seen = _set_out(checks)
    return _table(seen, seen["couleur"] == "vert")


def not_red(checks: pd.DataFrame) -> pd.DataFrame:
    """Whether each bin set out is green or orange."""
    seen = _set_out(checks)
    return _table(seen, seen["couleur"] != "rouge")


def set_out_and_well_sorted(checks: pd.DataFrame) -> pd.DataFrame:
    """Whether each checked dwelling has its bin out and green, intention to treat."""
    first = checks[checks["rang"] == 1]
    return _table(first, first["presente"].astype(bool) & (first["couleur"] == "vert"))


def well_sorted_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Aggregated tallies of bins set out, one row a bin: 1 for green ones."""
    seen = counts["n_vert"] + counts["n_orange"] + counts["n_rouge"]
    return _repeated(counts, ones=counts["n_vert"], total=seen)


def presented_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Aggregated tallies, one row an address: 1 where the bin was set out."""
    total = counts["n_controles"]
    return _repeated(counts, ones=total - counts["n_non_presentes"], total=total)


def undesired_share(samples: pd.DataFrame) -> pd.DataFrame:
    """Mass share of undesired categories, one row a sample."""
    masses = samples.assign(lost=samples["masse_kg"].where(samples["indesirable"].astype(bool), 0))
    sums = masses.groupby(["echantillon_id", "zone_id", "vague"], as_index=False)[
        ["masse_kg", "lost"]
    ].sum()
    sums = sums[sums["masse_kg"] > 0]
    return _table(sums, sums["lost"] / sums["masse_kg"])


def refused_share(loads: pd.DataFrame) -> pd.DataFrame:
    """Mass refused over mass received, one row a load."""
    return _table(loads, loads["masse_refusee_kg"] / loads["masse_recue_kg"])


def received_mass(loads: pd.DataFrame) -> pd.DataFrame:
    """Mass received in kilograms, one row a load."""
    return _table(loads, loads["masse_recue_kg"])


def fill(readings: pd.DataFrame) -> pd.DataFrame:
    """Fill of a drop-off point in per cent of its volume, one row a reading."""
    return _table(readings, readings["taux_remplissage_pct"])


def overflowing(readings: pd.DataFrame) -> pd.DataFrame:
    """Whether a drop-off point overflows, one row a reading."""
    return _table(readings, readings["deborde"].astype(bool))


def butts_per_square_metre(counts: pd.DataFrame) -> pd.DataFrame:
    """Butts on the ground for each square metre, one row a count."""
    return _table(counts, counts["megots_sol"] / counts["carre_m2"])


def ballots(counts: pd.DataFrame) -> pd.DataFrame:
    """Votes cast with a butt, one row a count; counts without votes noted are left out."""
    noted = counts[counts["bulletins"].notna()]
    return _table(noted, noted["bulletins"])


def dumps_per_week(readings: pd.DataFrame) -> pd.DataFrame:
    """Illegal dumps for each week covered, one row a reading."""
    return _table(readings, readings["nombre"] * DAYS_OF_A_WEEK / readings["duree_jours"])


def quiz_score(answers: pd.DataFrame) -> pd.DataFrame:
    """Declared score between 0 and 10, one row an answer."""
    return _table(answers, answers["score"])


def interest(conversations: pd.DataFrame) -> pd.DataFrame:
    """Whether a person came to speak of eco-gestures, one row a conversation."""
    return _table(conversations, conversations["interet"].astype(bool))


def water_volume(readings: pd.DataFrame) -> pd.DataFrame:
    """Water used in cubic metres, one row a dwelling and period."""
    return _table(readings, readings["volume_m3"])


def _set_out(checks: pd.DataFrame) -> pd.DataFrame:
    return checks[(checks["rang"] == 1) & checks["presente"].astype(bool)]


def _table(rows: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    dwelling = rows["foyer_id"].to_numpy() if "foyer_id" in rows else np.full(len(rows), None)
    return pd.DataFrame(
        {
            "zone_id": rows["zone_id"].to_numpy(),
            "vague": rows["vague"].to_numpy(),
            "foyer_id": dwelling,
            "y": values.to_numpy(dtype=np.float64),
        }
    )


def _repeated(counts: pd.DataFrame, *, ones: pd.Series, total: pd.Series) -> pd.DataFrame:
    repeats = total.to_numpy(dtype=np.int64)
    rank = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    rows = counts.loc[counts.index.repeat(repeats)]
    return _table(rows, pd.Series(rank < np.repeat(ones.to_numpy(dtype=np.int64), repeats)))
