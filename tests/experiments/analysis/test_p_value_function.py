import numpy as np
import pytest

from experiments.analysis.p_value_function import INTERVAL_TOLERANCE, PValueFunction, last_kept


def sampled(seed, *, dof, n, spread, square):
    """Coefficients as of ``n`` sampled allocations of a trial."""
    rng = np.random.default_rng(seed)
    slope = rng.uniform(-0.9, 0.9, n)
    return PValueFunction(
        gap=rng.normal(size=n),
        slope=slope,
        constant=rng.chisquare(dof, n) / dof,
        linear=rng.normal(scale=spread, size=n),
        square=square * (1 - slope**2),
        std_error=1.0,
        scale=1.1,
        enumerated=False,
    )


@pytest.mark.parametrize("studentised", [True, False])
@pytest.mark.parametrize("side", [-1, 1])
def test_highest_p_bounds_p_at_every_effect_beyond(side, studentised):
    function = sampled(1, dof=9, n=500, spread=0.05, square=0.1)
    for distance in (0.5, 2.0, 8.0, 100.0):
        bound = function.highest_p(distance, side=side, studentised=studentised)
        beyond = distance * np.geomspace(1, 1e6, 200)
        reached = [function.p_value(side * far, studentised=studentised) for far in beyond]
        assert max(reached) <= bound
    assert bound <= function.smallest_p + 0.05


@pytest.mark.parametrize("studentised", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_an_end_parts_effects_kept_from_effects_rejected(seed, studentised):
    function = sampled(seed, dof=3, n=999, spread=0.3, square=0.3)
    for side in (-1, 1):
        end = last_kept(function, side=side, alpha=0.1, studentised=studentised)
        inside = end - 1.01 * INTERVAL_TOLERANCE
        assert function.p_value(side * end, studentised=studentised) <= 0.1
        assert function.p_value(side * inside, studentised=studentised) > 0.1


def test_an_allocation_that_is_extreme_between_two_distances_of_the_grid_counts():
    # One is extreme up to a shift of 1.93, another from 1.917 to 1.952 only.
    function = PValueFunction(
        gap=np.array([0, 0, 0, 1.93, 3.8636**0.5]),
        slope=np.array([1, 0, 0, 0, 0.0]),
        constant=np.array([1, 1, 1, 1, 1 + 100 * 1.94**2]),
        linear=np.array([0, 0, 0, 0, 194.0]),
        square=np.array([0, 0, 0, 0, 100.0]),
        std_error=1.0,
        scale=1.0,
        enumerated=True,
    )
    curve = [function.p_value(shift, studentised=True) for shift in (1.875, 1.92, 1.94, 2.0)]
    assert curve == [0.4, 0.6, 0.4, 0.2]
    assert last_kept(function, side=1, alpha=0.3) == pytest.approx(1.952, abs=1e-3)
