import numpy as np
import pytest

from experiments.power.root_finding import increasing_root, least_integer


def test_the_root_is_found_far_from_the_start():
    found = increasing_root(np.log, target=5.0, low=1.0, start=2.0, high=1e9)
    assert found == pytest.approx(np.exp(5))


def test_a_target_met_at_the_lower_end_gives_that_end():
    assert increasing_root(lambda x: x, target=1.0, low=3.0, start=4.0, high=9.0) == 3.0


def test_a_target_out_of_reach_gives_nothing():
    def level_off(x):
        return 0.5 - 1 / x

    assert increasing_root(level_off, target=0.8, low=1.0, start=2.0, high=1e6) is None
    assert least_integer(level_off, target=0.8, low=1, high=1000) is None


def test_the_least_integer_is_the_first_that_reaches_the_target():
    assert least_integer(lambda k: k**2, target=50, low=1, high=10**9) == 8
    assert least_integer(lambda k: k, target=0, low=1, high=9) == 1
