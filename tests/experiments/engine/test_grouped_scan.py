import datetime
import gzip
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.engine.grouped_table import fingerprint

ROLES = {"cluster": "zone", "arm": "arm", "stratum": "block", "factors": ["sex"]}
MEASURED = {"outcomes": ["sorted", "score"], "numeric": ["age"]}


def scan(data, **changes):
    return grouped_scan(data, **{**ROLES, **MEASURED, **changes})


def assert_same(left, right, *, rtol=1e-12):
    assert left.cluster_labels.tolist() == right.cluster_labels.tolist()
    assert left.arm_labels.tolist() == right.arm_labels.tolist()
    assert left.stratum_labels.tolist() == right.stratum_labels.tolist()
    for name in left.factors:
        assert left.factor_levels[name].tolist() == right.factor_levels[name].tolist()
        np.testing.assert_array_equal(left.factors[name], right.factors[name])
    np.testing.assert_array_equal(left.cluster, right.cluster)
    np.testing.assert_array_equal(left.arm, right.arm)
    np.testing.assert_array_equal(left.n, right.n)
    np.testing.assert_allclose(left.centre, right.centre, rtol=rtol)
    np.testing.assert_allclose(left.sums, right.sums, rtol=rtol)
    np.testing.assert_allclose(left.products, right.products, rtol=rtol)
    assert fingerprint(left) == fingerprint(right)


def test_groups_hold_what_pandas_counts_and_sums(rows):
    table = scan(rows)
    keys = ["zone", "arm", "block", "sex"]
    order = {f"z{i}": place for place, i in enumerate(sorted(map(str, range(12))))}
    expected = rows.groupby(keys).agg(
        n=("age", "size"), sorted=("sorted", "sum"), score=("score", "sum"), age=("age", "sum")
    )
    expected = expected.sort_index(key=lambda x: x.map(order) if x.name == "zone" else x)
    np.testing.assert_array_equal(table.n, expected["n"])
    np.testing.assert_allclose(
        table.sums + table.n[:, None] * table.centre, expected[["sorted", "score", "age"]]
    )
    deviations = (
        rows.assign(a=(rows["score"] - table.centre[1]) * (rows["age"] - table.centre[2]))
        .groupby(keys)["a"]
        .sum()
    )
    deviations = deviations.sort_index(key=lambda x: x.map(order) if x.name == "zone" else x)
    np.testing.assert_allclose(table.products[:, 1, 2], deviations)
    np.testing.assert_array_equal(table.products[:, 2, 1], table.products[:, 1, 2])
    assert np.isnan(table.products[:, 0, 1]).all()
    assert (table.n_rows, table.n_dropped) == (600, 0)


def as_csv(rows, folder):
    rows.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def as_semicolon_csv_gz(rows, folder):
    with gzip.open(folder / "rows.csv.gz", "wt", encoding="utf-8") as file:
        rows.to_csv(file, sep=";", index=False)
    return str(folder / "rows.csv.gz")


def as_tsv(rows, folder):
    rows.to_csv(folder / "rows.tsv", sep="\t", index=False)
    return folder / "rows.tsv"


def as_parquet_glob(rows, folder):
    for part in range(3):
        rows[part::3].to_parquet(folder / f"part-{part}.parquet")
    return f"{folder}/part-*.parquet"


def as_relation(rows, folder):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    return connection.table("people")


