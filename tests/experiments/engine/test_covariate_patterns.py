import numpy as np
import pytest

from experiments.engine.covariate_patterns import covariate_patterns
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
