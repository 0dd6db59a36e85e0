import numpy as np
import pytest

from experiments.analysis.estimators.gee import estimator
from experiments.analysis.estimators.one_sided_levels import without_one_sided_levels
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=16)


def with_constant(rows, outcome, where, value=0):
    return rows.assign(**{outcome: rows[outcome].where(~where, value)})


@pytest.mark.parametrize(
    ("outcome", "value", "settings"),
    [("sorted", 0, {}), ("sorted", 1, {}), ("visits", 0, {"family": "poisson"})],
)
@pytest.mark.parametrize("block", ["north", "south"])
def test_a_stratum_with_one_outcome_only_is_left_out(read, rows, outcome, value, settings, block):
    where = rows["block"] == block
    data = with_constant(rows, outcome, where, value)
    (one,) = estimator("md")(read(data, outcome=outcome, strata="block", **settings))
    (rest,) = estimator("md")(read(data[~where], outcome=outcome, **settings))
    for field in ("estimate", "std_error", "df", "p_value", "n_units", "n_clusters"):
        assert getattr(one.effect, field) == getattr(rest.effect, field)
    assert one.arm_means.treated == rest.arm_means.treated
    assert one.effect.warnings[0].startswith(f"block = {block}: every outcome is {value}, ")
    assert f"its {where.sum()} rows" in one.effect.warnings[0]


def test_levels_that_become_constant_in_turn_are_left_out(read, rows):
    farm, south = rows["house"] == "farm", rows["block"] == "south"
    data = with_constant(with_constant(rows, "sorted", south), "sorted", farm, 1)
    trial, (first, second) = without_one_sided_levels(
        read(data, outcome="sorted", strata="block", covariates=["house"])
    )
    assert first.startswith("house = farm: every outcome is 1")
    assert f"its {farm.sum()} rows" in first
    assert second.startswith("block = south: every outcome is 0")
    assert f"its {(south & ~farm).sum()} rows" in second
    assert trial.table.n.sum() == (~farm & ~south).sum()


def test_nothing_is_left_out_of_means(read, rows):
    data = with_constant(rows, "visits", rows["block"] == "south")
    trial = read(data, outcome="visits", family="gaussian", strata="block")
    assert without_one_sided_levels(trial) == (trial, ())


def test_levels_on_which_an_arm_depends_are_refused(read, rows):
    inside = (rows["arm"] == "nudge") | (rows["house"] == "farm")
    data = rows.assign(place=np.where(inside, "in", "out"))
    data = with_constant(data, "sorted", data["place"] == "in")
    with pytest.raises(AssumptionError, match=r"every outcome is 0.*randomisation inference"):
        estimator("md")(read(data, outcome="sorted", covariates=["place"]))
    none = with_constant(rows, "sorted", rows["zone"] != "")
    with pytest.raises(AssumptionError, match="the whole trial"):
        estimator("md")(read(none, outcome="sorted", family="binomial", strata="block"))
