import numpy as np
import pytest

from experiments.engine.covariate_patterns import (
    centred_covariates,
    constant_within_clusters,
    covariate_patterns,
)
from experiments.engine.grouped_scan import grouped_scan
from experiments.errors import InputError

ROLES = {"cluster": "zone", "arm": "arm", "stratum": "block", "factors": ["sex"]}


def test_patterns_count_the_rows_of_each_design_row(rows):
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"], numeric=["age"], numeric_as_keys=True)
    patterns = covariate_patterns(
        table, outcome="sorted", control="control", factors=["sex"], numeric=["age"]
    )
    assert patterns.columns == ("(intercept)", "nudge", "sex[m]", "age")
    counted = rows.groupby(["zone", "arm", "sex", "age"])["sorted"].agg(["size", "sum"])
    found = {
        (
            patterns.clusters[patterns.cluster[r]],
            ("control", "nudge")[int(patterns.x[r, 1])],
            "fm"[int(patterns.x[r, 2])],
            round(patterns.x[r, 3]),
        ): (patterns.n[r], patterns.sum_y[r])
        for r in range(len(patterns.n))
    }
    assert found == {key: (row["size"], row["sum"]) for key, row in counted.iterrows()}
    np.testing.assert_allclose(patterns.x[:, 3], np.rint(patterns.x[:, 3]), rtol=1e-14)
    np.testing.assert_array_equal(patterns.sum_yy, patterns.sum_y)
    assert np.diff(patterns.start).sum() == len(patterns.n)


def test_the_outcome_is_not_centred(rows):
    rows["score"] += 1000
    table = grouped_scan(rows, **ROLES, outcomes=["score"])
    assert table.centre[0] != 0
    patterns = covariate_patterns(table, outcome="score", control="control")
    np.testing.assert_allclose(patterns.sum_y.sum(), rows["score"].sum(), rtol=1e-13)
    np.testing.assert_allclose(patterns.sum_yy.sum(), (rows["score"] ** 2).sum(), rtol=1e-13)


def test_numeric_covariates_need_their_values(rows):
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"], numeric=["age"])
    with pytest.raises(InputError, match="numeric_as_keys=True"):
        covariate_patterns(table, outcome="sorted", control="control", numeric=["age"])
    assert covariate_patterns(table, outcome="sorted", control="control").n.sum() == 600


def test_arms_leave_out_the_other_clusters(rows):
    rows["arm"] = np.where(rows["block"] == 2, "letter", rows["arm"])
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"])
    patterns = covariate_patterns(
        table, outcome="sorted", control="control", arms=["control", "letter"]
    )
    assert patterns.columns == ("(intercept)", "letter")
    assert patterns.n_clusters == 8
    assert patterns.n.sum() == (rows["arm"] != "nudge").sum()


def test_a_covariate_of_the_cluster_level_is_seen_beside_one_that_varies(rows):
    level = {zone: 0.1 * k - 0.37 for k, zone in enumerate(rows["zone"].unique())}
    rows["level"] = rows["zone"].map(level)
    table = grouped_scan(
        rows, **ROLES, outcomes=["sorted"], numeric=["level"], numeric_as_keys=True
    )
    patterns = covariate_patterns(
        table, outcome="sorted", control="control", factors=["sex"], numeric=["level"]
    )
    assert len(np.unique(patterns.n)) > 1
    assert constant_within_clusters(patterns).tolist() == [True, True, False, True]
    assert sorted(np.unique(patterns.x[:, 3])) == pytest.approx(sorted(level.values()), rel=1e-14)


def test_covariates_that_differ_in_their_last_digits_stay_apart(rows):
    rows["near"] = 1 + 1e-14 * (np.arange(len(rows)) % 2)
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"], numeric=["near"], numeric_as_keys=True)
    patterns = covariate_patterns(table, outcome="sorted", control="control", numeric=["near"])
    assert len(np.unique(patterns.x[:, 2])) == 2


def test_only_columns_far_from_zero_are_centred(rows):
    rows["far"], rows["near"] = rows["age"] + 1e9, rows["age"] + 1000
    names = ["far", "near"]
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"], numeric=names, numeric_as_keys=True)
    patterns = covariate_patterns(table, outcome="sorted", control="control", numeric=names)
    centred = centred_covariates(patterns)
    np.testing.assert_array_equal(centred.x[:, [0, 1, 3]], patterns.x[:, [0, 1, 3]])
    share = patterns.n / patterns.n.sum()
    assert share @ centred.x[:, 2] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(np.ptp(centred.x[:, 2]), np.ptp(rows["age"]))
