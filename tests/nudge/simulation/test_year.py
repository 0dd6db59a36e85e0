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


def test_nudged_zones_gain_after_the_baseline_weeks_and_not_before():
    def green(effect):
        truth = Truth(arms={"nudge": ArmTruth(effect=effect, delivered=1.0)})
        rows = simulate_year(n_households=8_000, weeks=8, baseline_weeks=4, truth=truth, seed=2)
        out = rows[rows["presente"] & (rows["rang"] == 1)]
        return (out["couleur"] == "vert").groupby(out["vague"]).mean()

    gain = green(0.2) - green(0.0)

    assert (gain[:"S04"] == 0).all()
    # Half of the zones, seen by assessors who err: 0.2 / 2 times about 0.8.
    assert gain["S05":].mean() == pytest.approx(0.08, abs=0.01)
