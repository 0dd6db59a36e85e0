import numpy as np
import pandas as pd
import polars as pl
import pytest

from experiments.engine.cluster_moments import cluster_moments
from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.errors import InputError


def refusal(data, column="age") -> str:
    with pytest.raises(InputError) as caught:
        classify_columns(data, [column])
    return str(caught.value)


@pytest.mark.parametrize("word", [".", "NULL", "N/A", "#N/A", "1,5", "12 ans"])
@pytest.mark.parametrize("as_file", [False, True])
def test_a_covariate_of_numbers_but_for_one_cell_is_refused_by_row(rows, tmp_path, word, as_file):
    data = rows.assign(age=rows["age"].astype(str).where(rows.index != 5, word))
    if as_file:
        data.to_csv(tmp_path / "rows.csv", index=False)
        data = tmp_path / "rows.csv"
    text = refusal(data)
    assert f"1 of 600 rows are not numbers: row 6 ('{word}')" in text
    assert "leave cells without a value empty" in text


def test_marks_for_missing_are_refused_among_few_numbers_too():
    scale = pd.DataFrame({"mood": ["1", "2", "3", "-", "2"]})
    assert "row 4 ('-')" in refusal(scale, "mood")


def test_numbers_stored_as_text_are_refused(rows):
    for data in (rows.astype({"age": str}), pl.from_pandas(rows.astype({"age": str}))):
        assert "Column 'age' of the data holds numbers as text. Store it as numbers" in refusal(
            data
        )
    commas = rows.assign(age=(rows["age"] / 8).astype(str).str.replace(".", ","))
    assert "600 of 600 rows are not numbers: row 1 ('5,0')" in refusal(commas)


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2", "3"],
        [f"{code:02}" for code in range(1, 96)] + ["2A", "2B"],
        [f"zone {code}" for code in range(40)],
        ["-", "+", "+/-"],
    ],
)
def test_codes_and_words_are_factors(values):
    frame = pd.DataFrame({"code": values})
    assert classify_columns(frame, ["code"]) == {"code": "factor"}
    numbers = pd.DataFrame({"code": pd.Categorical([str(x) for x in range(50)])})
    assert classify_columns(numbers, ["code"]) == {"code": "factor"}


def test_a_factor_with_a_level_for_a_few_rows_each_is_refused(rows):
    names = rows.assign(name=[f"name {i // 3}" for i in rows.index])
    table = grouped_scan(
        names, cluster="zone", arm="arm", outcomes=["sorted"], factors=["name", "sex"]
    )
    asked = {"outcome": "sorted", "control": "control"}
    with pytest.raises(InputError) as caught:
        cluster_moments(table, **asked, factors=["name"])
    text = str(caught.value)
    assert "Column 'name' is text with 200 different values in 600 rows" in text
    assert "group its values" in text
    assert cluster_moments(table, **asked, factors=["sex"]).n_clusters == 12


def test_dummies_that_memory_cannot_hold_are_refused():
    n = 200_000
    street = np.arange(n) % 30_000
    rows = pd.DataFrame({"zone": street % 12, "street": [f"s{code}" for code in street], "y": 1.0})
    rows["arm"] = np.where(rows["zone"] % 2, "t", "c")
    table = grouped_scan(rows, cluster="zone", arm="arm", outcomes=["y"], factors=["street"])
    with pytest.raises(InputError, match="'street' has 30,000 levels, too many"):
        cluster_moments(table, outcome="y", control="c", factors=["street"])
