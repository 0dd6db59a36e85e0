import math

from hypothesis import given
from hypothesis import strategies as st

from nudge.report.rounding import (
    digits_for_size,
    digits_that_keep_signs,
    natural_base,
    significant,
)

small = st.floats(min_value=-1, max_value=1).filter(lambda value: abs(value) > 2e-5 or value == 0)


@given(st.lists(small, min_size=1, max_size=3))
def test_points_keep_their_side_of_zero(values):
    shown = [100 * value for value in values]
    digits = digits_that_keep_signs(shown, start=1)
    assert [math.copysign(1, round(value, digits)) for value in shown if value] == [
        math.copysign(1, value) for value in shown if value
    ]
    assert all(round(value, digits) != 0 for value in shown if value)


@given(st.lists(small, min_size=1, max_size=3))
def test_natural_frequencies_keep_their_side_of_zero(values):
    base = natural_base(values)
    assert all(round(base * value) != 0 for value in values if value)


def test_the_smallest_base_and_fewest_digits_are_used():
    assert natural_base([0.07, 0.02, 0.121]) == 100
    assert natural_base([0.07, 0.003]) == 1_000
    assert natural_base([0.07, math.inf]) == 100
    assert digits_that_keep_signs([2.0, 0.04], start=1) == 2
    assert digits_for_size([1523.4, 210.0]) == 0
    assert digits_for_size([4.23]) == 1
    assert digits_for_size([0.123]) == 2


def test_totals_are_rounded_to_two_digits():
    assert significant(1432.0) == 1400
    assert significant(-0.0163) == -0.016
    assert significant(0.0) == 0
    assert significant(math.inf) == math.inf
