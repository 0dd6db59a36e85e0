import pandas as pd
import pytest

from nudge.monitoring.complaints import complaint_rates, poisson_interval


def test_exact_interval_of_garwood():
    # Garwood (1936), Biometrika 28, table of 95 % limits.
    assert poisson_interval(0) == (0.0, pytest.approx(3.689, abs=5e-4))
    assert poisson_interval(5) == (pytest.approx(1.623, abs=5e-4), pytest.approx(11.668, abs=5e-4))


def test_rates_are_for_100_dwellings_of_each_arm():
    zones = pd.DataFrame({"zone_id": ["a", "b", "c"], "n_logements": [100, 150, 250]})
    arms = {"a": "temoin", "b": "carte", "c": "carte"}
    complaints = pd.DataFrame({"zone_id": ["b"] * 6 + ["c"] * 6})

    carte, temoin = complaint_rates(complaints, arms=arms, zones=zones, threshold=3.0)

    assert (carte.arm, carte.complaints, carte.dwellings) == ("carte", 12, 400)
    assert carte.rate == pytest.approx(3.0)
    assert carte.over
    assert temoin.rate == 0
    assert not temoin.over
    assert temoin.ci_high == pytest.approx(3.689, abs=1e-3)
