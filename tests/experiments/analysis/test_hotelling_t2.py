import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.hotelling_t2 import hotelling_t2
from experiments.analysis.statsmodels_ols import row_moments
from experiments.errors import AssumptionError, InputError

# clubSandwich's HTZ agrees to rounding; made by ols_cluster_robust.R.
TOLERANCE = 1e-9
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "ols_cluster_robust.json").read_text("utf-8")
)
ROWS = {name: np.array(values, dtype=float) for name, values in REFERENCE["rows"].items()}
NAMES = ("treated", "cold", "own", "age")


def fit_of(case, correction="CR2"):
    n_clusters, _, weighted = case.partition(" ")
    kept = ROWS["g"] <= int(n_clusters)
    design = np.column_stack([np.ones(kept.sum()), *(ROWS[name][kept] for name in NAMES)])
    moments = row_moments(
        design,
        ROWS["y"][kept],
        ROWS["g"][kept],
        columns=("(intercept)", *NAMES),
        weights=ROWS["w"][kept] if weighted else None,
    )
    return cluster_robust_fit(moments, correction=correction)


@pytest.mark.parametrize(("which", "count"), [("two", 2), ("three", 3)])
@pytest.mark.parametrize("correction", ["CR1", "CR2", "CR3"])
@pytest.mark.parametrize("case", list(REFERENCE["cases"]))
def test_equals_clubsandwich_htz(case, correction, which, count):
    expected = REFERENCE["cases"][case]["joint"][correction][which]
    test = hotelling_t2(fit_of(case, correction), NAMES[:count])
    assert test.statistic == pytest.approx(expected["F"], rel=TOLERANCE)
    assert test.scale == pytest.approx(expected["scale"], rel=TOLERANCE)
    assert test.df_num == expected["df_num"]
    assert test.df_denom == pytest.approx(expected["df_denom"], rel=TOLERANCE)
    assert test.p_value == pytest.approx(expected["p"], rel=TOLERANCE)


@pytest.mark.parametrize("case", list(REFERENCE["cases"]))
def test_naive_f_equals_clubsandwich(case):
    expected = REFERENCE["cases"][case]["naive"]
    test = hotelling_t2(fit_of(case), NAMES[:2], test="naive")
    assert test.statistic == pytest.approx(expected["F"], rel=TOLERANCE)
    assert test.p_value == pytest.approx(expected["p"], rel=TOLERANCE)
    assert any("prefer AHT" in text for text in test.warnings)


def test_one_constraint_is_the_t_test():
    fit = fit_of("12")
    joint, single = hotelling_t2(fit, ["treated"]), coefficient_test(fit, "treated")
    assert joint.statistic == pytest.approx(single.statistic**2, rel=1e-10)
    assert joint.df_denom == pytest.approx(single.df, rel=1e-10)
    assert joint.p_value == pytest.approx(single.p_value, rel=1e-10)


def test_recoded_constraints_give_the_same_test():
    fit = fit_of("12")
    named = hotelling_t2(fit, ("treated", "cold"))
    turned = hotelling_t2(fit, np.array([[0, 1000.0, 0, 0, 0], [0, -3, 0.5, 0, 0]]))
    assert turned.statistic == pytest.approx(named.statistic, rel=1e-9)
    assert turned.df_denom == pytest.approx(named.df_denom, rel=1e-9)


def test_three_arms_of_four_zones_keep_the_level():
    rng = np.random.default_rng(7)
    runs, zones = 1_500, 12
    arm = np.repeat(np.arange(3), zones // 3)
    rejected = {"AHT": 0, "naive": 0}
    for _ in range(runs):
        size = rng.integers(5, 40, zones)
        g = np.repeat(np.arange(zones), size)
        y = rng.normal(0, 0.4, zones)[g] + rng.normal(size=len(g))
        design = np.stack([np.ones(len(g)), arm[g] == 1, arm[g] == 2], axis=1)
        fit = cluster_robust_fit(
            row_moments(design, y, g, columns=("(intercept)", "letter", "visit"))
        )
        for test in rejected:
            found = hotelling_t2(fit, ("letter", "visit"), test=test)
            rejected[test] += found.p_value <= 0.05
    # Monte Carlo standard error .006; AHT is known to fall a little under the level.
    assert 0.02 <= rejected["AHT"] / runs <= 0.065
    assert rejected["naive"] / runs > 0.09


def test_constraints_beyond_the_degrees_of_freedom_are_refused():
    with pytest.raises(AssumptionError, match=r"4 constraints on 2\.8 .* test fewer at once"):
        hotelling_t2(fit_of("5"), NAMES)


def test_dependent_constraints_are_refused():
    weights = np.array([[0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0], [0, 1.0, -1.0, 0, 0]])
    with pytest.raises(InputError, match="not independent"):
        hotelling_t2(fit_of("12"), weights)


def test_few_degrees_of_freedom_are_warned_of():
    test = hotelling_t2(fit_of("6"), ("treated", "cold"))
    assert any("randomisation inference" in text for text in test.warnings)
    assert test.p_value == pytest.approx(stats.f.sf(test.statistic, 2, test.df_denom))


def test_unusable_requests_are_named():
    with pytest.raises(InputError, match="AHT, naive"):
        hotelling_t2(fit_of("12"), ["treated"], test="wald")
    with pytest.raises(InputError, match="'letter' is not a fitted column"):
        hotelling_t2(fit_of("12"), ["treated", "letter"])
