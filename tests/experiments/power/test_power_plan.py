import pytest

from experiments.errors import InputError
from experiments.power.power_plan import (
    IccInterval,
    example_plan,
    load_power_plan,
    make_power_plan,
)

USUAL = {
    "outcome_kind": "binary",
    "baseline_level": 0.25,
    "effect": 0.1,
    "icc": 0.05,
    "units": 25,
    "clusters": 10,
}


def test_the_printed_example_is_a_plan(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(example_plan(), encoding="utf-8")
    plan = load_power_plan(path)
    assert plan.icc == IccInterval(estimate=0.05, low=0.02, high=0.10)
    assert (plan.solve_for, plan.direction) == ("effect", "decrease")


def test_settings_replace_those_of_the_file(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(example_plan(), encoding="utf-8")
    plan = load_power_plan(path, icc=0.2, units=40)
    assert (plan.icc, plan.units) == (0.2, 40)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"effect": None}, "effect: needed to solve for power"),
        ({"clusters": None}, "clusters: needed"),
        ({"units": None}, "units: needed"),
        ({"icc": None}, "give the intraclass correlation"),
        ({"between_cv": 0.2}, "give the intraclass correlation"),
        ({"icc": None, "between_cv": 0.2}, "for counts only"),
        ({"icc": {"estimate": 0.1, "low": 0.2, "high": 0.3}}, "in that order"),
        ({"baseline_level": None}, "baseline_level: needed for a binary outcome"),
        ({"outcome_kind": "ordinal"}, "categories: needed"),
        ({"outcome_kind": "ordinal", "categories": [0.5, 0.5], "effect": -1}, "odds ratio"),
        ({"steps": 4}, "steps: not for a parallel design"),
        ({"design": "stepped-wedge", "steps": 4, "arms": 3}, "arms: not for a stepped-wedge"),
        ({"design": "stepped-wedge"}, "number of steps"),
        ({"colour": "red"}, "unknown setting; the settings are design"),
        ({"level": 95}, "level"),
        ({"cv": float("nan")}, "cv"),
        ({"solve_for": "clusters", "clusters": None, "control_clusters": 4}, "ratio"),
    ],
)
def test_mistakes_are_named_with_their_mend(settings, words):
    with pytest.raises(InputError, match=words):
        make_power_plan(**(USUAL | settings))


@pytest.mark.parametrize(("text", "words"), [("- a\n- b\n", "mapping"), ("a: [", "YAML")])
def test_a_file_that_is_no_plan_is_named(tmp_path, text, words):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as error:
        load_power_plan(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml"):
        load_power_plan(tmp_path / "none.yaml")
