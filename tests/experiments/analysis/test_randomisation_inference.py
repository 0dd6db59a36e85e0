import json
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.cluster_means import difference_in_means
from experiments.analysis.matched_pairs import paired_difference
from experiments.analysis.p_value_function import PValueFunction, reach
from experiments.analysis.randomisation_inference import randomisation_test
from experiments.errors import AssumptionError, InputError

# Made by zone_randomisation.R: p are exact counts, ends are bisected to 1e-6.
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "zone_randomisation.json").read_text("utf-8")
)
G = np.arange(1, 11)
Y = 20 + 5 * np.sin(3 * G) + 2 * np.cos(7 * G) + np.where(G <= 4, 4, 0)
OBSERVED = (G <= 4).astype(np.int8)


def every(n, treated):
    """All allocations of n clusters with so many treated."""
    rows = np.zeros((len(list(combinations(range(n), treated))), n), dtype=np.int8)
    for row, chosen in zip(rows, combinations(range(n), treated), strict=True):
        row[list(chosen)] = 1
    return rows


ALL = every(10, 4)


def inference(values=Y, observed=OBSERVED, allocations=ALL, **options):
    options = {"arm": 1, "control": 0, "enumerated": True} | options
    return randomisation_test(values, observed, allocations, **options)


@pytest.mark.parametrize("studentised", [True, False])
def test_equals_t_tests_recomputed_in_r(studentised):
    expected = REFERENCE["studentised" if studentised else "plain"]
    found = inference(studentised=studentised)
    assert found.estimate == pytest.approx(REFERENCE["estimate"], rel=1e-10)
    assert found.p_value == pytest.approx(expected["p_value"], abs=1e-12)
    assert found.p_value_unstudentised == pytest.approx(REFERENCE["plain"]["p_value"], abs=1e-12)
    assert found.ci_low == pytest.approx(expected["ci_low"], abs=3e-6)
    assert found.ci_high == pytest.approx(expected["ci_high"], abs=3e-6)
    moved = inference(studentised=studentised, null_value=2.0)
    assert moved.p_value == pytest.approx(expected["p_at_two"], abs=1e-12)


def test_the_statistic_is_the_t_test():
    found, t = inference(), difference_in_means(Y, OBSERVED == 1)
    assert (found.estimate, found.std_error) == pytest.approx((t.estimate, t.std_error))
    assert found.statistic == pytest.approx(t.statistic)
    assert found.studentiser == "welch"
    assert inference(studentised=False).statistic == pytest.approx(found.estimate)


def test_pairs_are_the_sign_flip_test_and_the_paired_t():
    gap = np.array([3.1, -0.4, 2.2, 1.7, 0.9, -1.2, 4.0, 0.3])
    values = np.column_stack([10 + gap, np.full(8, 10.0)]).ravel()
    pair, observed = np.repeat(np.arange(8), 2), np.tile([1, 0], 8).astype(np.int8)
    first = np.array(list(product([1, 0], repeat=8)), dtype=np.int8)
    flips = np.stack([first, 1 - first], axis=2).reshape(256, 16)
    found = inference(values, observed, flips, stratum=pair)
    paired = paired_difference(values, observed == 1, pair)
    assert found.p_value == pytest.approx(REFERENCE["paired"], abs=1e-12)
    assert found.studentiser == "between_strata"
    assert (found.estimate, found.std_error) == pytest.approx((paired.estimate, paired.std_error))


