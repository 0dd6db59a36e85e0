import numpy as np
import pytest

from experiments.analysis.least_squares import independent_columns, least_squares, select_columns
from experiments.analysis.statsmodels_ols import row_moments
from experiments.errors import AssumptionError


def moments_of(design, outcome):
    names = tuple(f"x{j}" for j in range(design.shape[1]))
    return row_moments(design, outcome, np.arange(len(outcome)) % 7, columns=names)


def test_columns_far_from_zero_keep_eight_digits():
    rng = np.random.default_rng(2)
    year = 2015.0 + rng.integers(0, 6, 400)
    design = np.column_stack([np.ones(400), year, 1e5 * rng.normal(size=400)])
    outcome = 3 + 0.25 * (year - 2015) + rng.normal(size=400)
    coefficients, whitening = least_squares(moments_of(design, outcome))
    expected = np.linalg.lstsq(design, outcome)[0]
    assert coefficients == pytest.approx(expected, rel=1e-8)
    bread = np.linalg.inv(design.T @ design)
    assert whitening @ whitening.T == pytest.approx(bread, rel=1e-5)


def test_later_columns_give_way_to_earlier_ones():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(50, 2))
    design = np.column_stack(
        [np.ones(50), x, x[:, 0] - 2 * x[:, 1], np.full(50, 3.0), np.zeros(50)]
    )
    moments = moments_of(design, rng.normal(size=50))
    assert independent_columns(moments) == [0, 1, 2]
    assert independent_columns(moments, first=1) == [1, 2, 4]
    assert select_columns(moments, [2, 0]).columns == ("x2", "x0")


def test_nothing_to_fit_is_refused():
    with pytest.raises(AssumptionError, match="no column varies"):
        independent_columns(moments_of(np.zeros((10, 2)), np.arange(10.0)))
