import numpy as np
import pandas as pd
import pytest

from experiments.engine.grouped_scan import grouped_scan
from experiments.engine.grouped_table import fingerprint

ROLES = {"cluster": "zone", "arm": "arm", "outcomes": ["sorted", "score"], "factors": ["sex"]}


def test_properties_name_the_parts(rows):
    table = grouped_scan(rows, **ROLES, numeric=["age"])
    assert table.n_clusters == 12
    assert table.outcomes == ("sorted", "score")
    assert table.covariates == ("age",)


def change_outcome(rows):
    rows.loc[0, "sorted"] = 1 - rows.loc[0, "sorted"]


def change_score(rows):
    rows.loc[0, "score"] += 0.01


def swap_scores(rows):
    places = [rows.index[rows["zone"] == zone][0] for zone in ("z1", "z3")]
    rows.loc[places, "score"] = rows.loc[places[::-1], "score"].to_numpy()


def rename_zone(rows):
    rows["zone"] = rows["zone"].replace("z3", "Z3")


def swap_arms(rows):
    rows["arm"] = rows["arm"].map({"control": "nudge", "nudge": "control"})


@pytest.mark.parametrize(
    "change", [change_outcome, change_score, swap_scores, rename_zone, swap_arms]
)
def test_the_fingerprint_sees_a_change_of_one_value(rows, change):
    before = fingerprint(grouped_scan(rows, **ROLES))
    assert before == fingerprint(grouped_scan(rows[::-1], **ROLES))
    change(rows)
    assert fingerprint(grouped_scan(rows, **ROLES)) != before


@pytest.mark.parametrize("noise", [0, 0.1])
def test_the_fingerprint_does_not_depend_on_the_centre(noise):
    drift = 10**6 + np.arange(9000) + noise * np.random.default_rng(2).normal(size=9000)
    rows = pd.DataFrame({"zone": np.arange(9000) % 9, "y": drift})
    tables = [
        grouped_scan(data, cluster="zone", arm=None, outcomes=["y"]) for data in (rows, rows[::-1])
    ]
    assert tables[0].centre != tables[1].centre
    assert fingerprint(tables[0]) == fingerprint(tables[1])
