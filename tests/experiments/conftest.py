import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCES = Path(__file__).parent / "references"


def make_trial(
    *, clusters: int = 8, units: int = 12, arms: tuple[str, ...] = ("control", "nudge"), seed=3
) -> pd.DataFrame:
    """Seeded rows: zones in pairs and two blocks, arms in turn, three outcomes, covariates."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(clusters), units + rng.integers(0, units, clusters))
    n = len(g)
    u = rng.normal(size=clusters)[g]
    treated = (g % len(arms)) > 0
    income = rng.integers(15, 40, n) + np.rint(2 * u)
    return pd.DataFrame(
        {
            "unit": np.arange(n),
            "zone": [f"z{code:02d}" for code in g],
            "arm": np.array(arms)[g % len(arms)],
            "block": np.where(g < clusters // 2, "north", "south"),
            "pair": [f"p{code // 2}" for code in g],
            "income": income,
            "house": rng.choice(["farm", "flat", "villa"], n),
            "density": (5 + 7 * g % 11).astype(float),
            "score": np.round(50 + treated + 2 * u + 0.1 * income + rng.normal(0, 2, n), 3),
            "sorted": (rng.random(n) < 1 / (1 + np.exp(-(0.2 + 0.4 * treated + 0.5 * u)))).astype(
                int
            ),
            "visits": rng.poisson(np.exp(0.7 + 0.2 * treated + 0.3 * u)),
        }
    )


@pytest.fixture(scope="session")
def trial_rows():
    """Maker of a seeded trial's rows: clusters, units, arms, seed."""
    return make_trial


@pytest.fixture(scope="session")
def two_waves():
    """Maker of rows in waves "0" and "1", scores of the first being given."""

    def waves(rows: pd.DataFrame, before: object) -> pd.DataFrame:
        return pd.concat([rows.assign(score=before, wave="0"), rows.assign(wave="1")])

    return waves


@pytest.fixture(scope="session")
def r_numbers() -> dict:
    """What R packages find on one trial (analyse_trial.R), its rows left out."""
    return {name: value for name, value in _reference().items() if name != "rows"}


@pytest.fixture(scope="session")
def r_rows() -> pd.DataFrame:
    """Rows of the trial that R packages analysed: 15 zones, 3 strata, 261 units."""
    return pd.DataFrame(_reference()["rows"])


def _reference() -> dict:
    return json.loads((REFERENCES / "analyse_trial.json").read_text(encoding="utf-8"))
