import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.wedge_schedule import (
    schedule_of,
    stepped_wedge_sequences,
    with_extra_periods,
)


def test_each_step_changes_one_group():
    assert stepped_wedge_sequences(steps=3) == ("0111", "0011", "0001")
    assert with_extra_periods(("01", "00"), 2) == ("0111", "0011")


def test_periods_before_between_and_after_the_steps():
    assert stepped_wedge_sequences(
        steps=2, baseline_periods=2, periods_per_step=2, transition_periods=1, extra_periods=1
    ) == ("00.11111", "0000.111")


def test_a_schedule_marks_what_is_not_observed():
    schedule = schedule_of(("0.1", "001"))
    assert np.isnan(schedule[0, 1])
    assert schedule[1].tolist() == [0, 0, 1]


@pytest.mark.parametrize("words", [("011", "01"), ("0a1",), ()])
def test_words_that_are_no_schedule_are_named(words):
    with pytest.raises(InputError, match="words of one length"):
        schedule_of(words)


def test_a_wedge_needs_a_step():
    with pytest.raises(InputError, match="at least one step"):
        stepped_wedge_sequences(steps=0)
