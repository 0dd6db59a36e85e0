import re

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from experiments.engine.cluster_table import cluster_table
from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.errors import InputError


def refusal(data, **changes) -> str:
    roles = {"cluster": "zone", "arm": "arm", "outcomes": ["sorted"]}
    with pytest.raises(InputError) as caught:
        grouped_scan(data, **{**roles, **changes})
    return str(caught.value)


def with_values(rows, column, values):
    changed = rows.astype({column: object})
    for place, value in values.items():
        changed.loc[place, column] = value
    return changed.infer_objects()


def test_a_column_that_does_not_exist_is_named_with_its_likes(rows):
    assert "Column 'zon' does not occur in the data. Did you mean 'zone'?" in refusal(
        rows, cluster="zon"
    )
    with pytest.raises(InputError, match=r"Column 'sexe' .* Did you mean 'sex'"):
        classify_columns(rows, ["sexe"])
    assert "Its columns are 'person', 'zone'" in refusal(pl.from_pandas(rows), outcomes=["qqqq"])


def test_columns_that_differ_in_capitals_only_are_refused(rows):
    both = rows.assign(Zone=rows["zone"])
    for data in (both, pl.from_pandas(both), pa.Table.from_pandas(both)):
        assert "'zone' and 'Zone' of the data have the same name" in refusal(data)


@pytest.mark.parametrize("column", ["zone", "arm", "block", "sex"])
def test_missing_keys_are_named_by_row(rows, column):
    holes = with_values(rows, column, {2: None, 6: None})
    text = refusal(holes, stratum="block", factors=["sex"])
    assert (
        f"Column '{column}' of the data: 2 of 600 rows are missing: row 3 (missing), row 7" in text
    )
    assert "--missing drop" in text


def test_missing_float_identifiers_are_named_by_row(rows):
    text = refusal(with_values(rows, "block", {4: np.nan}), cluster="block", arm=None)
    assert "Column 'block' of the data: 1 of 600 rows are missing: row 5 (missing)" in text


@pytest.mark.parametrize("numeric_as_keys", [False, True])
@pytest.mark.parametrize(
    ("value", "shown"), [(np.inf, "inf"), (None, "missing"), (-np.inf, "-inf")]
)
def test_bad_numbers_are_counted_and_the_first_five_named(rows, value, shown, numeric_as_keys):
    bad = with_values(rows, "age", dict.fromkeys(range(10, 80, 10), value))
    text = refusal(bad, numeric=["age"], numeric_as_keys=numeric_as_keys)
    assert "Column 'age' of the data: 7 of 600 rows are missing or not finite: row 11" in text
    assert re.search(rf"row 51 \('?{shown}'?\) \.\.\.", text)
    assert "row 61" not in text
    assert "'sorted'" not in text


def test_nan_is_not_a_number_in_polars_and_arrow_too(rows):
    table = pa.table({"zone": ["a", "b", "a", "b"], "y": [1.0, float("nan"), 0.5, 2.0]})
    for data in (table, pl.from_arrow(table)):
        assert "row 2 ('nan')" in refusal(data, arm=None, outcomes=["y"])


def test_missing_whole_numbers_are_missing():
    table = pa.table({"zone": [1, 2, None, 1], "y": [1, 0, 1, 0]})
    assert "row 3 (missing)" in refusal(table, arm=None, outcomes=["y"])


def test_rows_are_named_within_their_file(rows, tmp_path):
    for part in range(3):
        with_values(rows[:200], "sorted", {part + 4: None}).to_csv(
            tmp_path / f"part-{part}.csv", index=False
        )
    text = refusal(f"{tmp_path}/part-*.csv")
    assert "3 of 600 rows" in text
    for part in range(3):
        assert f"row {part + 5} of part-{part}.csv (missing)" in text
    rows[:200].assign(sorted=None).to_csv(tmp_path / "part-1.csv", index=False)
    text = refusal(f"{tmp_path}/part-*.csv")
    assert "202 of 600 rows" in text
    assert "row 4 of part-1.csv (missing) ..." in text
    assert text.count("(missing)") == 5


def test_a_text_outcome_asks_for_success(rows):
    text = refusal(rows.assign(sorted=rows["sorted"].map({0: "bin", 1: "bag"})))
    assert "600 of 600 rows are not numbers: row 1 ('bag')" in text
    assert "--success" in text
    scores = rows.assign(score=rows["score"].astype(str))
    assert "holds numbers as text" in refusal(scores, outcomes=["score"])
    dates = rows.assign(sorted=pd.Timestamp("2026-01-01"))
    assert "'sorted'" in refusal(dates)


