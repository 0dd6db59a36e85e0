import itertools

import numpy as np
import pytest

from experiments.analysis.estimators.randomization import allocations, randomization
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=8)


def zones(rows):
    table = rows.groupby("zone").agg(
        y=("score", "mean"), arm=("arm", "first"), block=("block", "first"), n=("score", "size")
    )
    return table["y"].to_numpy(), table["arm"].eq("nudge").to_numpy(), table


def stratified_t(y, treated, block):
    """Welch's t within strata, weighted by their clusters."""
    estimate, variance = 0.0, 0.0
    for code in np.unique(block):
        inside = block == code
        share = inside.mean()
        one, two = y[inside & treated], y[inside & ~treated]
        estimate += share * (one.mean() - two.mean())
        variance += share**2 * (one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two))
    return estimate / np.sqrt(variance)


def test_strata_are_permuted_apart(read, rows):
    (one,) = randomization(read(rows, strata="block"))
    y, treated, table = zones(rows)
    block = table["block"].to_numpy()
    halves = [np.flatnonzero(block == code) for code in np.unique(block)]
    found = []
    for chosen in itertools.product(*(itertools.combinations(half, 2) for half in halves)):
        drawn = np.isin(np.arange(8), np.concatenate(chosen))
        found.append(stratified_t(y, drawn, block))
    observed = stratified_t(y, treated, block)
    assert one.effect.extra["n_allocations"] == len(found) == 36
    assert one.effect.p_value == pytest.approx(np.mean(np.abs(found) >= abs(observed) - 1e-9))
    assert "within strata" in one.effect.warnings[0]


def test_pairs_flip_signs(read, rows):
    (one,) = randomization(read(rows, pairs="pair"))
    y, treated, _ = zones(rows)
    gaps = np.where(treated[1::2], 1, -1) * (y[1::2] - y[::2])
    signs = np.array(list(itertools.product((-1, 1), repeat=4)))
    flipped = signs * gaps
    t = np.abs(flipped.mean(axis=1)) / (flipped.std(axis=1, ddof=1) / 2)
    observed = abs(gaps.mean()) / (gaps.std(ddof=1) / 2)
    assert one.effect.estimate == pytest.approx(gaps.mean())
    assert one.effect.extra["n_allocations"] == 16
    assert one.effect.p_value == pytest.approx(np.mean(t >= observed - 1e-9))


def test_the_unit_estimand_weighs_clusters_by_size(read, rows):
    (one,) = randomization(read(rows, estimand="unit"))
    units = rows.groupby("arm")["score"].mean()
    assert one.effect.estimate == pytest.approx(units["nudge"] - units["control"])


def test_a_large_draw_is_sampled_with_its_seed(read, trial_rows):
    rows = trial_rows(clusters=24)
    (first,) = randomization(read(rows, draws=499, seed=1))
    (again,) = randomization(read(rows, draws=499, seed=1))
    (other,) = randomization(read(rows, draws=499, seed=2))
    assert first.effect.extra["enumerated"] is False
    assert first.effect.p_value == again.effect.p_value
    assert first.effect.ci_low != other.effect.ci_low
    # (1 + count) / (1 + draws), so that p is never 0.
    draws = first.effect.extra["n_allocations"] + 1
    assert first.effect.p_value * draws == pytest.approx(round(first.effect.p_value * draws))
    assert first.effect.p_value >= 1 / draws


def test_several_arms_hold_the_third_where_it_is(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge"), clusters=9)
    both = randomization(read(rows))
    assert [one.effect.extra["n_allocations"] for one in both] == [20, 20]
    (alone,) = randomization(read(rows[rows["arm"] != "letter"]))
    assert both[1].effect.p_value == pytest.approx(alone.effect.p_value)
    assert both[1].effect.ci_low == alone.effect.ci_low == -np.inf
    assert any("no bounds" in note for note in both[1].effect.warnings)


def test_an_undeclared_draw_keeps_the_observed_numbers(read, rows):
    trial = read(rows[rows["zone"] != "z07"], strata="block")
    found = allocations(trial)
    assert found.enumerated
    assert (np.sort(found.allocations, axis=1) == np.sort(trial.arm)).all()
    assert len(found.allocations) == 6 * 3
    assert found.arms == trial.arms


def test_covariates_are_taken_out_before_the_test(read, rows):
    (one,) = randomization(read(rows, covariates=["income"]))
    assert "adjusted for income" in one.effect.method
    (plain,) = randomization(read(rows))
    assert one.effect.estimate != plain.effect.estimate


def test_every_p_value_of_a_null_trial_is_equally_likely(read, rows):
    """Under no effect p is uniform over the draw: exact, by going through all of it."""
    p = []
    for chosen in itertools.combinations(rows["zone"].unique(), 4):
        moved = rows.assign(arm=np.where(rows["zone"].isin(chosen), "nudge", "control"))
        (one,) = randomization(read(moved))
        p.append(one.effect.p_value)
    assert np.mean(np.array(p) <= 0.05) <= 0.05
    assert np.mean(np.array(p) <= 0.2 + 1e-9) == pytest.approx(0.2, abs=2 / 70)


def test_values_without_any_variation_are_refused(read, rows):
    with pytest.raises(AssumptionError, match="nothing to test"):
        randomization(read(rows.assign(score=1.0)))
