import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudge.simulation.levels import shift, spread, spread_within


def test_spread_has_the_stated_mean_and_variance():
    rng = np.random.default_rng(1)

    drawn = spread(np.full(200_000, 0.7), 0.2, rng)

    assert drawn.mean() == pytest.approx(0.7, abs=0.002)
    assert drawn.var() == pytest.approx(0.2 * 0.7 * 0.3, rel=0.02)


def test_variances_of_nested_levels_add_up():
    rng = np.random.default_rng(2)
    above = spread(np.full(200_000, 0.6), 0.1, rng)

    below = spread_within(above, 0.3, 0.1, rng)

    assert below.mean() == pytest.approx(0.6, abs=0.003)
    assert below.var() == pytest.approx(0.4 * 0.6 * 0.4, rel=0.02)


@given(
    mean=st.floats(0.05, 0.95),
    change=st.floats(-0.5, 0.5),
    icc=st.floats(0.01, 0.8),
)
def test_shifted_shares_stay_shares_and_their_mean_moves_as_stated(mean, change, icc):
    change = float(np.clip(change, 0.001 - mean, 0.999 - mean))
    share = spread(np.full(4_000, mean), icc, np.random.default_rng(3))

    moved, new_mean = shift(share, np.full(4_000, mean), change)

    assert moved.min() >= 0
    assert moved.max() <= 1
    assert new_mean[0] == pytest.approx(mean + change)
    room = (1 - share.mean()) / (1 - mean) if change > 0 else share.mean() / mean
    assert moved.mean() - share.mean() == pytest.approx(change * room, abs=1e-9)


def test_a_change_too_large_is_cut_at_the_edge():
    moved, mean = shift(np.array([0.5, 0.9]), np.array([0.7, 0.7]), 0.9)

    assert mean == pytest.approx([0.999, 0.999])
    assert (moved <= 1).all()
