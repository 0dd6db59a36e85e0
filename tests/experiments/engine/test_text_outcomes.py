import numpy as np
import pandas as pd
import pytest

from experiments.engine.grouped_scan import grouped_scan

ROLES = {"cluster": "zone", "arm": "arm", "outcomes": ["sorted"]}


def as_csv(rows, folder):
    rows.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def as_parquet(rows, folder):
    rows.to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


FORMS = {
    "csv": as_csv,
    "parquet": as_parquet,
    "pandas": lambda rows, _: rows,
    "category": lambda rows, _: rows.astype({"sorted": "category"}),
}
PAIRS = [
    ("yes", "no"), ("Oui", "Non"), ("TRUE", "FALSE"), ("vrai", "faux"), ("1", "0"), ("y", "n"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("positive", "negative"), PAIRS)
def test_well_known_pairs_need_no_success(rows, tmp_path, form, positive, negative):
    expected = grouped_scan(rows, **ROLES)
    words = rows.assign(sorted=np.where(rows["sorted"] == 1, positive, negative))
    data = FORMS[form](words, tmp_path)
    for success in (None, positive, positive.lower(), "yes"):
        found = grouped_scan(data, **ROLES, success=success)
        np.testing.assert_array_equal(found.sums, expected.sums)
        np.testing.assert_array_equal(found.products, expected.products)


@pytest.mark.parametrize("form", FORMS)
def test_capitals_of_a_pair_may_vary_from_row_to_row(rows, tmp_path, form):
    spellings = np.where(rows.index % 2, ["Oui"], ["oui"])
    words = rows.assign(sorted=pd.Series(spellings).where(rows["sorted"] == 1, "NON"))
    data = FORMS[form](words, tmp_path)
    for success in (None, "OUI"):
        found = grouped_scan(data, **ROLES, success=success)
        np.testing.assert_array_equal(found.sums, grouped_scan(rows, **ROLES).sums)


def test_the_negative_word_may_be_named_as_the_success(rows):
    words = rows.assign(sorted=np.where(rows["sorted"] == 1, "yes", "no"))
    found = grouped_scan(words, **ROLES, success="no")
    np.testing.assert_array_equal(
        found.sums, grouped_scan(rows.assign(sorted=1 - rows["sorted"]), **ROLES).sums
    )


@pytest.mark.parametrize("success", ["1", "true"])
@pytest.mark.parametrize("form", ["csv", "pandas"])
def test_a_success_may_say_again_what_zeros_and_ones_say(rows, tmp_path, form, success):
    found = grouped_scan(FORMS[form](rows, tmp_path), **ROLES, success=success)
    np.testing.assert_array_equal(found.sums, grouped_scan(rows, **ROLES).sums)
    truth = rows.assign(sorted=rows["sorted"] == 1)
    found = grouped_scan(FORMS[form](truth, tmp_path), **ROLES, success=success)
    np.testing.assert_array_equal(found.sums, grouped_scan(rows, **ROLES).sums)
