import numpy as np
import pytest
from scipy import stats

from experiments.analysis.dunnett import dunnett, dunnett_critical_value, product_loadings
from experiments.errors import InputError

# Dunnett (1964, Biometrics 20:482), table II: two-sided 5 % points, k = 1..9 treatments.
TWO_SIDED = {
    5: (2.57, 3.03, 3.29, 3.48, 3.62, 3.73, 3.82, 3.90, 3.97),
    10: (2.23, 2.57, 2.76, 2.89, 2.99, 3.07, 3.14, 3.19, 3.24),
    20: (2.09, 2.38, 2.54, 2.65, 2.73, 2.80, 2.86, 2.90, 2.95),
    np.inf: (1.96, 2.21, 2.35, 2.44, 2.51, 2.57, 2.61, 2.65, 2.69),
}
# Dunnett (1955, JASA 50:1117), table 1a: one-sided 5 % points, k = 1..9 treatments.
ONE_SIDED = {
    5: (2.02, 2.44, 2.68, 2.85, 2.98, 3.08, 3.16, 3.24, 3.30),
    10: (1.81, 2.15, 2.34, 2.47, 2.56, 2.64, 2.70, 2.76, 2.81),
    60: (1.67, 1.95, 2.10, 2.21, 2.28, 2.35, 2.39, 2.44, 2.48),
}
SEPARATE = np.diag([0.0009, 0.0012, 0.0006]) + 0.0008
SHARED = np.array([[1, 0.5, 0.1], [0.5, 1, -0.2], [0.1, -0.2, 1]]) * 0.0016
EFFECTS = np.array([0.061, 0.118, -0.035])


def equal_arms(k, rho=0.5):
    return np.full((k, k), rho) + (1 - rho) * np.eye(k)


def compare(covariance=SEPARATE, df=7.0, effects=EFFECTS, **settings):
    labels = [chr(97 + place) for place in range(len(effects))]
    return dunnett(labels=labels, estimates=effects, covariance=covariance, df=df, **settings)


@pytest.mark.parametrize("df", TWO_SIDED)
def test_reproduces_dunnetts_two_sided_table(df):
    found = [dunnett_critical_value(correlation=equal_arms(k), df=df) for k in range(1, 10)]
    assert found == pytest.approx(TWO_SIDED[df], abs=0.0101)
    assert np.mean(np.round(found, 2) == np.array(TWO_SIDED[df])) >= 0.75


@pytest.mark.parametrize("df", ONE_SIDED)
def test_reproduces_dunnetts_one_sided_table(df):
    found = [
        dunnett_critical_value(correlation=equal_arms(k), df=df, alternative="greater")
        for k in range(1, 10)
    ]
    assert found == pytest.approx(ONE_SIDED[df], abs=0.0101)


# multcomp glht, ../references/scales_dunnett.R; its own integration error is about 3e-4.
@pytest.mark.parametrize(
    ("settings", "p_values", "low", "high"),
    [
        ({}, (0.3828753983, 0.07994365243, 0.690278604),
         (-0.06179390922, -0.01518869473, -0.1464336569),
         (0.1837939092, 0.2511886947, 0.07643365686)),
        ({"alternative": "greater"}, (0.1969100969, 0.04026770711, 0.9533762723),
         (-0.04140796607, 0.006922965183, -0.1279337149), (np.inf, np.inf, np.inf)),
        ({"covariance": SHARED, "df": 9}, (0.3671478749, 0.04290747372, 0.7444160182),
         (-0.05311927763, 0.003880722366, -0.1491192776),
         (0.1751192776, 0.2321192776, 0.07911927763)),
        ({"covariance": SHARED, "df": np.inf}, (0.3154272386, 0.009283915152, 0.737998736),
         (-0.03386677898, 0.02313322102, -0.129866779),
         (0.155866779, 0.212866779, 0.05986677898)),
    ],
    ids=["two-sided", "one-sided", "shared blocks", "shared blocks, normal"],
)  # fmt: skip
def test_reproduces_multcomp(settings, p_values, low, high):
    found = compare(**settings)
    assert found.p_values == pytest.approx(p_values, abs=4e-4)
    assert found.ci_low == pytest.approx(low, abs=3e-5)
    assert found.ci_high == pytest.approx(high, abs=3e-5)
    assert ("Monte Carlo" in found.method) == ("covariance" in settings)


def test_reproduces_multcomp_on_sixteen_zones():
    covariance = np.full((3, 3), 0.0004080500998) + np.diag(
        np.array([0.001224150299, 0.001020125249, 0.001224150299]) - 0.0004080500998
    )
    found = compare(covariance, 12, np.array([0.05872495749, 0.09268104878, 0.1513003114]))
    assert found.p_values == pytest.approx((0.2836087776, 0.03580129222, 0.00278352532), abs=2e-4)
    assert found.ci_low == pytest.approx((-0.0362969, 0.0059383, 0.0562784), abs=3e-5)


