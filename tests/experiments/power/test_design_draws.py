from types import SimpleNamespace

import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.design_draws import design_model, design_plan, draw_design, whole
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome, OrdinalOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.stepped_wedge import SteppedWedgeDesign

PARALLEL = {"outcome": ContinuousOutcome(), "effect": 0.5, "clusters": 4, "units": 10, "icc": 0.1}
WEDGE = {**PARALLEL, "clusters": 2, "sequences": ("0.111", "00.11", "000.1")}


def drawn(design, n_trials=200, seed=1):
    model = design_model(design)
    return model, draw_design(model, n_trials=n_trials, rng=np.random.default_rng(seed))


def test_a_parallel_trial_has_its_arms_in_all_waves_and_treats_after_the_baseline():
    design = ParallelDesign(
        **PARALLEL, control_clusters=5.2, arms=3, waves=2, baseline_waves=1,
        cluster_autocorrelation=0.5,
    )  # fmt: skip
    model, cells = drawn(design)
    assert cells.arm.shape == (200, 14, 3)
    assert (cells.arm == cells.arm[:, :, :1]).all()
    assert (np.sort(cells.arm[:, :, 0], axis=1) == np.repeat([0, 1, 2], [6, 4, 4])).all()
    assert cells.arm[:, 0, 0].std() > 0
    assert model.treated.any(axis=0).tolist() == [False, True, True]
    means = cells.sum_y[..., 0] / cells.n[..., 0]
    for arm, period, expected in ((0, 2, 0.0), (1, 0, 0.0), (1, 1, 0.5), (2, 2, 0.5)):
        inside = means[:, :, period][cells.arm[:, :, period] == arm]
        assert inside.mean() == pytest.approx(expected, abs=4 * inside.std() / inside.size**0.5)


def test_a_wedge_follows_its_schedule_and_leaves_transitions_out():
    _, cells = drawn(SteppedWedgeDesign(**WEDGE, extra_periods=1))
    assert cells.arm[0, ::2].tolist() == [[0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0] * 4 + [1] * 2]
    assert np.array_equal(cells.arm[:, ::2], cells.arm[:, 1::2])
    missing = np.argwhere(cells.n[0, ::2, :, 0] == 0)
    assert missing.tolist() == [[0, 1], [1, 2], [2, 3]]


def test_sizes_vary_between_clusters_and_stay_over_periods():
    _, cells = drawn(
        ParallelDesign(**PARALLEL | {"units": 40}, cv=0.5, waves=2, cluster_autocorrelation=1.0),
        n_trials=2_000,
    )
    sizes = cells.n[..., 0]
    assert np.array_equal(sizes[:, :, 0], sizes[:, :, 1])
    assert sizes.mean() == pytest.approx(40, rel=0.02)
    assert sizes.std() / sizes.mean() == pytest.approx(0.5, abs=0.02)
    _, lone = drawn(ParallelDesign(**PARALLEL | {"units": 1}))
    assert (lone.n == 1).all()


def test_sizes_given_one_by_one_are_taken():
    by_cluster = SteppedWedgeDesign(**WEDGE, cluster_sizes=(5, 6, 7, 8, 9, 10))
    assert drawn(by_cluster)[1].n[3, :, 0, 0].tolist() == [5, 6, 7, 8, 9, 10]
    sizes = tuple((5, 6, 7, 8, g) for g in range(3, 9))
    by_period = SteppedWedgeDesign(**WEDGE, cluster_sizes=sizes)
    assert drawn(by_period)[1].n[3, 2, :, 0].tolist() == [5, 6, 0, 8, 5]


def test_plans_are_those_of_the_real_analysis():
    waves = ParallelDesign(**PARALLEL, arms=3, baseline_waves=2, cluster_autocorrelation=0.5)
    plan = design_plan(design_model(waves), draws=99, seed=4)
    assert plan.period == "period"
    assert plan.baseline == ("period 1", "period 2")
    assert plan.covariates == ()
    assert plan.level == pytest.approx(0.975)
    explained = ParallelDesign(**PARALLEL, covariates=2, cluster_r2=0.3, unit_r2=0.1)
    plan = design_plan(design_model(explained), draws=99, seed=4)
    assert plan.covariates == ("cluster_1", "cluster_2", "unit")
    assert plan.period is None
    plan = design_plan(design_model(SteppedWedgeDesign(**WEDGE)), draws=99, seed=4)
    assert plan.covariates == ("period",)
    assert plan.arms_within_clusters


@pytest.mark.parametrize(
    ("outcome", "family"),
    [
        (ContinuousOutcome(), "auto"),
        (BinaryOutcome(level=0.3), "auto"),
        (CountOutcome(level=2.0), "poisson"),
        (OrdinalOutcome(probabilities=(0.5, 0.5)), "gaussian"),
    ],
)
def test_families_are_those_of_the_outcomes(outcome, family):
    model = design_model(ParallelDesign(**PARALLEL | {"outcome": outcome}))
    assert design_plan(model, draws=99, seed=1).family == family


def test_what_is_no_design_of_finite_size_is_refused():
    with pytest.raises(InputError, match="infinitely many cannot be simulated"):
        design_model(ParallelDesign(**PARALLEL | {"units": float("inf")}))
    with pytest.raises(InputError, match="parallel designs and stepped wedges are simulated"):
        design_model(SimpleNamespace(units=3.0))
    assert [whole(2.0), whole(2.1)] == [2, 3]
