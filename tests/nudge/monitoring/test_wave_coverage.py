from datetime import date

import pandas as pd

from nudge.campaign.wave import Wave
from nudge.monitoring.wave_coverage import missing_zones, set_out_totals, wave_totals

WAVES = [
    Wave(name="v1", kind="reference", start=date(2027, 2, 1), end=date(2027, 2, 7)),
    Wave(name="v2", kind="suivi", start=date(2027, 3, 1), end=date(2027, 3, 7)),
    Wave(name="v3", kind="suivi", start=date(2027, 4, 1), end=date(2027, 4, 7)),
]
UNITS = pd.DataFrame({"zone_id": ["a", "a", "b", "a"], "vague": ["v1", "v1", "v1", "v2"]})


def test_totals_of_each_wave_in_order():
    table = wave_totals(UNITS, WAVES)

    assert table["vague"].tolist() == ["v1", "v2", "v3"]
    assert table["unites"].tolist() == [3, 1, 0]
    assert table["zones"].tolist() == [2, 1, 0]


def test_missing_zones_of_waves_that_have_ended():
    found = missing_zones(UNITS, WAVES, ["a", "b", "c"], today=date(2027, 3, 8))

    assert found == {"v1": ("c",), "v2": ("b", "c")}


def test_a_wave_is_not_over_on_its_last_day():
    assert set(missing_zones(UNITS, WAVES, ["a"], today=date(2027, 3, 7))) == {"v1"}


def test_set_out_bins_are_counted_once():
    checks = pd.DataFrame(
        {
            "vague": ["v1", "v1", "v1", "v1"],
            "rang": [1, 2, 1, 1],
            "presente": [True, True, False, True],
        }
    )

    table = set_out_totals(checks, WAVES).set_index("vague")

    assert table.loc["v1", ["logements", "presentes"]].tolist() == [3, 2]
    assert pd.isna(table.loc["v2", "part_presentes"])
