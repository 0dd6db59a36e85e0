from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.randomisation_inference import randomisation_test
from experiments.analysis.romano_wolf import joint_statistics, romano_wolf
from experiments.errors import AssumptionError, InputError


def closed_test(observed, reference):
    """Adjusted p of each hypothesis as the largest p of the maximum over sets that hold it."""
    seen, drawn = np.abs(observed), np.abs(reference)
    family = range(len(seen))
    adjusted = np.zeros(len(seen))
    for chosen in chain.from_iterable(combinations(family, k + 1) for k in family):
        members = list(chosen)
        p = np.mean(drawn[:, members].max(axis=1) >= seen[members].max() - 1e-9)
        adjusted[members] = np.maximum(adjusted[members], p)
    return adjusted


def three_arms(rng, n_draws, size=18):
    base = np.repeat(np.arange(3, dtype=np.int8), size // 3)
    return np.stack([rng.permutation(base) for _ in range(n_draws)])


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_equals_the_closed_test_of_maximum_statistics(seed, n_hypotheses):
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n_hypotheses, n_hypotheses))
    reference = rng.normal(size=(80, n_hypotheses)) @ mixed
    observed = reference[0] * rng.uniform(0.5, 3, n_hypotheses)
    found = romano_wolf(observed, reference, enumerated=True)
    assert found.p_adjusted == pytest.approx(closed_test(observed, reference))


def test_independent_hypotheses_give_holm_and_copies_give_single_p():
    rng = np.random.default_rng(1)
    reference = rng.normal(size=(200_000, 3))
    observed = np.array([2.6, 1.2, 2.2])
    p = 2 * np.array([0.004661, 0.115070, 0.013903])
    stepwise_sidak = np.array([1 - (1 - p[0]) ** 3, p[1], 1 - (1 - p[2]) ** 2])
    found = romano_wolf(observed, reference, enumerated=False)
    assert found.p_adjusted == pytest.approx(stepwise_sidak, abs=0.002)
    copied = romano_wolf(observed[[0, 0, 0]], reference[:, [0, 0, 0]], enumerated=False)
    assert copied.p_adjusted == pytest.approx(found.p_values[[0, 0, 0]])


def test_never_below_single_p_and_follows_the_order_of_statistics():
    rng = np.random.default_rng(2)
    observed, reference = rng.normal(size=6) * 2, rng.standard_t(3, size=(999, 6))
    found = romano_wolf(observed, reference, enumerated=False)
    assert (found.p_adjusted >= found.p_values).all()
    assert (np.diff(found.p_adjusted[np.argsort(-np.abs(observed))]) >= 0).all()
    order = rng.permutation(6)
    moved = romano_wolf(-observed[order], reference[:, order], enumerated=False)
    assert moved.p_adjusted == pytest.approx(found.p_adjusted[order])


def test_single_p_is_the_randomisation_test():
    rng = np.random.default_rng(3)
    allocations = np.stack([rng.permutation(np.repeat([0, 1], 6)) for _ in range(500)])
    values, observed = rng.normal(size=(12, 1)), np.repeat([0, 1], 6).astype(np.int8)
    seen, drawn = joint_statistics(values, observed, allocations, arms=[1], control=0)
    found = romano_wolf(seen, drawn, enumerated=False)
    alone = randomisation_test(
        values[:, 0], observed, allocations, arm=1, control=0, enumerated=False, interval=False
    )
    assert seen[0] == pytest.approx(alone.statistic)
    assert found.p_values[0] == alone.p_value == found.p_adjusted[0]


def test_statistics_of_all_arms_and_outcomes_side_by_side():
    rng = np.random.default_rng(4)
    allocations = three_arms(rng, 50)
    values, observed = rng.normal(size=(18, 2)), allocations[7]
    seen, drawn = joint_statistics(values, observed, iter([allocations]), arms=[1, 2], control=0)
    assert drawn.shape == (50, 4)
    assert drawn[7] == pytest.approx(seen)
    second_arm_first_outcome = randomisation_test(
        values[observed != 1, 0], observed[observed != 1], observed[None][:, observed != 1],
        arm=2, control=0, enumerated=True, interval=False,
    )  # fmt: skip
    assert seen[2] == pytest.approx(second_arm_first_outcome.statistic)


def test_pairs_are_studentised_between_pairs():
    rng = np.random.default_rng(5)
    first = rng.integers(0, 2, size=(64, 6), dtype=np.int8)
    flips = np.stack([first, 1 - first], axis=2).reshape(64, 12)
    seen, _ = joint_statistics(
        rng.normal(size=12), flips[0], flips, arms=[1], control=0, stratum=np.repeat(range(6), 2)
    )
    assert np.isfinite(seen).all()


def test_family_wise_error_with_correlated_outcomes_at_twelve_zones():
    rng = np.random.default_rng(6)
    observed = np.repeat([0, 1], 6).astype(np.int8)
    allocations = np.stack([rng.permutation(observed) for _ in range(199)])
    any_adjusted, any_single = 0, 0
    for _ in range(600):
        shared = rng.normal(size=(12, 1))
        values = shared + rng.normal(size=(12, 5))
        found = romano_wolf(
            *joint_statistics(values, observed, allocations, arms=[1], control=0),
            enumerated=False,
        )
        any_adjusted += found.p_adjusted.min() <= 0.05
        any_single += found.p_values.min() <= 0.05
    assert any_adjusted / 600 == pytest.approx(0.05, abs=0.025)
    assert any_single / 600 > 0.1


def test_refuses_what_has_no_statistic():
    values = np.ones((6, 1)) * np.arange(6)[:, None]
    with pytest.raises(AssumptionError, match="Holm"):
        joint_statistics(values, [1, 0, 0, 0, 0, 0], np.eye(6, dtype=np.int8), arms=[1], control=0)
    with pytest.raises(InputError, match="one finite number"):
        joint_statistics(values * np.nan, [1, 1, 1, 0, 0, 0], values, arms=[1], control=0)
    with pytest.raises(InputError, match="3 hypotheses"):
        romano_wolf([1.0, 2, 3], np.ones((5, 2)), enumerated=True)
    with pytest.raises(InputError, match="not a number"):
        romano_wolf([np.nan], np.ones((5, 1)), enumerated=True)
    with pytest.raises(InputError, match="no allocation"):
        joint_statistics(values, [1, 1, 1, 0, 0, 0], iter([]), arms=[1], control=0)
