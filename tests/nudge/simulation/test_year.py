import numpy as np
import pytest

from nudge.simulation.truth import ArmTruth, Truth
from nudge.simulation.year import simulate_year


def test_every_dwelling_is_checked_every_week():
    rows = simulate_year(n_households=1_000, weeks=6, households_per_zone=30, seed=2)
    first = rows[rows["rang"] == 1]

    assert rows["controle_id"].is_unique
    assert first["foyer_id"].nunique() == pytest.approx(1_000, abs=1)
    assert first["vague"].nunique() == 6
    assert len(first) == pytest.approx(0.98 * 6_000, rel=0.02)


def test_half_of_the_zones_gain_after_the_baseline_weeks():
    truth = Truth(arms={"nudge": ArmTruth(effect=0.2, delivered=1.0)})
    rows = simulate_year(
        n_households=8_000, weeks=8, baseline_weeks=4, households_per_zone=200, truth=truth, seed=2
    )
    out = rows[rows["presente"] & (rows["rang"] == 1)]
    after = np.where(out["vague"] > "S04", "after", "before")
    green = (out["couleur"] == "vert").groupby([out["zone_id"], after]).mean()
    gain = green.xs("after", level=1) - green.xs("before", level=1)

    assert (gain > 0.08).mean() == pytest.approx(0.5, abs=0.03)
    assert gain[gain > 0.08].mean() == pytest.approx(0.16, abs=0.03)
