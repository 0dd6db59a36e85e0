import numpy as np
import pytest

from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome
from experiments.power.outcome_model import RandomEffects, outcome_model
from experiments.power.simulated_cells import simulate_cells

OUTCOMES = (ContinuousOutcome(), BinaryOutcome(level=0.4), CountOutcome(level=2.0, dispersion=2.0))


def simulated(outcome, seed=1, units=None, **settings):
    model = outcome_model(outcome, effect=0.2, icc=0.1, random=RandomEffects(**settings))
    treated = np.broadcast_to(np.array([[False, False], [False, True]]), (50, 2, 2))
    return simulate_cells(
        model,
        arm=treated.astype(np.int8),
        treated=treated,
        units=np.full(treated.shape, 15.0) if units is None else units,
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_shapes_and_repeatability(outcome):
    first, again = simulated(outcome), simulated(outcome)
    assert first.sum_y.shape == (50, 2, 2, 1)
    assert first.levels.tolist() == [0.0]
    assert np.array_equal(first.sum_yy, again.sum_yy)
    assert not np.array_equal(first.sum_y, simulated(outcome, seed=2).sum_y)
    # Cauchy and Schwarz.
    assert (first.sum_yy >= first.sum_y**2 / first.n - 1e-9).all()


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("cohort", [0.0, 0.5])
def test_units_split_by_their_covariate_and_members_keep_it(outcome, cohort):
    found = simulated(outcome, unit_r2=0.1, individual_autocorrelation=cohort)
    assert found.sum_y.shape == (50, 2, 2, 2)
    assert (found.n.sum(axis=-1) == 15).all()
    assert np.array_equal(found.n[:, :, 0], found.n[:, :, 1]) == (cohort > 0)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("cohort", [0.0, 0.5])
def test_nothing_is_drawn_where_nothing_is_observed(outcome, cohort):
    units = np.full((50, 2, 2), 15.0)
    units[:, 1, 0] = 0
    found = simulated(outcome, units=units, unit_r2=0.1, individual_autocorrelation=cohort)
    assert not found.n[:, 1, 0].any()
    assert not found.sum_y[:, 1, 0].any()
    assert not found.sum_yy[:, 1, 0].any()
    assert found.sum_yy[:, 1, 1].any()