FORMS = {
    "shuffled pandas": lambda rows, _: rows.sample(frac=1, random_state=1),
    "reversed pandas": lambda rows, _: rows[::-1],
    "categorical pandas": lambda rows, _: rows.astype(
        {"zone": "category", "arm": "category", "block": "category"}
    ),
    "object pandas": lambda rows, _: rows.astype({"zone": object, "sorted": object}),
    "polars": lambda rows, _: pl.from_pandas(rows),
    "lazy polars": lambda rows, _: pl.from_pandas(rows).lazy().filter(pl.col("age") > 0),
    "arrow": lambda rows, _: pa.Table.from_pandas(rows),
    "dictionary arrow": lambda rows, _: pa.table(
        {name: pa.array(rows[name]).dictionary_encode() for name in rows.columns}
    ),
    "arrow dataset": lambda rows, _: pa.dataset.dataset(pa.Table.from_pandas(rows)),
    "csv": as_csv,
    "semicolon csv.gz": as_semicolon_csv_gz,
    "tsv": as_tsv,
    "parquet glob": as_parquet_glob,
    "duckdb relation": as_relation,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_rows_gives_the_same_table(rows, tmp_path, form):
    assert_same(scan(FORMS[form](rows, tmp_path)), scan(rows))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_row_order_changes_nothing(random):
    generator = np.random.default_rng(3)
    rows = pd.DataFrame(
        {
            "zone": generator.integers(0, 9, 300),
            "arm": "a",
            "y": generator.normal(1e3, 300, 300),
        }
    )
    order = list(range(300))
    random.shuffle(order)
    first = grouped_scan(rows, cluster="zone", arm=None, outcomes=["y"])
    second = grouped_scan(rows.iloc[order], cluster="zone", arm=None, outcomes=["y"])
    np.testing.assert_allclose(first.sums, second.sums, rtol=1e-13)
    assert fingerprint(first) == fingerprint(second)


def test_a_large_outcome_with_a_small_spread_keeps_its_variance():
    generator = np.random.default_rng(0)
    deviation = generator.normal(size=4000)
    rows = pd.DataFrame({"zone": np.arange(4000) % 8, "y": 1e9 + deviation})
    table = grouped_scan(rows, cluster="zone", arm=None, outcomes=["y"])
    variance = (table.products[:, 0, 0] - table.sums[:, 0] ** 2 / table.n) / (table.n - 1)
    exact = (rows["y"] - 1e9).groupby(rows["zone"]).var()
    np.testing.assert_allclose(variance, exact, rtol=1e-12)


def test_a_large_whole_number_outcome_keeps_its_variance():
    y = 10**12 + np.arange(4000) // 8 % 7
    table = grouped_scan(
        pd.DataFrame({"zone": np.arange(4000) % 8, "y": y}),
        cluster="zone",
        arm=None,
        outcomes=["y"],
    )
    variance = (table.products[:, 0, 0] - table.sums[:, 0] ** 2 / table.n) / (table.n - 1)
    exact = pd.Series(y - 10**12).groupby(np.arange(4000) % 8).var()
    np.testing.assert_allclose(variance, exact, rtol=1e-13)


@pytest.mark.parametrize("kind", ["int64", "float64", "bool"])
def test_a_binary_outcome_is_summed_exactly_about_zero(rows, kind):
    table = grouped_scan(
        rows.assign(sorted=rows["sorted"].astype(kind)).sort_values("sorted", ascending=False),
        cluster="zone",
        arm="arm",
        outcomes=["sorted"],
        binary=True,
    )
    assert table.centre.tolist() == [0]
    assert table.sums[:, 0].sum() == rows["sorted"].sum()
    np.testing.assert_array_equal(table.products[:, 0, 0], table.sums[:, 0])


def test_a_text_outcome_counts_its_success(rows, tmp_path):
    spoken = rows.assign(sorted=rows["sorted"].map({0: "Non", 1: "Oui"}))
    yes = {"cluster": "zone", "arm": "arm", "outcomes": ["sorted"]}
    expected = grouped_scan(rows, **yes)
    assert_same(grouped_scan(spoken, **yes, success="Oui"), expected)
    assert_same(grouped_scan(as_csv(spoken, tmp_path), **yes, success="Oui"), expected)
    quoted = rows.assign(sorted=rows["sorted"].map({0: "no", 1: "it's \\ so"}))
    assert_same(grouped_scan(quoted, **yes, success="it's \\ so"), expected)


def test_decimal_outcomes_are_numbers():
    prices = pa.array([Decimal("1.50"), Decimal("2.25"), Decimal("3.00"), Decimal("0.75")])
    table = grouped_scan(
        pa.table({"zone": ["a", "b", "a", "b"], "y": prices}),
        cluster="zone",
        arm=None,
        outcomes=["y"],
    )
    assert table.sums[:, 0].tolist() == [4.5, 3.0]


def test_incomplete_rows_are_dropped_and_counted(rows):
    holes = rows.astype({"score": float, "block": "Int64"})
    holes.loc[[3, 5], "zone"] = None
    holes.loc[5, "score"] = np.nan
    holes.loc[7, "score"] = np.inf
    holes.loc[[8, 9], "block"] = pd.NA
    holes.loc[11, "sex"] = None
    table = scan(holes, missing="drop")
    assert (table.n_rows, table.n_dropped) == (600, 6)
    assert_same(table, scan(rows.drop(index=[3, 5, 7, 8, 9, 11])), rtol=1e-11)


def test_dropped_rows_are_counted_though_they_share_a_group():
    table = grouped_scan(
        pa.table({"zone": [1.0, 2.0, float("nan"), 2.0] * 3, "y": [1, 2, 3, None] * 3}),
        cluster="zone",
        arm=None,
        outcomes=["y"],
        missing="drop",
    )
    assert table.cluster_labels.tolist() == ["1", "2"]
    assert (table.n_rows, table.n_dropped) == (12, 6)


def test_numeric_keys_tell_every_distinct_row_apart(rows):
    table = scan(rows, outcomes=["sorted"], numeric=["age", "score"], numeric_as_keys=True)
    assert len(table.n) == len(rows)
    summed = scan(rows, outcomes=["sorted"], numeric=["age", "score"])
    about = table.sums + table.n[:, None] * (table.centre - summed.centre)
    starts = np.flatnonzero(np.diff(table.cluster * 2 + table.factors["sex"], prepend=-1))
    np.testing.assert_allclose(np.add.reduceat(about, starts), summed.sums, rtol=1e-10)


def test_whole_number_identifiers_are_named_and_sorted_alike_in_every_type():
    codes = np.array([10, 2, 1, 2, 10, 1])
    kinds = [codes, codes.astype(float), codes.astype(str), codes.astype(object)]
    for zone in kinds:
        table = grouped_scan(
            pd.DataFrame({"zone": zone, "y": [0, 1, 1, 0, 1, 1]}),
            cluster="zone",
            arm=None,
            outcomes=["y"],
        )
        assert table.cluster_labels.tolist() == ["1", "2", "10"]
        assert table.sums[:, 0].tolist() == [2, 1, 1]
        assert table.arm_labels.tolist() == [""]


def test_csv_codes_keep_their_zeros(tmp_path):
    (tmp_path / "rows.csv").write_text("insee,y\n01004,1\n2A004,0\n01004,0\n2A004,1\n")
    table = grouped_scan(tmp_path / "rows.csv", cluster="insee", arm=None, outcomes=["y"])
    assert table.cluster_labels.tolist() == ["01004", "2A004"]


def test_dates_are_factor_levels():
    days = [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)] * 2
    table = grouped_scan(
        pa.table({"zone": ["a", "a", "b", "b"], "day": days, "y": [1, 2, 3, 5]}),
        cluster="zone",
        arm=None,
        outcomes=["y"],
        factors=["day"],
    )
    assert table.factor_levels["day"].tolist() == ["2026-01-01", "2026-02-01"]