def test_success_must_fit_the_outcome(rows):
    spoken = rows.assign(sorted=rows["sorted"].map({0: "no", 1: "yes"}))
    assert "which has 'no' and 'yes'" in refusal(spoken, success="bag")
    unsure = with_values(spoken, "sorted", {9: "perhaps"})
    assert "more than two values: 'no', 'perhaps' and 'yes'" in refusal(unsure, success="yes")
    assert "holds numbers" in refusal(rows, success="0")
    assert "holds numbers" in refusal(rows, outcomes=["score"], success="1")


@pytest.mark.parametrize("word", ["oops", "1,5"])
def test_text_far_down_a_csv_is_named_by_row(rows, tmp_path, word):
    lines = ["zone,arm,sorted", *(f"z{i % 9},{i % 2},{i % 3 % 2}" for i in range(25_000))]
    (tmp_path / "rows.csv").write_text("\n".join([*lines, f'z1,1,"{word}"']))
    text = refusal(tmp_path / "rows.csv", missing="drop")
    assert f"'sorted' of rows.csv: 1 of 25,001 rows are not numbers: row 25001 ('{word}')" in text


def test_a_declared_range_names_the_rows_outside(rows):
    odd = with_values(rows, "sorted", {4: 2, 30: -1})
    assert "2 of 600 rows are neither 0 nor 1: row 5 ('2'), row 31 ('-1')" in refusal(
        odd, binary=True
    )
    assert "outside [-1, 1]: row 5 ('2')" in refusal(odd, outcome_range=(-1, 1))
    halves = pd.DataFrame({"zone": ["a", "b"] * 9, "sorted": [2, 0] + [0.5, 0] * 8})
    assert "9 of 18 rows" in refusal(halves, arm=None, binary=True)
    far = rows.assign(sorted=1000 + rows["score"] - rows["score"].mean())
    assert "outside [0, 1001]" in refusal(far, outcome_range=(0, 1001))
    near = {"cluster": "zone", "arm": None, "outcomes": ["sorted"], "outcome_range": (900, 1100)}
    assert grouped_scan(far, **near).centre[0] != 0
    table = grouped_scan(odd, cluster="zone", arm="arm", outcomes=["sorted"], outcome_range=(-1, 2))
    assert table.n.sum() == 600


def test_repeated_units_are_named_unless_a_factor_tells_them_apart(rows):
    repeated = with_values(rows, "person", {7: 3})
    assert "1 unit occurs more than once, for example row 4 ('3'), row 8 ('3')" in refusal(
        repeated, unit="person"
    )
    assert "row 8 (missing)" in refusal(with_values(rows, "person", {7: None}), unit="person")
    visits = pd.concat([rows.assign(period=1), rows.assign(period=2)])
    roles = {"cluster": "zone", "arm": "arm", "outcomes": ["sorted"], "unit": "person"}
    assert grouped_scan(visits, **roles, factors=["period"]).n_rows == 1200
    assert "600 units occur more than once" in refusal(visits, unit="person")
    assert "with the same 'sex'" in refusal(visits, unit="person", factors=["sex"])


def test_arms_must_be_a_few_and_more_than_one(rows):
    assert "has one value only, 'nudge', in all" in refusal(rows[rows["arm"] == "nudge"])
    text = refusal(rows, arm="age")
    assert "Column 'age' has 72 different values ('18', '19', '20', '21', '22' and 67 more)" in text


def test_arms_inside_clusters_are_named_with_their_counts(rows):
    mixed = rows.copy()
    first = mixed.index[mixed["zone"] == "z4"][0]
    mixed.loc[first, "arm"] = "nudge"
    table = grouped_scan(mixed, cluster="zone", arm="arm", outcomes=["sorted"])
    count = int((rows["zone"] == "z4").sum())
    with pytest.raises(InputError) as caught:
        cluster_table(table, outcome="sorted")
    assert (
        f"Column 'arm' varies inside 1 of 12 clusters ('zone'): 'z4' has 'control' "
        f"({count - 1} rows) and 'nudge' (1 rows)"
    ) in str(caught.value)
    arms = cluster_table(table, outcome="sorted", arms_within_clusters=True).arm
    assert (arms == -1).sum() == 1


