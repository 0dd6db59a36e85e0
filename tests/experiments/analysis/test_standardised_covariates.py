import numpy as np
import pytest

from experiments.analysis.standardised_covariates import standardise_covariates
from experiments.engine.covariate_patterns import CovariatePatterns


def patterns_of(x, n):
    rows = len(n)
    return CovariatePatterns(
        clusters=np.arange(rows).astype(object),
        columns=tuple(f"c{j}" for j in range(x.shape[1])),
        start=np.arange(rows + 1),
        x=x,
        n=np.asarray(n, dtype=float),
        sum_y=np.zeros(rows),
        sum_yy=np.zeros(rows),
    )


def test_covariates_have_mean_0_and_deviation_1_over_units_and_dummies_stay():
    year = np.array([2015.0, 2016, 2019, 2020])
    arm, n = np.array([0.0, 1, 0, 1]), np.array([1.0, 5, 2, 2])
    given = patterns_of(np.column_stack([np.ones(4), arm, year]), n)
    found, back = standardise_covariates(given)
    assert found.x[:, :2].tolist() == given.x[:, :2].tolist()
    assert np.average(found.x[:, 2], weights=n) == pytest.approx(0, abs=1e-15)
    assert np.average(found.x[:, 2] ** 2, weights=n) == pytest.approx(1)
    gamma = np.array([0.3, -0.2, 0.7])
    assert given.x @ (back @ gamma) == pytest.approx(found.x @ gamma, abs=1e-10)
    assert given.x[:, 2].tolist() == year.tolist()


def test_without_an_intercept_columns_are_scaled_only():
    given = patterns_of(np.array([[2.0, 0], [4, 1], [6, 0]]), [1, 1, 1])
    found, back = standardise_covariates(given)
    gamma = np.array([0.5, 1.5])
    assert given.x @ (back @ gamma) == pytest.approx(found.x @ gamma)
    assert back == pytest.approx(np.diag(np.diag(back)))


def test_a_constant_column_is_zero_whatever_its_rounding():
    given = patterns_of(np.column_stack([np.ones(3), [0.3, 0.1 + 0.2, 0.3]]), [1, 2, 3])
    found, _ = standardise_covariates(given)
    assert found.x[:, 1].tolist() == [0, 0, 0]
