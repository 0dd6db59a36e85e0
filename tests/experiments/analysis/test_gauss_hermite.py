import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from experiments.analysis.gauss_hermite import (
    binomial_blocks,
    marginal_likelihood,
    normal_quadrature,
)
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import InputError


def herds(groups=6, patterns=3, largest=12, seed=0):
    rng = np.random.default_rng(seed)
    rows = groups * patterns
    n = rng.integers(2, largest, rows).astype(float)
    events = rng.binomial(n.astype(int), rng.uniform(0.2, 0.8, rows)).astype(float)
    return CovariatePatterns(
        clusters=np.arange(groups).astype(object),
        columns=("(intercept)", "x"),
        start=np.arange(0, rows + 1, patterns),
        x=np.column_stack([np.ones(rows), rng.normal(size=rows)]),
        n=n,
        sum_y=events,
        sum_yy=events,
    )


THETA = np.array([-0.3, 0.5, 0.8])


def direct(patterns, theta):
    """Log-likelihood by a general-purpose integrator, one cluster at a time."""
    total = 0.0
    for first, last in zip(patterns.start[:-1], patterns.start[1:], strict=True):
        rows = slice(first, last)
        eta = patterns.x[rows] @ theta[:-1]
        n, y = patterns.n[rows], patterns.sum_y[rows]

        def integrand(u, eta=eta, n=n, y=y):
            share = special.expit(eta + theta[-1] * u)
            return np.prod(share**y * (1 - share) ** (n - y)) * stats.norm.pdf(u)

        total += math.log(integrate.quad(integrand, -10, 10, epsabs=0, epsrel=1e-12, limit=200)[0])
    return total


def test_nodes_integrate_polynomials_under_the_normal_exactly():
    nodes, weights = normal_quadrature(12)
    for power in range(12):
        moment = 0.0 if power % 2 else special.factorial2(power - 1) if power else 1.0
        assert weights @ nodes**power == pytest.approx(moment, abs=1e-9 * max(moment, 1))


def test_likelihood_equals_direct_integration():
    found = marginal_likelihood(binomial_blocks(herds()), THETA, points=25)
    assert found.value == pytest.approx(direct(herds(), THETA), rel=1e-10)


def test_laplace_is_one_node_and_more_nodes_come_closer():
    blocks = binomial_blocks(herds())
    exact = direct(herds(), THETA)
    errors = [
        abs(marginal_likelihood(blocks, THETA, points=points).value - exact)
        for points in (1, 3, 7, 15)
    ]
    assert errors[0] > 1e-3
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-8


@pytest.mark.parametrize("points", [1, 2, 5, 25])
@pytest.mark.parametrize("sd", [0.05, 0.8, 3.0])
def test_gradient_is_that_of_the_sum_itself(points, sd):
    blocks, theta = binomial_blocks(herds()), np.append(THETA[:-1], sd)

    def value(shifted):
        return marginal_likelihood(blocks, shifted, points=points).value

    step = 1e-5
    numeric = [
        (value(theta + step * way) - value(theta - step * way)) / (2 * step) for way in np.eye(3)
    ]
    assert marginal_likelihood(blocks, theta, points=points).gradient == pytest.approx(
        numeric, abs=1e-6
    )


def test_information_is_minus_the_second_derivative():
    blocks, step = binomial_blocks(herds()), 1e-5
    numeric = [
        (
            marginal_likelihood(blocks, THETA - step * way, points=25).gradient
            - marginal_likelihood(blocks, THETA + step * way, points=25).gradient
        )
        / (2 * step)
        for way in np.eye(3)
    ]
    found = marginal_likelihood(blocks, THETA, points=25, information=True).information
    assert found == pytest.approx(np.array(numeric), abs=1e-6)


def test_a_million_units_in_ten_clusters_do_not_underflow():
    events = np.linspace(2e4, 8e4, 10)
    patterns = CovariatePatterns(
        clusters=np.arange(10).astype(object),
        columns=("(intercept)",),
        start=np.arange(11),
        x=np.ones((10, 1)),
        n=np.full(10, 1e5),
        sum_y=events,
        sum_yy=events,
    )
    found = marginal_likelihood(binomial_blocks(patterns), np.array([0.0, 1.0]), points=25)
    assert np.isfinite(found.value)
    # With so many units the integral is Laplace's: the posterior is a spike at the cluster's logit.
    spike = special.logit(events / 1e5)
    assert found.modes == pytest.approx(spike, rel=1e-3)
    laplace = marginal_likelihood(binomial_blocks(patterns), np.array([0.0, 1.0]), points=1)
    assert found.value == pytest.approx(laplace.value, rel=1e-10)


def test_modes_are_found_where_newtons_steps_would_cycle():
    # Both units of a cluster have the event, at log odds of -4 and a deviation of 6.
    patterns = CovariatePatterns(
        clusters=np.arange(1).astype(object),
        columns=("(intercept)",),
        start=np.array([0, 1]),
        x=np.ones((1, 1)),
        n=np.array([2.0]),
        sum_y=np.array([2.0]),
        sum_yy=np.array([2.0]),
    )
    found = marginal_likelihood(binomial_blocks(patterns), np.array([-4.0, 6.0]), points=25)
    mode = found.modes[0]
    assert 6 * 2 * special.expit(4 - 6 * mode) == pytest.approx(mode, abs=1e-8)


def test_blocks_do_not_change_the_sum():
    many = herds(groups=12_000, patterns=3)
    blocks = binomial_blocks(many)
    assert len(blocks) > 1
    assert sum(len(block.start) for block in blocks) == 12_000
    value = marginal_likelihood(blocks, THETA, points=5).value
    halves = [
        CovariatePatterns(
            clusters=many.clusters[part],
            columns=many.columns,
            start=np.arange(0, 18_001, 3),
            x=many.x[rows],
            n=many.n[rows],
            sum_y=many.sum_y[rows],
            sum_yy=many.sum_yy[rows],
        )
        for part, rows in (
            (slice(6_000), slice(18_000)),
            (slice(6_000, None), slice(18_000, None)),
        )
    ]
    parts = [marginal_likelihood(binomial_blocks(half), THETA, points=5).value for half in halves]
    assert value == pytest.approx(sum(parts), rel=1e-12)


@pytest.mark.parametrize("points", [0, 101])
def test_an_impossible_number_of_nodes_is_refused(points):
    with pytest.raises(InputError, match="between 1"):
        normal_quadrature(points)