def test_clusters_that_identify_units_are_refused(rows):
    assert "identifies units, not clusters" in refusal(rows, max_clusters=11)
    units = duckdb.connect().sql(
        "SELECT i AS zone, i % 2 AS arm, 1 AS sorted FROM range(300000) t(i)"
    )
    assert "Column 'zone' has 300,000 different values in 300,000 rows" in refusal(units)
    fractions = rows.assign(zone=rows["age"] / 4)
    assert "has values such as" in refusal(fractions)


def test_units_randomised_one_by_one_are_clusters_of_one_row(rows):
    table = grouped_scan(rows, cluster="person", arm="arm", outcomes=["sorted"])
    assert table.n_clusters == 600


@pytest.mark.parametrize(
    ("column", "change"),
    [("zone", " z5"), ("zone", "Z5"), ("arm", "Nudge"), ("arm", "nudge "), ("block", "1\N{NBSP}")],
)
def test_labels_that_differ_by_spaces_or_capitals_are_refused(rows, column, change):
    texts = rows.assign(block=rows["block"].astype(str))
    same = texts[column] == change.strip().lower()
    changed = texts.assign(**{column: texts[column].mask(same & (rows.index % 2 == 0), change)})
    text = refusal(changed, stratum="block")
    assert f"Column '{column}' has the labels" in text
    assert f"'{change}'" in text
    assert "Write them the same way" in text


@pytest.mark.parametrize("per_cluster", [1, 2])
def test_millions_of_cluster_identifiers_are_refused_without_holding_them(per_cluster):
    relation = duckdb.connect().sql(
        f"SELECT hash(i // {per_cluster}) AS zone, 'a' AS arm, 1 AS sorted FROM range(5000000) t(i)"
    )
    text = refusal(relation)
    assert "more than 2,000,000 different values in 5,000,000 rows" in text


def test_one_column_cannot_have_two_roles(rows):
    assert "Column 'zone' is given two roles" in refusal(rows, factors=["zone"])
    assert "No outcome column" in refusal(rows, outcomes=[])


def test_empty_data_are_refused(rows, tmp_path):
    assert "no data rows in the data" in refusal(rows[:0])
    (tmp_path / "head.csv").write_text("zone,arm,sorted\n")
    assert "no data rows in head.csv" in refusal(tmp_path / "head.csv")
    (tmp_path / "nothing.csv").write_text("")
    assert "nothing.csv' is empty" in refusal(tmp_path / "nothing.csv")
    assert "No row is complete" in refusal(rows.assign(sorted=np.nan), missing="drop")


def test_squares_that_overflow_are_refused(rows):
    assert "too large" in refusal(rows.assign(sorted=rows["sorted"] * 1e200))


def test_files_that_cannot_be_found_or_read_are_refused(rows, tmp_path):
    assert "No file matches" in refusal(f"{tmp_path}/*.parquet")
    assert f"write '{tmp_path}/*.parquet'" in refusal(tmp_path)
    assert "No file matches ''" in refusal("")
    (tmp_path / "rows.xlsx").write_text("x")
    assert "files that end in .csv" in refusal(tmp_path / "rows.xlsx")
    (tmp_path / "rows.parquet").write_text("not parquet at all")
    assert "Rows of rows.parquet cannot be read" in refusal(tmp_path / "rows.parquet")
    assert "from an object of type list" in refusal([rows])
    assert "types that DuckDB cannot read" in refusal(rows.assign(sorted=1j))


def test_csv_files_are_read_strictly(tmp_path):
    head = "zone,arm,sorted\na,c,1\nb,t,0\n"
    (tmp_path / "short.csv").write_text(head + "a,c\n")
    text = refusal(tmp_path / "short.csv")
    assert "Line: 4" in text
    assert "Expected Number of Columns: 3" in text
    (tmp_path / "twice.csv").write_text("zone,Zone,arm,sorted\n")
    assert "names a column 'zone' twice" in refusal(tmp_path / "twice.csv")
    (tmp_path / "latin.csv").write_bytes((head + "É,c,1\n").encode("latin-1"))
    assert "UTF-8" in refusal(tmp_path / "latin.csv")
    (tmp_path / "broken.csv.gz").write_bytes(b"not gzip")
    assert "cannot be read" in refusal(tmp_path / "broken.csv.gz")
    (tmp_path / "a.csv").write_text(head)
    (tmp_path / "ab.csv").write_text("arm,zone,sorted\nc,a,1\n")
    assert "another header line" in refusal(f"{tmp_path}/a*.csv")


def test_too_many_combinations_of_keys_are_refused(rows):
    text = refusal(rows, factors=["age"], max_clusters=12)
    assert "make more than 48 combinations" in text
