import numpy as np
import pytest
from scipy import stats

from experiments.design.adjacency import ContactRestriction
from experiments.design.allocation_space import (
    AllocationSpace,
    conditional_space,
    list_allocations,
    reordered_space,
)
from experiments.design.constrained_randomisation import BalanceRestriction, scaled_covariates
from experiments.design.randomisation import scheme_from_ratios
from experiments.errors import AssumptionError, InputError


def space_of(n_units, *, arms=("c", "t"), strata=None, units=None, **rules):
    codes = np.zeros(n_units, int) if strata is None else np.array(strata)
    unit_of_cluster = np.arange(n_units) if units is None else np.array(units)
    return AllocationSpace(
        clusters=tuple(f"k{place}" for place in range(len(unit_of_cluster))),
        arms=arms,
        scheme=scheme_from_ratios(codes, ratios=(1,) * len(arms)),
        unit_of_cluster=unit_of_cluster,
        **rules,
    )


def balance_of(n_clusters, threshold, seed=1):
    values = np.random.default_rng(seed).normal(size=(n_clusters, 2))
    return BalanceRestriction(
        covariates=scaled_covariates(values, score="l2"), score="l2", threshold=threshold
    )


def test_a_sample_of_a_restricted_space_is_uniform_over_its_enumeration():
    space = space_of(10, balance=balance_of(10, 2.0))
    every = list_allocations(space, rng=np.random.default_rng(1))
    sampled = list_allocations(
        space, max_enumerated=10, n_sampled=20_000, rng=np.random.default_rng(1)
    )
    assert every.enumerated
    assert not sampled.enumerated
    rows, counts = np.unique(sampled.allocations, axis=0, return_counts=True)
    assert len(rows) == len(every.allocations)
    assert stats.chisquare(counts).pvalue > 0.001
    assert sampled.size == pytest.approx(every.size, rel=0.05)


def test_clusters_of_one_unit_share_an_arm_and_contacts_are_bounded():
    edges = np.array([[0, 2], [1, 4]])
    space = space_of(
        4, units=[0, 0, 1, 2, 3], contacts=ContactRestriction(edges=edges, max_contacts=1)
    )
    listed = list_allocations(space, rng=np.random.default_rng(1)).allocations
    assert np.array_equal(listed[:, 0], listed[:, 1])
    crossing = (listed[:, 0] != listed[:, 2]).astype(int) + (listed[:, 1] != listed[:, 4])
    assert crossing.max() == 1
    assert len(listed) == 4


def test_lots_of_several_strata_do_not_add_up_in_favour_of_one_arm():
    space = space_of(12, strata=np.repeat(range(4), 3), units_per_arm=(6, 6))
    listed = list_allocations(space, rng=np.random.default_rng(1)).allocations
    assert set(listed.sum(axis=1).tolist()) == {6}
    # Choose the two strata that give an odd unit to each arm, then one unit in each stratum.
    assert len(listed) == 6 * 3**4


def test_a_space_that_admits_nothing_is_refused():
    hopeless = balance_of(12, 1e-9)
    with pytest.raises(AssumptionError, match="none of the 924 allocations meets"):
        list_allocations(space_of(12, balance=hopeless), rng=np.random.default_rng(1))
    with pytest.raises(AssumptionError, match=r"only 0 of .* drawn at random"):
        list_allocations(
            space_of(40, balance=balance_of(40, 1e-9)),
            n_sampled=1_000,
            rng=np.random.default_rng(1),
        )


def test_a_thin_space_is_listed_whole_where_sampling_would_miss_it():
    space = space_of(14, balance=balance_of(14, 0.02))
    whole = list_allocations(space, rng=np.random.default_rng(1))
    found = list_allocations(
        space, max_enumerated=100, n_sampled=2_000, rng=np.random.default_rng(1)
    )
    assert found.enumerated
    assert np.array_equal(found.allocations, whole.allocations)


def test_the_condition_holds_the_other_arms_and_checks_restrictions_again():
    space = space_of(9, arms=("c", "t", "u"), balance=balance_of(9, 6.0))
    listed = list_allocations(space, rng=np.random.default_rng(1)).allocations
    observed = listed[17]
    part = conditional_space(space, observed, groups=[[0, 1], [2]])
    found = list_allocations(part, rng=np.random.default_rng(1)).allocations
    agree = ((listed == 2) == (observed == 2)).all(axis=1)
    assert 2 <= agree.sum() < 20
    assert {tuple(row) for row in found.tolist()} == {tuple(row) for row in listed[agree].tolist()}


def test_the_condition_knows_remainders_drawn_by_lot():
    space = space_of(8, arms=("c", "t", "u"))
    listed = list_allocations(space, rng=np.random.default_rng(1)).allocations
    for observed in listed[::200]:
        part = conditional_space(space, observed, groups=[[0, 1], [2]])
        found = list_allocations(part, rng=np.random.default_rng(1)).allocations
        agree = ((listed == 2) == (observed == 2)).all(axis=1)
        assert len(found) == agree.sum()


def test_allocations_that_the_design_cannot_give_are_refused():
    space = space_of(4, units=[0, 0, 1, 2, 3])
    with pytest.raises(InputError, match="parts clusters that are drawn together"):
        conditional_space(space, np.array([0, 1, 0, 1, 1], np.int8), groups=[[0, 1]])
    three = space_of(6, arms=("c", "t", "u"))
    with pytest.raises(InputError, match="arm counts the design cannot give"):
        conditional_space(three, np.array([0, 0, 0, 0, 1, 2], np.int8), groups=[[0, 1], [2]])


def test_reordering_clusters_and_arms_keeps_the_rules():
    contacts = ContactRestriction(edges=np.array([[0, 1], [2, 5]]), max_contacts=1)
    space = space_of(6, strata=[0, 0, 0, 1, 1, 1], balance=balance_of(6, 4.0), contacts=contacts)
    order = [4, 2, 0, 5, 1, 3]
    clusters = [space.clusters[place] for place in order]
    turned = reordered_space(space, clusters=clusters, arms=("t", "c"))
    rng = np.random.default_rng(1)
    listed = list_allocations(space, rng=rng).allocations
    found = list_allocations(turned, rng=rng).allocations
    expected = {tuple(row) for row in (1 - listed[:, order]).tolist()}
    assert {tuple(row) for row in found.tolist()} == expected
