import numpy as np
import pytest
from scipy import stats

from experiments.errors import InputError
from experiments.power.wald_power import wald_power


def test_the_noncentral_t_is_that_of_rs_power_t_test():
    # tests/experiments/references/power.R: 7 clusters of 20 units per arm, ICC .05, delta .3.
    ratio = 0.3 / np.sqrt(2 * (0.05 + 0.95 / 20) / 7)
    assert wald_power(ratio=ratio, df=12) == pytest.approx(0.3798423471, abs=1e-10)


def test_the_central_t_reaches_its_power_at_the_sum_of_two_quantiles():
    ratio = stats.t.ppf(0.975, 10) + stats.t.ppf(0.8, 10)
    assert wald_power(ratio=ratio, df=10, reference="central t") == pytest.approx(0.8)


def test_the_noncentral_t_matches_simulated_t_tests():
    rng = np.random.default_rng(1)
    means = rng.normal(size=(40_000, 2, 4))
    means[:, 1] += 1.5
    t = (means[:, 1].mean(1) - means[:, 0].mean(1)) / np.sqrt(means.var(2, ddof=1).mean(1) / 2)
    rejected = np.mean(t > stats.t.ppf(0.975, 6))
    assert wald_power(ratio=1.5 / np.sqrt(0.5), df=6) == pytest.approx(rejected, abs=0.0075)


@pytest.mark.parametrize("reference", ["noncentral t", "central t", "normal"])
def test_without_an_effect_power_is_the_level_of_significance(reference):
    one = wald_power(ratio=0.0, df=10, reference=reference)
    both = wald_power(ratio=0.0, df=10, reference=reference, both_tails=True)
    assert (one, both) == (pytest.approx(0.025), pytest.approx(0.05))


def test_many_degrees_of_freedom_give_the_normal_law():
    normal = wald_power(ratio=2.8, df=1, reference="normal")
    assert wald_power(ratio=2.8, df=1e7) == pytest.approx(normal, abs=1e-6)


def test_arguments_broadcast_and_only_the_size_of_the_ratio_matters():
    found = wald_power(ratio=np.array([-2.0, 2.0, 60.0]), df=[[5], [50]])
    assert found.shape == (2, 3)
    assert np.all(found[:, 0] == found[:, 1])
    assert np.all(found[:, 2] == pytest.approx(1))
    assert np.all(found[0, :2] < found[1, :2])


def test_no_degree_of_freedom_is_an_error():
    with pytest.raises(InputError, match="degree of freedom"):
        wald_power(ratio=2.0, df=0)


@pytest.mark.parametrize("df", [1, 2, 5, 38, 1000])
def test_power_rises_to_one_without_a_gap(df):
    found = wald_power(ratio=np.linspace(0, 200, 4001), df=df, both_tails=True)
    assert np.all(np.diff(found) > -1e-12)
    assert found[-1] == pytest.approx(1)
