import numpy as np
import pytest

from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.engine.grouped_table import fingerprint
from experiments.errors import InputError

ROLES = {"cluster": "zone", "arm": "arm", "outcomes": ["score"], "numeric": ["age"]}


@pytest.fixture
def lines(rows):
    rows["age"] += 0.25
    return rows[["zone", "arm", "score", "age"]].round(3).to_csv(index=False).splitlines()


@pytest.fixture
def read(tmp_path):
    def scan(lines, name="rows.csv"):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return grouped_scan(tmp_path / name, **ROLES)

    return scan


def with_semicolons(lines):
    return [line.replace(",", ";") for line in lines]


FORMS = {
    "row names": lambda lines: [f'"{i or ""}",{line}' for i, line in enumerate(lines)],
    "a delimiter at the end": lambda lines: [line + "," for line in lines],
    "two unnamed columns": lambda lines: [f",{line}," for line in lines],
    "a column named like an unnamed one": lambda lines: [
        f",{line},{'1' if i else '_unnamed_1'}" for i, line in enumerate(lines)
    ],
    "spaces around values": lambda lines: [line.replace(",", " , ") for line in lines],
    "blank lines first": lambda lines: ["", "  ", *lines],
    "a declared delimiter": lambda lines: ["sep=;", *with_semicolons(lines)],
    "a declared delimiter in quotes": lambda lines: ['"sep=;"', "", *with_semicolons(lines)],
    "delimiters in a quoted name": lambda lines: [
        f"{line};{'1' if i else chr(34) + 'Q1, a, b, c, d, e, f' + chr(34)}"
        for i, line in enumerate(with_semicolons(lines))
    ],
    "a quoted name of two lines": lambda lines: [
        f"{line},{'1' if i else chr(34) + 'why;;;;;' + chr(10) + 'so' + chr(34)}"
        for i, line in enumerate(lines)
    ],
    "decimal commas": lambda lines: [line.replace(".", ",") for line in with_semicolons(lines)],
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_as_programs_write_them_hold_the_same_trial(read, lines, form):
    expected, found = read(lines), read(FORMS[form](lines))
    assert fingerprint(found) == fingerprint(expected)
    assert found.cluster_labels.tolist() == expected.cluster_labels.tolist()
    np.testing.assert_allclose(found.sums, expected.sums)


def test_decimal_commas_are_read_between_tabs_unless_they_may_part_thousands(read, lines):
    expected = read(lines)
    tabs = [line.replace(",", "\t").replace(".", ",") for line in lines]
    assert fingerprint(read(tabs, "rows.tsv")) == fingerprint(expected)
    thousands = ["zone\tarm\tscore\tage", *(f"z{i}\t{i % 2}\t1,{i}50\t3" for i in range(8))]
    with pytest.raises(InputError, match=r"8 of 8 rows are not numbers: row 1 \('1,050'\)"):
        read(thousands, "thousands.tsv")


def test_points_and_commas_in_one_column_are_refused_by_row(read, lines):
    mixed = with_semicolons(lines)
    place = next(i for i, line in enumerate(mixed) if i > 3 and "." in line)
    zone, arm, score, age = mixed[place].split(";")
    mixed[place] = ";".join([zone, arm, score.replace(".", ","), age])
    with pytest.raises(InputError, match=rf"1 of 600 rows are not numbers: row {place} "):
        read(mixed)


def test_a_missing_value_among_spaces_is_missing(read):
    with pytest.raises(InputError, match=r"row 1 \(missing\)"):
        read(["zone,arm,score,age", "a,t, NA ,1", "b,c,0,1"])


def test_covariates_with_decimal_commas_are_numeric(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("zone;age\na;59,139\nb;18,172\n")
    assert classify_columns(path, ["age"]) == {"age": "numeric"}


def test_files_of_one_trial_begin_alike(tmp_path):
    (tmp_path / "a.csv").write_text("zone,arm,score,age\na,c,1,2\n")
    (tmp_path / "b.csv").write_text("\nzone,arm,score,age\nb,t,1,2\n")
    with pytest.raises(InputError, match="begins otherwise"):
        grouped_scan(f"{tmp_path}/*.csv", **ROLES)
