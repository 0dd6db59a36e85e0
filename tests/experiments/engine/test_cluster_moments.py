import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from experiments.engine.cluster_moments import cluster_moments
from experiments.engine.grouped_scan import grouped_scan
from experiments.errors import InputError

ROLES = {"cluster": "zone", "arm": "arm", "stratum": "block", "factors": ["sex"]}


def design(rows, table, *, numeric=()):
    """Design matrix written out row by row."""
    columns = {
        "(intercept)": 1.0,
        "nudge": rows["arm"] == "nudge",
        "stratum[1]": rows["block"] == 1,
        "stratum[2]": rows["block"] == 2,
        "sex[m]": rows["sex"] == "m",
    }
    columns |= {name: rows[name] - table.centre[table.numeric.index(name)] for name in numeric}
    return pd.DataFrame(columns, index=rows.index).astype(float)


@pytest.mark.parametrize("numeric_as_keys", [False, True])
def test_moments_are_those_of_the_rows(rows, numeric_as_keys):
    table = grouped_scan(
        rows, **ROLES, outcomes=["score"], numeric=["age"], numeric_as_keys=numeric_as_keys
    )
    moments = cluster_moments(
        table,
        outcome="score",
        control="control",
        factors=["sex"],
        numeric=["age"],
        stratum_dummies=True,
    )
    x, y = design(rows, table, numeric=["age"]), rows["score"] - table.centre[0]
    assert moments.columns == tuple(x.columns)
    assert moments.n_clusters == 12
    for g, label in enumerate(moments.clusters):
        inside = (rows["zone"] == label).to_numpy()
        x_g, y_g = x[inside].to_numpy(), y[inside].to_numpy()
        np.testing.assert_allclose(moments.xx[g], x_g.T @ x_g, rtol=1e-11, atol=1e-9)
        np.testing.assert_allclose(moments.xy[g], x_g.T @ y_g, rtol=1e-11, atol=1e-9)
        np.testing.assert_allclose(moments.yy[g], y_g @ y_g, rtol=1e-11)
        assert moments.n[g] == inside.sum()


def test_moments_give_the_regression_of_the_rows(rows):
    table = grouped_scan(rows, **ROLES, outcomes=["score"], numeric=["age"])
    moments = cluster_moments(
        table, outcome="score", control="control", factors=["sex"], numeric=["age"]
    )
    slopes = np.linalg.solve(moments.xx.sum(axis=0), moments.xy.sum(axis=0))
    fitted = smf.ols("score ~ arm + sex + age", rows).fit()
    np.testing.assert_allclose(slopes[1:], fitted.params.to_numpy()[1:], rtol=1e-10)


def test_arms_restrict_rows_clusters_and_levels(rows):
    rows["arm"] = np.where(rows["block"] == 2, "letter", rows["arm"])
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"])
    moments = cluster_moments(
        table,
        outcome="sorted",
        control="control",
        factors=["sex"],
        stratum_dummies=True,
        arms=["nudge", "control"],
    )
    assert moments.columns == ("(intercept)", "nudge", "stratum[1]", "sex[m]")
    assert moments.clusters.tolist() == [f"z{i}" for i in range(8)]
    kept = rows[rows["arm"] != "letter"]
    assert moments.n.sum() == len(kept)
    assert moments.xy.sum(axis=0)[0] == kept["sorted"].sum()


def test_clusters_of_very_different_sizes_are_multiplied_rightly():
    generator = np.random.default_rng(5)
    zone = np.repeat(np.arange(60), generator.integers(1, 200, 60))
    rows = pd.DataFrame(
        {
            "zone": zone,
            "arm": np.where(zone % 2, "b", "a"),
            "day": generator.integers(0, 150, len(zone)),
            "y": generator.normal(size=len(zone)),
        }
    )
    table = grouped_scan(rows, cluster="zone", arm="arm", outcomes=["y"], factors=["day"])
    moments = cluster_moments(table, outcome="y", control="a", factors=["day"])
    x = pd.get_dummies(rows["day"], dtype=float).to_numpy(copy=True)
    x[:, 0] = 1
    x = np.insert(x, 1, rows["arm"] == "b", axis=1)
    for g in range(60):
        np.testing.assert_array_equal(moments.xx[g], x[zone == g].T @ x[zone == g])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": "age"}, "not read as an outcome; the outcomes are 'sorted'"),
        ({"control": "contrl"}, "Arm 'contrl' does not occur in column 'arm', whose arms are"),
        ({"factors": ["age"]}, "not read as a factor; the factors are 'sex'"),
        ({"numeric": ["sex"]}, "not read as a numeric covariate; they are 'age'"),
        ({"arms": ["nudge"]}, "must be the control 'control' and at least one other"),
        ({"arms": ["control", "letter"]}, "Arm 'letter' does not occur"),
    ],
)
def test_what_was_not_read_cannot_be_used(rows, changes, words):
    table = grouped_scan(rows, **ROLES, outcomes=["sorted"], numeric=["age"])
    with pytest.raises(InputError, match=words):
        cluster_moments(table, **{"outcome": "sorted", "control": "control", **changes})


def test_stratum_dummies_need_strata(rows):
    table = grouped_scan(rows, cluster="zone", arm="arm", outcomes=["sorted"])
    with pytest.raises(InputError, match="need a stratum column"):
        cluster_moments(table, outcome="sorted", control="control", stratum_dummies=True)
