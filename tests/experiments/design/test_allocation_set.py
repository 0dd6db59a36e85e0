import dataclasses

import numpy as np
import pytest

from experiments.design.admissible_allocations import admissible_allocations
from experiments.design.allocation_set import (
    conditional_on_groups,
    conditional_set,
    load,
    observed_allocations,
    reordered,
    save,
)
from experiments.design.trial_design import Buffers, Constraint, TrialDesign
from experiments.errors import AssumptionError, InputError

THREE = np.tile([0, 1, 2], 4)


def rows(allocation_set):
    return {tuple(row) for row in allocation_set.allocations.tolist()}


def test_an_undeclared_draw_is_complete_randomisation_at_the_observed_counts():
    found = observed_allocations(np.repeat([0, 1], 8), n_arms=2)
    assert found.enumerated
    assert found.size == 12_870
    assert len(rows(found)) == 12_870
    within = observed_allocations(
        np.tile([0, 1], 8), n_arms=2, stratum_codes=np.repeat(np.arange(8), 2)
    )
    assert within.size == 2**8


def test_large_sets_are_sampled_with_their_exact_size():
    found = observed_allocations(np.repeat([0, 1], 30), n_arms=2, n_sampled=500, seed=3)
    again = observed_allocations(np.repeat([0, 1], 30), n_arms=2, n_sampled=500, seed=3)
    assert not found.enumerated
    assert found.allocations.shape == (500, 60)
    assert found.size == 118_264_581_564_861_424
    assert np.array_equal(found.allocations, again.allocations)


def test_a_contrast_holds_every_other_arm_as_observed():
    whole = observed_allocations(THREE, n_arms=3, arms=["c", "t", "u"])
    found = conditional_set(whole, THREE, arm="u", control="c")
    assert found.size == len(rows(found)) == 70
    assert np.all(found.allocations[:, THREE == 1] == 1)
    assert tuple(THREE) in rows(found)


def test_a_sampled_set_is_conditioned_by_drawing_afresh():
    whole = observed_allocations(np.tile(THREE, 2), n_arms=3, n_sampled=100, seed=1)
    assert not whole.enumerated
    found = conditional_set(whole, np.tile(THREE, 2), arm="1", control="0")
    assert found.enumerated
    assert found.size == 12_870
    larger = observed_allocations(np.tile(THREE, 5), n_arms=3, n_sampled=100, seed=1)
    found = conditional_set(larger, np.tile(THREE, 5), arm="1", control="0", n_sampled=700)
    assert found.allocations.shape == (700, 60)
    assert np.all(found.allocations[:, np.tile(THREE, 5) == 2] == 2)


def test_of_two_arms_nothing_is_held():
    whole = observed_allocations(np.repeat([0, 1], 4), n_arms=2)
    assert conditional_set(whole, np.repeat([0, 1], 4), arm="1", control="0") is whole


def test_a_sample_whose_rules_are_lost_is_not_thinned_out():
    whole = observed_allocations(np.tile(THREE, 3), n_arms=3, n_sampled=2_000)
    bare = dataclasses.replace(whole, space=None)
    with pytest.raises(AssumptionError, match="keep the rules"):
        conditional_set(bare, np.tile(THREE, 3), arm="1", control="0")


@pytest.mark.parametrize("seed", range(3))
def test_conditioning_on_the_observed_groups_gives_the_same_set_from_any_member(seed):
    """Conditional sets part the whole set, which is what makes the conditional test exact."""
    whole = observed_allocations(THREE, n_arms=3)
    start = whole.allocations[np.random.default_rng(seed).integers(whole.size)]
    part = conditional_on_groups(whole, start, groups=[[0, 2], [1]])
    other = part.allocations[-1]
    assert rows(conditional_on_groups(whole, other, groups=[[0, 2], [1]])) == rows(part)


def test_a_set_survives_its_file_with_its_rules(tmp_path):
    whole = observed_allocations(
        np.tile(THREE, 2),
        n_arms=3,
        stratum_codes=np.repeat([0, 1], 12),
        clusters=[f"é{place}" for place in range(24)],
        n_sampled=300,
    )
    save(whole, tmp_path / "set.npz")
    found = load(tmp_path / "set.npz")
    assert found.clusters == whole.clusters
    assert (found.enumerated, found.size) == (whole.enumerated, whole.size)
    assert np.array_equal(found.allocations, whole.allocations)
    contrasts = [
        conditional_set(source, np.tile(THREE, 2), arm="2", control="0", seed=4)
        for source in (whole, found)
    ]
    assert np.array_equal(contrasts[0].allocations, contrasts[1].allocations)


def test_restrictions_survive_the_file(zones, tmp_path):
    design = TrialDesign(
        name="x",
        cluster="zone",
        arms=("c", "t", "u"),
        seed=2,
        strata=("habitat",),
        constraint=Constraint(covariates=("income",), keep=0.2),
        buffers=Buffers(
            rule="forbid",
            neighbours=(("Z01", "Z02"), ("Z03", "Z04"), ("Z13", "Z14"), ("Z15", "Z16")),
            max_contacts=1,
        ),
    )
    whole = admissible_allocations(design, zones.drop(index=[5, 23]))
    assert not whole.enumerated
    save(whole, tmp_path / "set.npz")
    found = load(tmp_path / "set.npz")
    drawn = whole.allocations[7]
    contrasts = [
        conditional_set(source, drawn, arm="u", control="c", seed=4) for source in (whole, found)
    ]
    assert np.array_equal(contrasts[0].allocations, contrasts[1].allocations)
    assert np.all(contrasts[0].allocations[:, drawn == 1] == 1)
    assert found.space.admits(contrasts[1].allocations).all()


def test_a_set_follows_the_order_of_the_data():
    whole = observed_allocations(
        np.array([0, 0, 1, 1, 2, 2]),
        n_arms=3,
        stratum_codes=np.array([0, 0, 0, 1, 1, 1]),
        clusters="abcdef",
        arms=["c", "t", "u"],
    )
    turned = reordered(whole, clusters="fcadeb", arms=["u", "c", "t"])
    back = reordered(turned, clusters="abcdef", arms=["c", "t", "u"])
    assert np.array_equal(back.allocations, whole.allocations)
    assert turned.allocations[0, turned.clusters.index("e")] == turned.arms.index(
        whole.arms[whole.allocations[0, whole.clusters.index("e")]]
    )
    with pytest.raises(InputError, match="clusters differ between the draw and the data: f, x"):
        reordered(whole, clusters="abcdex", arms=["c", "t", "u"])


def test_wrong_contrasts_and_observations_are_refused():
    whole = observed_allocations(THREE, n_arms=3)
    with pytest.raises(InputError, match="unknown arm 9: the arms are 0, 1, 2"):
        conditional_set(whole, THREE, arm="9", control="0")
    with pytest.raises(InputError, match="with itself"):
        conditional_set(whole, THREE, arm="0", control="0")
    with pytest.raises(InputError, match="11 observed arms for 12 clusters"):
        conditional_set(whole, THREE[:11], arm="1", control="0")
    with pytest.raises(InputError, match="not one that the design admits"):
        conditional_set(whole, np.zeros(12, int), arm="1", control="0")
    with pytest.raises(InputError, match="one label for each cluster"):
        observed_allocations(THREE, n_arms=3, clusters=["a"])


def test_more_allocations_than_a_double_holds_are_sampled():
    arms = np.arange(2_000) % 2
    found = observed_allocations(arms, n_arms=2, n_sampled=99)
    assert found.size == np.inf
    assert (found.allocations.sum(axis=1) == 1_000).all()
