import numpy as np
import pytest

from experiments.analysis.p_value_function import PValueFunction


@pytest.mark.parametrize("studentised", [True, False])
@pytest.mark.parametrize("side", [-1, 1])
def test_highest_p_bounds_p_at_every_effect_beyond(side, studentised):
    rng = np.random.default_rng(1)
    slope = rng.uniform(-1, 1, 500)
    function = PValueFunction(
        gap=rng.normal(size=500),
        slope=slope,
        constant=rng.chisquare(9, 500) / 9,
        linear=rng.normal(scale=0.05, size=500),
        square=0.1 * (1 - slope**2),
        std_error=1.0,
        scale=1.1,
        enumerated=False,
    )
    for distance in (0.5, 2.0, 8.0, 100.0):
        bound = function.highest_p(distance, side=side, studentised=studentised)
        beyond = distance * np.geomspace(1, 1e6, 200)
        reached = [function.p_value(side * far, studentised=studentised) for far in beyond]
        assert max(reached) <= bound
    assert bound <= function.smallest_p + 0.05
