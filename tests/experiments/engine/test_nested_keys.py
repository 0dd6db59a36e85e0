import numpy as np
import pandas as pd
import pytest

from experiments.engine.grouped_scan import grouped_scan
from experiments.engine.grouped_table import fingerprint
from experiments.errors import InputError

# More rows than are looked at before the scan.
ROWS = 6_000


@pytest.fixture
def trial() -> pd.DataFrame:
    """Twelve zones in three strata and two arms, in random order."""
    generator = np.random.default_rng(3)
    zone = generator.integers(0, 12, ROWS)
    return pd.DataFrame(
        {
            "zone": [f"z{code}" for code in zone],
            "arm": np.where(zone % 2, "nudge", "control"),
            "block": zone // 4,
            "score": generator.normal(size=ROWS),
        }
    )


def tables(rows, tmp_path):
    """The table of a Parquet file and that of the same rows in memory."""
    rows.to_parquet(tmp_path / "rows.parquet", index=False)
    return [
        grouped_scan(data, cluster="zone", arm="arm", stratum="block", outcomes=["score"])
        for data in (tmp_path / "rows.parquet", rows)
    ]


def assert_same(left, right):
    for labels in ("cluster_labels", "arm_labels", "stratum_labels"):
        assert getattr(left, labels).tolist() == getattr(right, labels).tolist()
    for codes in ("cluster", "arm", "stratum", "n"):
        np.testing.assert_array_equal(getattr(left, codes), getattr(right, codes))
    np.testing.assert_allclose(left.sums, right.sums, rtol=1e-12)
    assert fingerprint(left) == fingerprint(right)


@pytest.mark.parametrize("numbered", [False, True])
def test_arms_and_strata_are_those_of_the_rows(trial, tmp_path, numbered):
    if numbered:
        trial["zone"] = trial["zone"].str[1:].astype(int)
        trial["block"] = "block " + trial["block"].astype(str)
    found, expected = tables(trial, tmp_path)
    assert len(found.n) == 12
    assert_same(found, expected)


def test_a_zone_that_changes_arm_late_in_the_file_keeps_both(trial, tmp_path):
    trial.loc[ROWS - 1, "arm"] = "nudge" if trial["arm"].iloc[-1] == "control" else "control"
    found, expected = tables(trial, tmp_path)
    assert len(found.n) == 13
    assert_same(found, expected)


@pytest.mark.parametrize("order", ["zone", "arm", "block"])
def test_sorted_files_hold_arms_and_strata_that_come_late(trial, tmp_path, order):
    late = trial.sort_values(order, kind="stable", ignore_index=True)
    late.loc[late["zone"] == "z7", "arm"] = "late arm"
    assert_same(*tables(late, tmp_path))


@pytest.mark.parametrize("zone", ["z7", None])
def test_a_late_row_without_an_arm_is_refused_by_its_place(trial, tmp_path, zone):
    missing = trial.index == ROWS - 1 if zone is None else trial["zone"] == zone
    trial = trial.assign(arm=trial["arm"].mask(missing))
    first = int(np.flatnonzero(missing)[0]) + 1
    with pytest.raises(InputError, match=rf"'arm'.*\b{first}\b"):
        tables(trial, tmp_path)
