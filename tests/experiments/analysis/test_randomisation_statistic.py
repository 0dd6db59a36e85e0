import numpy as np
import pytest

from experiments.analysis.randomisation_statistic import (
    arm_sums,
    batches,
    choose_studentiser,
    contrast,
    statistic_basis,
)
from experiments.errors import AssumptionError, InputError

RNG = np.random.default_rng(7)
STRATA = np.array([0, 1, 2, 3] * 5)
WEIGHT = RNG.integers(10, 90, 20).astype(float)
VALUES = RNG.normal(size=(20, 2))


def draws(n):
    """Stratified allocations of 20 clusters in four strata of five, two or three treated each."""
    rows = np.zeros((n, 20), dtype=np.int8)
    for row in rows:
        for stratum in range(4):
            row[RNG.choice(np.flatnonzero(stratum == STRATA), 2 + stratum % 2, replace=False)] = 1
    return rows


def by_hand(treated, studentiser):
    """Differences and variances of both columns and of their sum for one allocation, by loops."""
    share = np.bincount(STRATA, WEIGHT) / WEIGHT.sum()
    difference, variance = np.zeros(3), np.zeros(3)
    columns = [VALUES[:, 0], VALUES[:, 1], VALUES.sum(axis=1)]
    for column, values in enumerate(columns):
        gaps, parts = [], []
        for stratum in range(4):
            means, part = [], 0.0
            for side in (True, False):
                chosen = (stratum == STRATA) & (treated == side)
                w, y = WEIGHT[chosen], values[chosen]
                mean, n = (w * y).sum() / w.sum(), chosen.sum()
                means.append(mean)
                part += n / (n - 1) * (w**2 * (y - mean) ** 2).sum() / w.sum() ** 2
            gaps.append(means[0] - means[1])
            parts.append(part)
        difference[column] = share @ gaps
        variance[column] = (
            share**2 @ parts
            if studentiser == "welch"
            else 4 / 3 * (share**2 * (gaps - difference[column]) ** 2).sum()
        )
    return difference, variance


@pytest.mark.parametrize("studentiser", ["welch", "between_strata"])
def test_equals_loops_over_strata_and_arms(studentiser):
    basis = statistic_basis(
        VALUES, pairs=[(0, 0), (1, 1), (0, 1)], stratum_codes=STRATA, weights=WEIGHT,
        studentiser=studentiser,
    )  # fmt: skip
    members = draws(30) == 1
    difference, variance = contrast(basis, arm_sums(basis, members), arm_sums(basis, ~members))
    for place, treated in enumerate(members):
        expected = by_hand(treated, studentiser)
        assert difference[:, place] == pytest.approx(expected[0][:2], rel=1e-10)
        assert variance[:2, place] == pytest.approx(expected[1][:2], rel=1e-10)
        crossed = (expected[1][2] - expected[1][0] - expected[1][1]) / 2
        assert variance[2, place] == pytest.approx(crossed, rel=1e-8)


def test_bits_do_not_depend_on_batches():
    basis = statistic_basis(
        VALUES, pairs=[(0, 0), (0, 1)], stratum_codes=STRATA, weights=WEIGHT, studentiser="welch"
    )
    rows = draws(101)
    found = []
    for size in (101, 7, 1):
        parts = [
            np.concatenate(
                contrast(basis, arm_sums(basis, block == 1), arm_sums(basis, block == 0))
            )
            for block in batches(rows, size=size)
        ]
        found.append(np.concatenate(parts, axis=1))
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


def test_batches_come_from_arrays_and_streams_alike():
    rows = draws(10)
    whole = [len(block) for block in batches(rows, size=4)]
    streamed = [len(block) for block in batches(iter([rows[:6], rows[6:]]), size=4)]
    assert whole == [4, 4, 2]
    assert streamed == [4, 2, 4]
    with pytest.raises(InputError, match="one row an allocation"):
        list(batches(rows[0], size=4))


def test_the_observed_arms_choose_the_variance():
    pairs = np.repeat(np.arange(4), 2)
    first = np.tile([True, False], 4)
    one = np.zeros(8, dtype=np.int64)
    assert choose_studentiser((first, ~first), stratum_codes=one) == "welch"
    assert choose_studentiser((first, ~first), stratum_codes=pairs) == "between_strata"
    alone = np.arange(8) == 0
    assert choose_studentiser((alone, ~alone), stratum_codes=one) == "none"


def test_refuses_allocations_for_which_nothing_exists():
    basis = statistic_basis(
        VALUES, pairs=[(0, 0)], stratum_codes=STRATA, weights=WEIGHT, studentiser="welch"
    )
    lonely = np.zeros((1, 20), dtype=bool)
    lonely[0, :4] = True
    with pytest.raises(AssumptionError, match="fewer than 2 clusters"):
        contrast(basis, arm_sums(basis, lonely), arm_sums(basis, ~lonely))
