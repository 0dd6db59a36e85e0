import numpy as np
import pandas as pd
import pytest

from experiments.design.admissible_allocations import admissible_allocations
from experiments.design.allocation_set import observed_allocations
from experiments.design.diagnostics import (
    co_assignment,
    diagnose,
    expected_assignment,
    least_p_value,
)
from experiments.design.trial_design import Buffers, Constraint, TrialDesign


def test_a_sound_draw_gives_no_warning(dickinson, dickinson_design):
    assert diagnose(admissible_allocations(dickinson_design, dickinson), 0.05) == ()
    pairs = observed_allocations(
        np.tile([0, 1], 6), n_arms=2, stratum_codes=np.repeat(np.arange(6), 2)
    )
    # Partners are apart by design: nothing to warn of.
    assert diagnose(pairs, 0.05) == ()


@pytest.mark.parametrize(
    ("allocation", "strata", "least"),
    [
        ([0, 0, 1, 1], None, 2 / 6),
        ([0, 0, 0, 1], None, 1 / 4),
        ([0, 1] * 5, np.repeat(np.arange(5), 2), 2 / 32),
        ([0] * 8 + [1] * 8, None, 2 / 12_870),
    ],
)
def test_least_p_values_count_mirror_images(allocation, strata, least):
    found = observed_allocations(np.array(allocation), n_arms=2, stratum_codes=strata)
    assert least_p_value(found) == pytest.approx(least)


def test_too_few_allocations_for_the_level_are_told_contrast_by_contrast():
    three = observed_allocations(np.array([0, 0, 1, 1, 2, 2, 2, 2, 2]), n_arms=3)
    warnings = diagnose(three, 0.05)
    assert len(warnings) == 1
    assert warnings[0].startswith("1 against 0: 6 admissible allocations")
    assert "p under 0.333 (intended level 0.05)" in warnings[0]


def test_clusters_bound_together_or_apart_are_named():
    # Two giants balance a score only when apart.
    frame = pd.DataFrame({"zone": list("abcdefgh"), "size": [100, 99, 1, 2, 3, 4, 5, 6]})
    design = TrialDesign(name="x", cluster="zone", arms=("c", "t"), seed=1)
    assert diagnose(admissible_allocations(design, frame), 0.05) == ()
    apart = design.model_copy(update={"constraint": Constraint(covariates=("size",), keep=0.2)})
    warnings = diagnose(admissible_allocations(apart, frame), 0.05)
    assert any("a and b are never in the same arm" in warning for warning in warnings)
    together = design.model_copy(
        update={"buffers": Buffers(rule="forbid", neighbours=(("c", "d"),), max_contacts=0)}
    )
    warnings = diagnose(admissible_allocations(together, frame), 0.05)
    assert any("c and d are in the same arm in every admissible" in text for text in warnings)


def test_long_lists_of_pairs_are_cut_short():
    frame = pd.DataFrame({"zone": range(10), "size": [2**place for place in range(10)]})
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("c", "t"),
        seed=1,
        constraint=Constraint(covariates=("size",), keep=0.01),
    )
    warnings = diagnose(admissible_allocations(design, frame), 0.05)
    assert any("more pairs are" in warning for warning in warnings)


def test_a_bent_chance_of_an_arm_is_told():
    # One arm of two among nine: the giant cannot be treated without upsetting the balance.
    frame = pd.DataFrame({"zone": list("abcdefghi"), "size": [90, 1, 2, 3, 4, 5, 6, 7, 8]})
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("c", "t"),
        ratios=(2, 1),
        seed=1,
        constraint=Constraint(covariates=("size",), keep=0.5),
    )
    warnings = diagnose(admissible_allocations(design, frame), 0.05)
    assert any("unequal chances of an arm under the restrictions (a" in text for text in warnings)


def test_totals_that_vary_are_told():
    frame = pd.DataFrame({"zone": range(12), "beside": [""] * 12})
    neighbours = tuple((str(one), str(one + 1)) for one in range(5))
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("c", "t"),
        seed=1,
        buffers=Buffers(rule="no_adjacent_arms", neighbours=neighbours),
    )
    warnings = diagnose(admissible_allocations(design, frame), 0.05)
    assert any("the arm t gets 3 to 9 clusters" in text for text in warnings)


def test_the_least_p_value_of_a_sampled_set_is_that_of_the_whole():
    sampled = observed_allocations(np.repeat([0, 1], 12), n_arms=2, n_sampled=500)
    assert least_p_value(sampled) == pytest.approx(2 / 2_704_156)
    fixed = observed_allocations(np.array([0, 1]), n_arms=2, stratum_codes=np.array([0, 1]))
    assert least_p_value(fixed) == 1


@pytest.mark.parametrize("strata", [[0] * 7, [0, 0, 0, 1, 1, 1, 1]])
def test_expected_assignment_is_that_of_the_enumeration(strata):
    arms = np.array([0, 1, 0, 1, 0, 2, 1])
    found = observed_allocations(arms, n_arms=3, stratum_codes=np.array(strata))
    arm_shares, together = expected_assignment(found.space)
    np.testing.assert_allclose(co_assignment(found.allocations), together, atol=1e-6)
    for arm in range(3):
        shares = (found.allocations == arm).mean(axis=0)
        np.testing.assert_allclose(arm_shares[:, arm], shares, atol=1e-12)
