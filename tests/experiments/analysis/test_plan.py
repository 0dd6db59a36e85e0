import pytest

from experiments.analysis.plan import RECOMMENDED, load_plan, make_plan, plan_to_yaml
from experiments.errors import InputError

COLUMNS = {"outcome": "y", "arm": "arm", "cluster": "zone"}


def test_what_is_not_said_has_a_careful_default():
    plan = make_plan(**COLUMNS)
    assert plan.outcomes == ("y",)
    assert plan.estimators == (RECOMMENDED,)
    assert plan.missing == "error"
    assert plan.multiplicity == "none"
    assert plan.level == 0.95
    assert plan.block is None


def test_one_name_may_stand_for_a_list():
    plan = make_plan(**COLUMNS, covariates="age", estimators="zone-t", baseline=0, period="wave")
    assert (plan.covariates, plan.estimators, plan.baseline) == (("age",), ("zone-t",), ("0",))
    assert make_plan(outcome=["y", "z"], arm="arm", cluster="zone").outcomes == ("y", "z")


def test_labels_written_as_numbers_or_truth_values_are_text(tmp_path):
    assert make_plan(**COLUMNS, control=0).control == "0"
    # YAML reads a bare no as false, which is how a column of truth values is labelled.
    path = tmp_path / "plan.yaml"
    path.write_text("{outcome: y, arm: arm, cluster: zone, control: no, success: yes}", "utf-8")
    plan = load_plan(path)
    assert (plan.control, plan.success) == ("false", "true")


def test_a_plan_survives_yaml(tmp_path):
    plan = make_plan(
        **COLUMNS,
        control="témoin",
        ratios={"témoin": 1, "lettre": 2},
        strata="block",
        covariates=["age", "sex"],
        estimators=["zone-t", "ols-cr2"],
        scales=["odds_ratio"],
        margin={"lower": -0.02, "upper": 0.03},
        period="wave",
        baseline=["0"],
        moderators="size",
        outcome_range=(0, 1),
        multiplicity="holm",
        design=tmp_path / "draw",
    )
    path = tmp_path / "plan.yaml"
    path.write_text(plan_to_yaml(plan), encoding="utf-8")
    assert load_plan(path) == plan
    assert "témoin" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"estimator": "zone-t"}, r"estimator: unknown setting \(did you mean estimators\?\)"),
        ({"xyzzy": "red"}, "xyzzy: unknown setting; the settings are outcomes, arm"),
        ({"level": 95}, "level: .*less than 1"),
        ({"draws": 10}, "draws: .*greater than or equal to 99"),
        ({"covariates": ["y"]}, "column 'y' is named under outcomes and under covariates"),
        ({"covariates": ["zone"]}, "column 'zone' is named under cluster and under covariates"),
        ({"strata": "a", "pairs": "b"}, "pairs are strata of two, keep one"),
        ({"baseline": ["0"]}, "period must name the column"),
        ({"margin": {"lower": 0.1, "upper": 0.2}}, "margin.lower: .*less than 0"),
        ({"scales": ["furlongs"]}, "scales.0: .*'odds_ratio'"),
        ({"multiplicity": "tukey"}, "multiplicity: .*'holm'"),
    ],
)
def test_a_wrong_setting_is_named(settings, words):
    with pytest.raises(InputError, match=words):
        make_plan(**COLUMNS, **settings)


def test_every_fault_of_a_plan_is_said_at_once():
    with pytest.raises(InputError) as caught:
        make_plan(outcome="y", level=2, seeds=1)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["arm", "cluster", "level", "seeds"]
    assert lines[0] == "plan: arm: needed"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- y\n- arm\n", "a mapping of settings is expected"),
        ("outcome: [y", "cannot be read as YAML"),
        ("{outcome: y, arm: arm}", "plan.yaml: cluster: needed"),
        ("{1: y}", "plan.yaml: .*must be strings"),
    ],
)
def test_a_plan_file_that_cannot_be_used_is_named(tmp_path, text, words):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_plan(path)
    with pytest.raises(InputError, match=r"nowhere\.yaml: cannot be read"):
        load_plan(tmp_path / "nowhere.yaml")


def test_pairs_and_strata_are_both_blocks():
    assert make_plan(**COLUMNS, pairs="pair").block == "pair"
    assert make_plan(**COLUMNS, strata="block").block == "block"
