"""A synthetic export of contacts, to try the import and the cockpit; no real figure is in it.

Only two things are anchored: the total of the sample that the repository holds, 1,926 requests
(a screen of the service's cockpit), and the five natures. Every share below is invented.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from nlu.corpus.taxonomy import Taxonomy

SAMPLE_ROWS, SAMPLE_SEED = 1_926, 2027
SAMPLE_START, SAMPLE_DAYS = date(2026, 1, 1), 273
CHANNELS = {"telephone": 0.55, "courriel": 0.2, "formulaire": 0.12, "accueil": 0.08,
            "courrier": 0.03, "svi": 0.02}  # fmt: skip
CATEGORIES = {"resident_principal": 0.5, "resident_secondaire": 0.27, "professionnel": 0.1,
              "visiteur": 0.05, "inconnu": 0.08}  # fmt: skip
THEMES = {"collecte_decheteries": 0.32, "bacs_reclamations": 0.24, "tri_dechets": 0.14,
          "usager_facturation": 0.12, "territoire_signalement": 0.09, "eau_assainissement": 0.06,
          "ecogestes_nudge": 0.02, "conversation_droits": 0.01}  # fmt: skip
MEDIAN_HOURS = {"telephone": 0.2, "courriel": 20.0, "formulaire": 16.0, "accueil": 0.1,
                "courrier": 60.0, "svi": 4.0}  # fmt: skip


def synthetic_export(
    taxonomy: Taxonomy,
    populations: Mapping[str, int],
    *,
    n_rows: int = SAMPLE_ROWS,
    seed: int = SAMPLE_SEED,
    start: date = SAMPLE_START,
    days: int = SAMPLE_DAYS,
) -> pl.DataFrame:
    """Draw contacts; the same rows for the same seed.

    Parameters
    ----------
    taxonomy
        Themes and intents.
    populations
        Inhabitants by INSEE code: contacts are shared out in proportion.
    n_rows, seed
        Number of contacts, and of the generator.
    start, days
        First day, and length of the period; summer has more contacts.

    Returns
    -------
    DataFrame
        Columns of ``contacts.schema.json`` without ``texte``, by date.
    """
    rng = np.random.default_rng(seed)
    season = 1 + 0.8 * np.sin(np.linspace(-np.pi / 2, np.pi, days)).clip(0)
    day = rng.choice(days, size=n_rows, p=season / season.sum())
    theme = _drawn(rng, THEMES, n_rows)
    intent = _intents(rng, taxonomy, theme)
    channel = _drawn(rng, CHANNELS, n_rows)
    median = pl.Series(channel).replace_strict(MEDIAN_HOURS, return_dtype=pl.Float64).to_numpy()
    number = rng.integers(0, max(1, int(n_rows * 0.8)), size=n_rows)
    return pl.DataFrame(
        {
            "pseudonyme": pl.Series(number).cast(pl.String).str.zfill(7),
            "date": pl.Series(np.datetime64(start) + day),
            "canal": channel,
            "commune": _drawn(rng, populations, n_rows),
            "categorie_usager": _drawn(rng, CATEGORIES, n_rows),
            "theme": theme,
            "sous_theme": intent,
            "nature": pl.Series(intent).replace_strict(
                {one.name: one.nature for one in taxonomy.intents}, return_dtype=pl.String
            ),
            "delai_heures": np.round(median * rng.lognormal(0, 1, n_rows), 2),
            "opt_in": _drawn(rng, {"oui": 0.3, "non": 0.5, "": 0.2}, n_rows),
        }
    ).sort("date", "pseudonyme", maintain_order=True)


def _drawn(rng: np.random.Generator, shares: Mapping[str, float], size: int) -> np.ndarray:
    weights = np.array(list(shares.values()), dtype=float)
    return rng.choice(np.array(list(shares)), size=size, p=weights / weights.sum())


def _intents(rng: np.random.Generator, taxonomy: Taxonomy, theme: np.ndarray) -> np.ndarray:
    """Intent of each contact, drawn within its theme; the first ones of a theme are commoner."""
    drawn = np.empty(theme.size, dtype=object)
    for name in taxonomy.themes:
        intents = [one.name for one in taxonomy.intents if one.theme == name]
        shares = {one: 1 / rank for rank, one in enumerate(intents, start=1)}
        place = np.flatnonzero(theme == name)
        drawn[place] = _drawn(rng, shares, place.size)
    return drawn.astype(str)
