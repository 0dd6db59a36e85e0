import numpy as np
import pytest

from experiments.analysis.one_way import one_way
from experiments.errors import InputError


def test_the_sums_of_squares_are_those_of_the_rows():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(6), [2, 3, 4, 5, 3, 2])
    arm, y = cluster % 2, rng.normal(size=19)
    n, sum_y = np.bincount(cluster), np.bincount(cluster, y)
    found = one_way(n, sum_y, np.bincount(cluster, y**2), np.arange(6) % 2)
    means = (sum_y / n)[cluster]
    arm_means = np.array([y[arm == 0].mean(), y[arm == 1].mean()])[arm]
    assert found.within == pytest.approx(np.sum((y - means) ** 2))
    assert found.between == pytest.approx(np.sum((means - arm_means) ** 2))
    assert (found.df_between, found.df_within) == (4, 13)


def test_a_constant_that_floats_cannot_hold_is_still_constant():
    n = np.array([3.0, 7.0, 11.0])
    with pytest.raises(InputError, match="one value"):
        one_way(n, n * 0.1, n * 0.01 * (1 + 1e-16), None)
