from experiments.power.plan_figures import plan_figures
from experiments.power.planned_power import solve
from experiments.power.power_plan import make_power_plan

USUAL = {"outcome_kind": "binary", "baseline_level": 0.25, "effect": 0.1, "units": 25}


def test_a_parallel_plan_has_four_curves_at_the_ends_of_its_icc():
    plan = make_power_plan(**USUAL, clusters=10, icc={"estimate": 0.05, "low": 0.02, "high": 0.1})
    drawn = plan_figures(plan, solve(plan))
    assert set(drawn) == {f"power_by_{name}" for name in ("effect", "clusters", "units", "icc")}
    curve, figure = drawn["power_by_effect"]
    assert sorted(curve["icc"].unique()) == [0.02, 0.05, 0.1]
    assert figure.axes[0].get_xlabel() == "Effect (points)"


def test_a_stepped_wedge_names_its_own_quantities():
    plan = make_power_plan(**USUAL, design="stepped-wedge", steps=4, clusters=3, icc=0.05)
    drawn = plan_figures(plan, solve(plan))
    labels = [figure.axes[0].get_xlabel() for _, figure in drawn.values()]
    assert "Clusters per sequence" in labels
    assert "Extra periods after the last step" in labels
    curve, _ = drawn["power_by_units"]
    assert sorted(curve["icc"].unique()) == [0.025, 0.05, 0.1]
