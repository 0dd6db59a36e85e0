import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan

NEEDS = {
    "matched-pairs": {"pairs": "pair"},
    "mantel-haenszel": {"strata": "block"},
    "mantel-haenszel-ratio": {"strata": "block"},
}


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12, units=20)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_estimator_does_what_its_name_says_and_names_its_paper(rows, name):
    plan = make_plan(
        outcome="sorted",
        arm="arm",
        cluster="zone",
        covariates=["income"],
        estimators=name,
        draws=199,
        **NEEDS.get(name, {}),
    )
    (one,) = analyze(rows, plan).estimates
    assert one.estimator == name
    assert one.contrast == "nudge vs control"
    assert one.ci_low < one.estimate < one.ci_high
    assert 0 < one.p_value <= 1
    assert one.level == 0.95
    assert one.method
    assert one.reference
    assert any(character.isdigit() for character in CATALOGUE[name].reference)
    assert CATALOGUE[name].title


def test_all_estimators_agree_on_the_direction_of_a_clear_effect(trial_rows):
    rows = trial_rows(clusters=12, units=30)
    rows["sorted"] = rows["sorted"].where(
        rows["arm"] != "nudge", rows["sorted"] | (rows["unit"] % 2)
    )
    for name in CATALOGUE:
        plan = make_plan(
            outcome="sorted", arm="arm", cluster="zone", estimators=name, draws=199,
            **{"covariates": ["density"]} if name == "zone-ancova" else {},
            **NEEDS.get(name, {}),
        )  # fmt: skip
        (one,) = analyze(rows, plan).estimates
        assert one.estimate > (1 if one.scale == "ratio" else 0), name
