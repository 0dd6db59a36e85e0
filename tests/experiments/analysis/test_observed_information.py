from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.gauss_hermite import binomial_blocks, marginal_likelihood
from experiments.analysis.mixed_logit import fit_mixed_logit
from experiments.analysis.observed_information import (
    LOUIS_USED,
    joint_covariance,
    observed_information,
)
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError


def counts(events):
    return CovariatePatterns(
        clusters=np.arange(12).astype(object),
        columns=("(intercept)", "treated"),
        start=np.arange(13),
        x=np.column_stack([np.ones(12), np.arange(12) % 2]).astype(float),
        n=np.full(12, 20.0),
        sum_y=np.asarray(events, dtype=float),
        sum_yy=np.asarray(events, dtype=float),
    )


# Their deviations between clusters are estimated near 0.9, 1.4 and 4.
ALIKE = counts([9, 8, 4, 15, 14, 11, 5, 17, 10, 6, 12, 16])
APART = counts([9, 3, 2, 15, 17, 11, 3, 18, 8, 3, 12, 18])
FAR_APART = counts([0, 20, 0, 19, 20, 5, 0, 20, 0, 1, 20, 0])


def maximum(patterns, points=25):
    """Blocks, parameters and likelihood at the maximum."""
    fit = fit_mixed_logit(patterns, points=points, profile=False)
    theta, blocks = np.append(fit.coefficients, fit.sd_random_intercept), binomial_blocks(patterns)
    return blocks, theta, marginal_likelihood(blocks, theta, points=points, information=True)


def second_derivatives(blocks, theta, points):
    """Of the quadrature sum itself, from its values."""
    step = 1e-3 * np.eye(3)

    def value(shift):
        return marginal_likelihood(blocks, theta + shift, points=points).value

    rows = [
        [value(a + b) - value(a - b) - value(b - a) + value(-a - b) for a in step] for b in step
    ]
    return np.array(rows) / 4e-6


@pytest.mark.parametrize(
    ("patterns", "points"),
    [(ALIKE, 25), (APART, 25), (FAR_APART, 25), (APART, 12), (ALIKE, 3)],
)
def test_covariance_inverts_the_second_derivatives_of_what_was_maximised(patterns, points):
    blocks, theta, best = maximum(patterns, points)
    found, warnings = joint_covariance(blocks, theta, best, points)
    expected = np.linalg.inv(-second_derivatives(blocks, theta, points))
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert warnings == ()


def test_without_spread_the_deviation_has_no_covariance():
    blocks, theta = binomial_blocks(ALIKE), np.array([-0.2, 0.4, 0.0])
    best = marginal_likelihood(blocks, theta, points=25, information=True)
    found, _ = joint_covariance(blocks, theta, best, 25)
    assert found[-1].tolist() == found[:, -1].tolist() == [0, 0, 0]
    assert found[1, 1] > 0


def test_louis_formula_serves_with_a_warning_where_differences_fail(monkeypatch):
    blocks, theta, best = maximum(FAR_APART)
    name = "experiments.analysis.observed_information.marginal_likelihood"
    monkeypatch.setattr(name, lambda *_, **__: best)
    found, warnings = joint_covariance(blocks, theta, best, 25)
    assert found == pytest.approx(np.linalg.inv(best.information))
    assert warnings == (LOUIS_USED,)
    flat = replace(best, information=np.zeros((3, 3)))
    with pytest.raises(AssumptionError, match=r"flat at standard deviation.*zone-level"):
        joint_covariance(blocks, theta, flat, 25)


def test_steps_take_louis_formula_from_nine_nodes_on():
    blocks, theta, best = maximum(ALIKE)
    assert observed_information(blocks, theta, best, 25) is best.information
    blocks, theta, best = maximum(ALIKE, 3)
    few = observed_information(blocks, theta, best, 3)
    assert few == pytest.approx(-second_derivatives(blocks, theta, 3), rel=1e-4, abs=1e-4)
