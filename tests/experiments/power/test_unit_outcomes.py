import numpy as np
import pytest

from experiments.power.unit_outcomes import category_sums, count_sums, normal_sums

CELLS = 40_000
UNITS = 12


def cells(periods=2, units=UNITS):
    return np.full((CELLS, periods, 1), float(units))


def rng(seed=1):
    return np.random.default_rng(seed)


def squares_about_means(n, sums, squares):
    return (squares - sums**2 / n)[..., 0]


def drawn(kind, kept, n, values=(1.0, 1.0)):
    """Sums of outcomes whose mean in each period is given."""
    shape = n.shape
    means = np.broadcast_to(np.array(values)[:, None], shape)
    if kind == "normal":
        return normal_sums(n=n, mean=means, variance=2.0, kept=kept, rng=rng())
    if kind == "count":
        return count_sums(n=n, mean=means, dispersion=1.0, kept=kept, rng=rng())
    if kind == "overdispersed":
        return count_sums(n=n, mean=means, dispersion=2.0, kept=kept, rng=rng())
    # Three categories whose mean score is that asked for.
    above = np.stack([0.7 * means, 0.3 * means], axis=-1)
    return category_sums(n=n, above=above, kept=kept, rng=rng())


VARIANCES = {"normal": 2.0, "count": 1.0, "overdispersed": 2.0, "category": 0.6}


@pytest.mark.parametrize("kind", VARIANCES)
@pytest.mark.parametrize("kept", [0.0, 0.4, 1.0])
def test_units_have_their_mean_variance_and_correlation(kind, kept):
    """Means of 12 units have a twelfth of a unit's covariance matrix."""
    sums, squares = drawn(kind, kept, cells())
    variance = VARIANCES[kind]
    means = sums[..., 0] / UNITS
    assert means.mean(axis=0) == pytest.approx(np.ones(2), abs=0.01)
    assert UNITS * means.var(axis=0) == pytest.approx(np.full(2, variance), rel=0.03)
    assert np.corrcoef(means.T)[0, 1] == pytest.approx(kept, abs=0.02)
    within = squares_about_means(UNITS, sums, squares) / (UNITS - 1)
    assert within.mean(axis=0) == pytest.approx(np.full(2, variance), rel=0.02)


def test_squares_of_a_normal_cohort_correlate_as_those_of_units_do():
    """Bivariate normal units with correlation r: sums of squares correlate by r squared."""
    sums, squares = drawn("normal", 0.6, cells())
    within = squares_about_means(UNITS, sums, squares)
    assert within.var(axis=0) == pytest.approx(np.full(2, 2 * 11 * 2.0**2), rel=0.04)
    assert np.corrcoef(within.T)[0, 1] == pytest.approx(0.36, abs=0.015)
    assert np.corrcoef(within[:, 0], sums[:, 0, 0])[0, 1] == pytest.approx(0, abs=0.015)


@pytest.mark.parametrize(
    ("kind", "values", "factor"),
    [("count", (0.5, 1.0), np.sqrt(0.5)), ("overdispersed", (1.0, 0.5), np.sqrt(0.5))],
)
def test_a_change_of_level_lowers_the_correlation_of_a_cohort(kind, values, factor):
    sums, _ = drawn(kind, 0.6, cells(), values)
    means = sums[..., 0] / UNITS
    assert means.mean(axis=0) == pytest.approx(values, rel=0.02)
    assert np.corrcoef(means.T)[0, 1] == pytest.approx(0.6 * factor, abs=0.02)


def test_shares_of_a_cohort_correlate_up_to_the_bound_of_their_levels():
    n = cells()
    above = np.broadcast_to(np.array([0.4, 0.2])[:, None, None], (*n.shape, 1))
    sums, squares = category_sums(n=n, above=above, kept=1.0, rng=rng())
    bound = 0.2 * 0.6 / np.sqrt(0.4 * 0.6 * 0.2 * 0.8)
    assert np.corrcoef(sums[..., 0].T)[0, 1] == pytest.approx(bound, abs=0.015)
    # Nobody who answers in the second period did not in the first.
    assert (sums[:, 1] <= sums[:, 0]).all()
    assert np.array_equal(sums, squares)


@pytest.mark.parametrize("kind", VARIANCES)
@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_cells_without_units_are_empty_and_one_unit_has_no_spread(kind, kept):
    n = np.array([[[5.0], [0.0]], [[1.0], [1.0]]])
    sums, squares = drawn(kind, kept, n)
    assert sums[0, 1, 0] == squares[0, 1, 0] == 0
    assert squares[1] == pytest.approx(sums[1] ** 2)


def test_whole_outcomes_have_whole_sums():
    for kind in ("count", "overdispersed", "category"):
        for kept in (0.0, 0.5):
            sums, squares = drawn(kind, kept, cells()[:100])
            assert np.array_equal(sums, np.rint(sums))
            assert (squares >= sums).all()