def test_awkward_column_and_file_names_are_read(tmp_path):
    rows = pd.DataFrame({'a "zone"': ["x", "x", "y", "y"], "sélect;1": [1, 2, 3, 4]})
    path = tmp_path / "l'été [1].parquet"
    rows.to_parquet(path)
    rows[:2].to_parquet(tmp_path / "l'été 1.parquet")
    for data in (rows, path):
        table = grouped_scan(data, cluster='a "zone"', arm=None, outcomes=["sélect;1"])
        assert table.sums[:, 0].tolist() == [3, 7]


@pytest.mark.parametrize("outcome", ["weight", "file_row_number"])
def test_centres_come_from_the_first_parquet_rows_there_are(tmp_path, outcome):
    far = 1e9 + np.random.default_rng(0).normal(size=9_000)
    rows = pd.DataFrame({"zone": ["a", "b", "c"] * 3_000, outcome: far})
    rows[:0].to_parquet(tmp_path / "part-0.parquet")
    rows[:20].to_parquet(tmp_path / "part-1.parquet")
    rows[20:].to_parquet(tmp_path / "part-2.parquet")
    files = [tmp_path / "part-2.parquet", f"{tmp_path}/part-*.parquet"]
    for path, read in zip(files, (rows[20:], rows), strict=True):
        table = grouped_scan(path, cluster="zone", arm=None, outcomes=[outcome])
        assert table.centre[0] == pytest.approx(1e9, abs=2)
        spread = table.products[:, 0, 0] - table.sums[:, 0] ** 2 / table.n
        expected = read.groupby("zone")[outcome].apply(lambda x: ((x - x.mean()) ** 2).sum())
        np.testing.assert_allclose(spread, expected, rtol=1e-6)


def test_a_relation_is_read_on_its_own_connection_and_leaves_nothing_there(rows):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    scan(connection.sql("SELECT * FROM people WHERE age > 30"))
    views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
    assert views.fetchall() == []


def test_covariates_are_told_apart_by_type(rows, tmp_path):
    told = {"sex": "factor", "age": "numeric", "score": "numeric", "adult": "factor"}
    rows = rows.assign(adult=rows["age"] > 20)
    assert classify_columns(rows, list(told)) == told
    assert classify_columns(as_csv(rows, tmp_path), list(told)) == told
    categories = rows.astype({"age": "category"})
    assert classify_columns(categories, ["age"]) == {"age": "factor"}
    assert classify_columns(pa.Table.from_pandas(categories), ["age"]) == {"age": "factor"}
