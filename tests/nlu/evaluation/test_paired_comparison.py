import numpy as np
import pytest
from scipy.stats import binomtest

from nlu.evaluation.paired_comparison import compare_paired


def answers(both, only_first, only_second, neither):
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return np.array(first), np.array(second)


def alone(count):
    return [str(row) for row in range(count)]


@pytest.mark.parametrize(("gained", "lost"), [(10, 2), (2, 10), (7, 7), (1, 0), (40, 15)])
def test_the_p_value_is_the_exact_binomial_one(gained, lost):
    found = compare_paired(*answers(30, gained, lost, 5), alone(35 + gained + lost))
    assert (found.only_first, found.only_second) == (gained, lost)
    assert found.p_value == pytest.approx(binomtest(gained, gained + lost).pvalue)


def test_a_worked_example():
    # Twelve discordant rows, two against: 2 * (1 + 12 + 66) / 2 ** 12.
    assert compare_paired(*answers(80, 10, 2, 8), alone(100)).p_value == pytest.approx(158 / 4096)


def test_agreement_is_no_difference():
    right = np.array([True, False, True, True])
    found = compare_paired(right, right, alone(4))
    assert found.p_value == 1.0
    assert (found.difference.estimate, found.difference.low, found.difference.high) == (0, 0, 0)


def test_the_difference_is_first_minus_second_and_changes_sign_when_they_swap():
    first, second = answers(60, 25, 5, 10)
    ahead = compare_paired(first, second, alone(100)).difference
    behind = compare_paired(second, first, alone(100)).difference
    assert ahead.estimate == pytest.approx(0.2)
    assert 0 < ahead.low < 0.2 < ahead.high
    assert behind.estimate == pytest.approx(-0.2)
    assert behind.low == pytest.approx(-ahead.high, abs=0.02)


def test_the_interval_is_wider_when_rows_come_in_families_and_follows_the_level():
    first, second = answers(60, 24, 4, 12)
    families = [str(row // 4) for row in range(100)]
    rows = compare_paired(first, second, alone(100)).difference
    grouped = compare_paired(first, second, families).difference
    narrow = compare_paired(first, second, families, level=0.8).difference
    assert grouped.high - grouped.low > 1.4 * (rows.high - rows.low)
    assert narrow.level == 0.8
    assert narrow.high - narrow.low < grouped.high - grouped.low
