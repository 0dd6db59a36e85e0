import numpy as np
import pandas as pd
import pytest

from nudge.monitoring.assessors import assessor_levels, far_apart


def rated(levels, *, zones=30, bins=20):
    rng = np.random.default_rng(4)
    rows = []
    for name, level in levels.items():
        for zone in range(zones):
            green = rng.random(bins) < level
            rows += [
                (name, f"z{zone}", "v1", True, "vert" if one else "orange", 1) for one in green
            ]
    columns = ["controleur", "zone_id", "vague", "presente", "couleur", "rang"]
    return pd.DataFrame(rows, columns=columns)


def test_levels_of_each_assessor():
    table = assessor_levels(rated({"a": 0.7, "b": 0.5}))
    whole = table[table["vague"] == ""].set_index("controleur")

    assert whole.loc["a", "part_vert"] == pytest.approx(0.7, abs=0.05)
    assert whole.loc["a", "bas"] < 0.7 < whole.loc["a", "haut"]
    assert whole.loc["b", "bacs"] == 600
    assert len(table) == 4


def test_a_lenient_assessor_stands_out_and_alike_ones_do_not():
    assert far_apart(assessor_levels(rated({"a": 0.7, "b": 0.7, "c": 0.7}))) == ()
    assert "c" in far_apart(assessor_levels(rated({"a": 0.7, "b": 0.7, "c": 0.9})))


def test_second_ratings_and_absent_bins_are_left_out():
    checks = rated({"a": 0.7, "b": 0.7})
    checks.loc[:9, "rang"] = 2
    checks.loc[10:14, "presente"] = False

    table = assessor_levels(checks)

    assert table[(table["vague"] == "") & (table["controleur"] == "a")]["bacs"].item() == 585