@given(
    st.permutations(range(10)),
    st.floats(-50, 50),
    st.floats(0.1, 100),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_order_names_shift_and_scale_do_not_matter(order, shift, scale, swap, studentised):
    order = np.array(order)
    here = inference(studentised=studentised)
    there = inference(
        shift + scale * Y[order],
        OBSERVED[order],
        ALL[::-1][:, order],
        studentised=studentised,
        arm=0 if swap else 1,
        control=1 if swap else 0,
    )
    ends = sorted((-1) ** swap * scale * end for end in (here.ci_low, here.ci_high))
    assert there.p_value == here.p_value
    assert (there.ci_low, there.ci_high) == pytest.approx(ends, abs=1e-5 * scale)


def test_the_interval_holds_the_effects_that_are_not_rejected():
    found = inference()
    step = 1e-5 * found.std_error
    for end, outward in ((found.ci_low, -1), (found.ci_high, 1)):
        assert inference(null_value=end - outward * step).p_value > 0.05
        assert inference(null_value=end + outward * step).p_value <= 0.05
    assert inference(level=0.8).ci_low > found.ci_low


def test_other_arms_play_no_part():
    values = np.r_[Y, 1e6, -1e6]
    observed = np.r_[OBSERVED, 2, 2].astype(np.int8)
    allocations = np.column_stack([ALL, np.full((len(ALL), 2), 2)]).astype(np.int8)
    found, alone = inference(values, observed, allocations), inference()
    assert (found.p_value, found.ci_low) == (alone.p_value, alone.ci_low)


def test_streamed_and_shuffled_allocations_give_the_same_bits():
    whole, streamed = (
        inference(),
        inference(allocations=(ALL[k : k + 13] for k in range(0, 210, 13))),
    )
    assert streamed == whole


def test_size_weights_test_the_difference_between_units():
    size = 10 + (37 * G) % 80
    found = inference(weights=size)
    t = difference_in_means(Y, OBSERVED == 1, weights=size)
    assert (found.estimate, found.std_error) == pytest.approx((t.estimate, t.std_error))


def test_sampled_draws_count_the_observed_one():
    rng = np.random.default_rng(1)
    sampled = ALL[rng.integers(0, len(ALL), 4_000)]
    found = inference(allocations=sampled, enumerated=False)
    exact = inference()
    extreme = round(found.p_value * 4_001) - 1
    assert found.p_value == (1 + extreme) / 4_001
    assert found.p_value == pytest.approx(exact.p_value, abs=4 * found.p_monte_carlo_error)
    assert found.p_monte_carlo_error == pytest.approx(0.0067, abs=5e-4)
    assert exact.p_monte_carlo_error == 0
    assert found.ci_low == pytest.approx(exact.ci_low, abs=0.4)


@pytest.mark.parametrize("studentised", [True, False])
def test_exact_level_and_coverage_with_twelve_unequal_zones(studentised):
    # 4.8 % was found for this design over the 924 allocations with 2,500 runs.
    rng = np.random.default_rng(21)
    allocations = every(12, 6)
    rejected, covered, runs = 0, 0, 500
    for run in range(runs):
        size = rng.integers(20, 120, 12)
        share = 1 / (1 + np.exp(-0.9 - 0.42 * rng.normal(size=12)))
        means = rng.binomial(size, share) / size
        observed = allocations[rng.integers(len(allocations))]
        found = inference(
            means + 0.3 * observed, observed, allocations, null_value=0.3,
            studentised=studentised, interval=run < 250,
        )  # fmt: skip
        rejected += found.p_value <= 0.05
        covered += run < 250 and found.ci_low <= 0.3 <= found.ci_high
    assert rejected / runs == pytest.approx(0.048, abs=0.025)
    assert covered / 250 == pytest.approx(0.95, abs=0.035)


def test_coverage_with_eight_zones_of_very_unequal_spread():
    # Seventy allocations: p moves in steps of 2/70, so that the level is at most 4/70 = 5.7 %
    # and the interval covers at least 94.3 %.
    rng = np.random.default_rng(22)
    allocations = every(8, 4)
    covered = 0
    for _ in range(400):
        values = rng.standard_t(2, size=8)
        observed = allocations[rng.integers(70)]
        found = inference(values + 1.0 * observed, observed, allocations)
        covered += found.ci_low <= 1 <= found.ci_high
    assert covered / 400 > 0.925


def test_the_plain_difference_fails_the_weak_null_where_the_studentised_one_holds():
    # Effects average nothing but vary in the small arm.
    rng = np.random.default_rng(23)
    observed = (np.arange(40) < 10).astype(np.int8)
    draws = np.stack([rng.permutation(observed) for _ in range(399)])
    rejected = np.zeros(2)
    for _ in range(300):
        values = rng.normal(size=40) * np.where(observed == 1, 4, 1)
        found = inference(values, observed, draws, enumerated=False, interval=False)
        rejected += np.array([found.p_value, found.p_value_unstudentised]) <= 0.05
    assert rejected[0] / 300 < 0.09
    assert rejected[1] / 300 > 0.2


def test_few_allocations_bound_nothing_and_say_so():
    found = inference(np.array([1.0, 2, 3, 10, 11, 12]), np.array([0, 0, 0, 1, 1, 1]), every(6, 3))
    assert found.p_value == found.smallest_p == 0.1
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert any("smallest p" in note and "0.1" in note for note in found.warnings)


def test_p_equal_to_the_level_rejects_at_any_level():
    # 1 - 0.9 is a little under the 0.1 that twenty allocations can give.
    found = inference(
        np.array([1.0, 2, 3, 10, 11, 12]), np.repeat([0, 1], 3), every(6, 3), level=0.9
    )
    assert 0 < found.ci_low < 9 < found.ci_high < np.inf


def test_unequal_arms_have_no_mirror_image():
    assert inference().smallest_p == pytest.approx(1 / 210)
    assert inference(allocations=ALL[:99], enumerated=False).smallest_p > 1 / 101


def test_no_variation_within_arms_is_an_infinite_statistic():
    found = inference(np.where(OBSERVED == 1, 3.0, 1.0))
    assert found.statistic == np.inf
    assert found.p_value == pytest.approx(1 / 210)
    assert found.p_value_unstudentised == pytest.approx(1 / 210)
    assert any("must not be read" in note for note in found.warnings)


def test_allocations_without_variation_count_as_extreme():
    values = np.array([0.0, 0, 0, 1, 1, 1, 0, 1])
    observed = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    # Only the split of zeros from ones, and its mirror, have no variance: two beyond the observed.
    found = inference(values, observed, every(8, 4))
    plain = [abs(values[z == 1].mean() - values[z == 0].mean()) for z in every(8, 4)]
    assert found.p_value == pytest.approx(np.mean(np.array(plain) >= 0.5 - 1e-9))


def test_rounding_does_not_hide_that_values_do_not_vary():
    weights = np.array([7.8, 4.1, 8.5, 8.2, 1.2, 0.1])
    observed = np.repeat([0, 1], 3)
    found = inference(np.repeat([0.1, 0.9], 3), observed, every(6, 3), weights=weights)
    assert found.std_error == 0
    assert found.p_value == 0.1


def test_a_single_treated_cluster_falls_back_to_the_plain_difference():
    found = inference(Y, (G == 1).astype(int), every(10, 1))
    assert found.std_error is None
    assert found.studentiser == "none"
    assert found.p_value == found.p_value_unstudentised
    assert any("single cluster" in note for note in found.warnings)
    assert any("sharp null" in note for note in found.warnings)


def test_refuses_arms_that_the_design_cannot_have_drawn():
    admissible = ALL[(ALL[:, :5].sum(axis=1) == 2)]
    moved = admissible[0].copy()
    moved[[1, 9]] = 1 - moved[[1, 9]]
    with pytest.raises(AssumptionError, match=r"differs at clusters B, J.*declare the design"):
        inference(observed=moved, allocations=admissible[:1], clusters="ABCDEFGHIJ")
    with pytest.raises(AssumptionError, match="not an admissible allocation"):
        inference(allocations=admissible)
    assert inference(allocations=admissible, enumerated=False).n_allocations == len(admissible)


def test_says_what_is_wrong_with_the_input():
    with pytest.raises(AssumptionError, match="nothing to test"):
        inference(np.ones(10))
    with pytest.raises(InputError, match="no cluster is in arm 1"):
        inference(observed=np.zeros(10, dtype=int))
    with pytest.raises(InputError, match="9 columns for 10 clusters"):
        inference(allocations=ALL[:, 1:])
    with pytest.raises(InputError, match="conditional on the clusters of the other arms"):
        inference(allocations=np.where(ALL == 1, 2, ALL).astype(np.int8))
    with pytest.raises(InputError, match="no allocation"):
        inference(allocations=ALL[:0])
    with pytest.raises(InputError, match="level"):
        inference(level=1.0)
    with pytest.raises(AssumptionError, match="stratum 'b' has no cluster of one"):
        inference(stratum=np.where(G > 8, "b", "a"))
    with pytest.raises(AssumptionError, match="keep the observed number"):
        inference(allocations=np.vstack([ALL, np.eye(10, dtype=np.int8)]))


def test_asks_for_more_draws_near_the_level():
    rng = np.random.default_rng(3)
    values = Y + 3.2 * (OBSERVED == 1)
    sampled = ALL[rng.integers(0, len(ALL), 199)]
    found = inference(values, allocations=sampled, enumerated=False)
    assert abs(found.p_value - 0.05) < 2 * found.p_monte_carlo_error
    assert any("draw more" in note for note in found.warnings)


def test_the_farthest_crossing_counts_where_p_rises_again():
    # One allocation of four is extreme up to a shift of 1.1, and again from 10.1 to 11.8.
    function = PValueFunction(
        gap=np.array([0, 0, 0, 11.0]), slope=np.array([1, 0, 0, 0.0]),
        constant=np.array([1, 1, 1, 121.25]), linear=np.array([0, 0, 0, 11.0]),
        square=np.array([0, 0, 0, 1.0]), std_error=1.0, scale=1.0, enumerated=True,
    )  # fmt: skip
    curve = [function.p_value(shift, studentised=True) for shift in (5.0, 11.0, 20.0)]
    assert curve == [0.25, 0.5, 0.25]
    assert 11.3 < reach(function, side=1, alpha=0.3, studentised=True) < 11.8
    assert reach(function, side=1, alpha=0.2, studentised=True) == np.inf


def test_an_effect_beyond_any_scale_has_no_bound():
    one = np.ones(2)
    function = PValueFunction(
        gap=np.array([0, 1e3]), slope=np.array([1, 1 - 1e-8]), constant=one, linear=one,
        square=one, std_error=1.0, scale=1.0, enumerated=True,
    )  # fmt: skip
    assert function.smallest_p == 0.5
    assert reach(function, side=-1, alpha=0.6, studentised=False) == np.inf
