import numpy as np
import pytest

from experiments.power.baseline_data import baseline_estimates


def sums(values, cluster):
    return {
        "n": np.bincount(cluster),
        "sum_y": np.bincount(cluster, values),
        "sum_yy": np.bincount(cluster, values**2),
    }


CLUSTER = np.repeat(np.arange(10), [8, 9, 10, 11, 12, 8, 9, 10, 11, 12])
VALUES = np.random.default_rng(1).normal(50, 4, 100) + np.linspace(-3, 3, 10)[CLUSTER]


def test_level_spread_and_sizes_are_those_of_the_rows():
    found = baseline_estimates(**sums(VALUES, CLUSTER))
    assert (found.mean, found.sd) == (pytest.approx(VALUES.mean()), pytest.approx(VALUES.std()))
    assert found.icc.mean_cluster_size == 10


def test_sums_about_a_centre_give_the_same():
    plain = baseline_estimates(**sums(VALUES, CLUSTER))
    centred = baseline_estimates(**sums(VALUES - 50, CLUSTER), centre=50)
    assert centred.mean == pytest.approx(plain.mean)
    assert centred.sd == pytest.approx(plain.sd)
    assert centred.icc.estimate == pytest.approx(plain.icc.estimate)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("binary", {"icc", "units", "cv", "baseline_level"}),
        ("count", {"icc", "units", "cv", "baseline_level"}),
        ("continuous", {"icc", "units", "cv", "sd"}),
        ("ordinal", {"icc", "units", "cv"}),
    ],
)
def test_each_kind_of_outcome_takes_its_settings(kind, names):
    assert set(baseline_estimates(**sums(VALUES, CLUSTER)).settings(kind)) == names
