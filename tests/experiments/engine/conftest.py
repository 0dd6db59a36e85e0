import numpy as np
import pandas as pd
import pytest


def trial_rows(n: int = 600, *, clusters: int = 12, seed: int = 7) -> pd.DataFrame:
    """Rows of a seeded two-arm trial: zones in blocks, persons with sex, age and two outcomes."""
    generator = np.random.default_rng(seed)
    zone = generator.integers(0, clusters, n)
    age = generator.integers(18, 90, n)
    return pd.DataFrame(
        {
            "person": np.arange(n),
            "zone": [f"z{code}" for code in zone],
            "arm": np.where(zone % 2, "nudge", "control"),
            "block": zone // 4,
            "sex": np.where(generator.random(n) < 0.5, "f", "m"),
            "age": age,
            "sorted": (generator.random(n) < 0.3 + 0.05 * zone / clusters).astype(int),
            "score": 50 + 0.1 * age + generator.normal(size=n),
        }
    )


@pytest.fixture
def rows() -> pd.DataFrame:
    return trial_rows()