def test_quadrature_and_monte_carlo_agree():
    effects = np.array([0.06, 0.11, -0.035, 0.09])
    covariance = np.diag([0.0009, 0.0012, 0.0006, 0.001]) + 0.0008
    exact = compare(covariance, effects=effects)
    # A whisker off product structure sends the same problem to Monte Carlo.
    nudged = covariance.copy()
    nudged[0, 1] = nudged[1, 0] = 0.0008 + 1e-9
    sampled = compare(nudged, effects=effects)
    assert (exact.method, sampled.method) == ("one-factor quadrature", "quasi-Monte Carlo")
    assert sampled.p_values == pytest.approx(exact.p_values, abs=1e-4)


@pytest.mark.parametrize(("clusters", "df"), [((3, 3, 3, 3), 8), ((6, 3, 4, 3), 12)])
def test_familywise_error_with_few_clusters(clusters, df):
    # Equal variances, the design in which the multivariate t is exact: 5 % jointly.
    counts, runs = np.array(clusters), 40_000
    rng = np.random.default_rng(3)
    bars = rng.normal(size=(runs, 4)) / np.sqrt(counts)
    sigma = np.sqrt(rng.chisquare(df, runs) / df)
    unscaled = np.diag(1 / counts[1:]) + 1 / counts[0]
    statistics = np.abs(bars[:, 1:] - bars[:, :1]) / (sigma[:, None] * np.sqrt(np.diag(unscaled)))
    critical = compare(unscaled, df, np.zeros(3)).critical_value
    joint = np.mean(statistics.max(axis=1) > critical)
    apart = np.mean(statistics.max(axis=1) > stats.t.isf(0.025, df))
    together = np.mean(statistics.max(axis=1) > stats.t.isf(0.025 / 3, df))
    # Monte Carlo s.e. .0011.
    assert joint == pytest.approx(0.05, abs=0.0035)
    assert together < joint < apart
    assert apart > 0.1


def test_interval_and_p_value_agree():
    for level in (0.9, 0.95, 0.99):
        found = compare(effects=np.array([0.05, 0.12, 0.0862]), level=level)
        excluded = (found.ci_low > 0) | (found.ci_high < 0)
        assert np.array_equal(excluded, found.p_values < 1 - level)


def test_one_arm_is_the_ordinary_t_test():
    found = compare(np.array([[0.0017]]), 7, np.array([0.061]))
    assert found.p_values[0] == pytest.approx(2 * stats.t.sf(0.061 / 0.0017**0.5, 7), abs=1e-10)
    assert found.critical_value == pytest.approx(stats.t.isf(0.025, 7), abs=1e-8)


def test_unit_and_order_of_arms_do_not_matter():
    found = compare()
    order = [2, 0, 1]
    other = compare(1e4 * SEPARATE[np.ix_(order, order)], effects=100 * EFFECTS[order])
    assert other.p_values == pytest.approx(found.p_values[order], abs=1e-9)
    assert other.ci_low == pytest.approx(100 * found.ci_low[order])


def test_sides_mirror_each_other():
    less = compare(effects=-EFFECTS, alternative="less")
    greater = compare(alternative="greater")
    assert less.p_values == pytest.approx(greater.p_values)
    assert less.ci_high == pytest.approx(-greater.ci_low)


def test_adjusted_lies_between_raw_and_bonferroni():
    found = compare()
    raw = 2 * stats.t.sf(np.abs(found.statistics), 7)
    assert np.all(found.p_values > raw)
    assert np.all(found.p_values < np.minimum(3 * raw, 1))


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.5, 0.99, 0.9999])
def test_strong_correlation_nears_a_single_test(rho):
    found = dunnett_critical_value(correlation=equal_arms(4, rho), df=6)
    assert stats.t.isf(0.025, 6) < found < stats.t.isf(0.025 / 4, 6)
    assert product_loadings(equal_arms(4, rho)) == pytest.approx(np.full(4, rho**0.5), abs=1e-9)


@pytest.mark.parametrize("rho", [-0.8, 0.3])
def test_two_arms_of_either_correlation_need_no_monte_carlo(rho):
    covariance = np.array([[1, rho], [rho, 1]])
    found = compare(covariance, 6, np.array([1.0, -2.0]))
    expected = stats.multivariate_t.cdf(
        [2, 2], shape=covariance, df=6, lower_limit=[-2, -2], random_state=1, maxpts=200_000
    )
    assert found.method == "one-factor quadrature"
    assert found.p_values[1] == pytest.approx(1 - expected, abs=1e-4)


def test_warns_of_very_few_degrees_of_freedom():
    assert "add clusters" in compare(df=2.5).warnings[0]
    assert compare(df=7).warnings == ()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"covariance": np.ones((3, 3))}, "do two arms coincide"),
        ({"covariance": np.eye(2)}, "shapes differ"),
        ({"df": 0.5}, "at least 1"),
        ({"level": 1.0}, "level"),
        ({"effects": np.array([0.1, np.nan, 0.2])}, "not finite"),
    ],
)
def test_refuses(wrong, named):
    with pytest.raises(InputError, match=named):
        compare(**wrong)
