import numpy as np
import pandas as pd
import pytest

from nudge.monitoring.zone_shares import clustered_mean


def test_interval_counts_zones_and_covers():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        level = rng.beta(6, 3, size=20)
        size = rng.integers(5, 40, size=20)
        zone = np.repeat(np.arange(20), size)
        y = pd.Series(rng.random(len(zone)) < level[zone])
        found = clustered_mean(y, pd.Series(zone))
        covered.append(found.ci_low <= 6 / 9 <= found.ci_high)

    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)


def test_alike_bins_widen_the_interval():
    mixed = pd.Series([1, 0] * 20)
    sorted_ = pd.Series([1] * 20 + [0] * 20)
    zone = pd.Series(np.repeat(np.arange(10), 4))

    assert clustered_mean(mixed, zone).std_error == pytest.approx(0)
    assert clustered_mean(sorted_, zone).std_error > 0.15


def test_one_zone_has_no_interval():
    found = clustered_mean(pd.Series([1, 0, 1]), pd.Series(["z", "z", "z"]))

    assert found.mean == pytest.approx(2 / 3)
    assert np.isnan(found.ci_low)
