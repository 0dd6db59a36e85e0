import numpy as np
import pandas as pd
import pytest

from experiments.design.trial_design import TrialDesign


@pytest.fixture
def dickinson() -> pd.DataFrame:
    """Sixteen Colorado counties: Dickinson et al. (2015), J Am Board Fam Med 28:663."""
    return pd.DataFrame(
        {
            "county": range(1, 17),
            "location": ["Rural"] * 8 + ["Urban"] * 8,
            "inciis": [94, 85, 85, 93, 82, 80, 94, 100, 93, 89, 83, 70, 93, 85, 82, 84],
            "uptodate": [37, 39, 42, 39, 31, 27, 49, 37, 51, 51, 54, 29, 50, 36, 38, 43],
            "hispanic": [44, 23, 12, 18, 6, 15, 38, 39, 35, 17, 7, 13, 13, 10, 39, 28],
            "incomecat": [
                "Low", "High", "Low", "High", "High", "Med", "Low", "Low",
                "Med", "Med", "High", "Med", "High", "Med", "Low", "Med",
            ],
        }
    )  # fmt: skip


@pytest.fixture
def dickinson_design() -> TrialDesign:
    return TrialDesign(
        name="Immunisation reminders",
        cluster="county",
        arms=("practice-based", "population-based"),
        constraint={
            "covariates": ("location", "inciis", "uptodate", "hispanic", "incomecat"),
            "keep": 0.1,
        },
        seed=2015,
    )


@pytest.fixture
def zones() -> pd.DataFrame:
    """Twenty-four zones with a size, a stratum, two covariates and coordinates."""
    rng = np.random.default_rng(11)
    return pd.DataFrame(
        {
            "zone": [f"Z{place:02d}" for place in range(1, 25)],
            "bins": rng.integers(40, 160, 24),
            "habitat": ["urban"] * 12 + ["rural"] * 12,
            "income": rng.normal(21_000, 3_000, 24).round(),
            "flats": rng.uniform(0, 1, 24).round(3),
            "lat": (44.55 + rng.uniform(0, 0.03, 24)).round(5),
            "lon": (6.07 + rng.uniform(0, 0.04, 24)).round(5),
        }
    )
