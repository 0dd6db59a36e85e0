import json
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.analysis_of_covariance import analysis_of_covariance
from experiments.analysis.cluster_means import difference_in_means
from experiments.errors import AssumptionError, InputError

# R's lm, clubSandwich and estimatr agree to rounding; made by zone_covariance.R.
TOLERANCE = 1e-9
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "zone_covariance.json").read_text(encoding="utf-8")
)
G = np.arange(1, 21)
BEFORE = 40 + 8 * np.sin(2 * G)
DENSITY = (13 * G) % 17
STRATUM = np.array(["a", "b", "c"])[G % 3]
TREATED = np.isin(G, (1, 4, 6, 8, 9, 13, 17, 20))
WEIGHT = 10 + (37 * G) % 50
Y = 5 + 0.8 * BEFORE + 0.2 * DENSITY + 2 * TREATED + 3 * np.cos(5 * G) + 2 * (STRATUM == "b")
BOTH = {
    "covariates": np.column_stack([BEFORE, DENSITY]),
    "names": ("before", "density"),
    "stratum": STRATUM,
}


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("classical", {"variance": "classical"}),
        ("hc2", {"variance": "hc2"}),
        ("weighted", {"variance": "classical", "weights": WEIGHT}),
        ("weighted_hc2", {"variance": "hc2", "weights": WEIGHT}),
    ],
)
def test_equals_r(case, options):
    found = analysis_of_covariance(Y, TREATED, **BOTH, **options)
    for name, value in REFERENCE[case].items():
        assert getattr(found, name) == pytest.approx(value, rel=TOLERANCE), name


def test_slopes_and_variance_reduction_equal_r():
    found = analysis_of_covariance(Y, TREATED, **BOTH)
    assert found.theta == pytest.approx(REFERENCE["theta"], rel=TOLERANCE)
    assert found.variance_reduction == pytest.approx(REFERENCE["variance_reduction"], rel=TOLERANCE)
    assert found.n_parameters == 6


def test_interacted_slopes_equal_lm_lin():
    options = {"covariates": BEFORE, "stratum": STRATUM, "interacted": True}
    hc2 = analysis_of_covariance(Y, TREATED, **options, variance="hc2")
    classical = analysis_of_covariance(Y, TREATED, **options, variance="classical")
    assert hc2.estimate == pytest.approx(REFERENCE["lin"]["estimate"], rel=TOLERANCE)
    assert hc2.std_error == pytest.approx(REFERENCE["lin"]["std_error"], rel=TOLERANCE)
    assert classical.std_error == pytest.approx(REFERENCE["lin"]["classical"], rel=TOLERANCE)
    assert classical.df == REFERENCE["lin"]["df"]


def test_without_covariates_it_is_students_test():
    found = analysis_of_covariance(Y, TREATED, variance="classical")
    student = difference_in_means(Y, TREATED, equal_variance=True)
    assert found.estimate == pytest.approx(student.estimate)
    assert (found.std_error, found.df) == pytest.approx((student.std_error, student.df))
    assert found.theta == {}
    assert found.variance_reduction == pytest.approx(0)


def test_variance_follows_the_design_not_the_data():
    even = np.arange(20) % 2 == 0
    assert analysis_of_covariance(Y, even, covariates=BEFORE).variance == "classical"
    assert analysis_of_covariance(Y, TREATED, covariates=BEFORE).variance == "hc2"


@pytest.mark.parametrize("interacted", [False, True])
@pytest.mark.parametrize("variance", ["classical", "hc2"])
def test_order_scale_and_arm_names_do_not_matter(interacted, variance):
    order = np.random.default_rng(2).permutation(20)
    options = {"interacted": interacted, "variance": variance}
    here = analysis_of_covariance(Y, TREATED, covariates=BEFORE, stratum=STRATUM, **options)
    there = analysis_of_covariance(
        Y[order], ~TREATED[order], covariates=1e6 + 1e3 * BEFORE[order], stratum=STRATUM[order],
        **options,
    )  # fmt: skip
    assert there.estimate == pytest.approx(-here.estimate)
    assert there.p_value == pytest.approx(here.p_value)


def test_level_holds_at_twelve_zones_and_a_good_baseline_narrows():
    rng = np.random.default_rng(8)
    treated = np.arange(12) < 6
    rejected, width, raw = 0, [], []
    for _ in range(1_500):
        before = rng.normal(size=12)
        after = before + 0.5 * rng.normal(size=12)
        arm = rng.permutation(treated)
        found = analysis_of_covariance(after, arm, covariates=before)
        rejected += found.p_value < 0.05
        width.append(found.std_error)
        raw.append(difference_in_means(after, arm).std_error)
    assert rejected / 1_500 == pytest.approx(0.05, abs=0.014)
    assert np.mean(width) < 0.6 * np.mean(raw)


def test_hc2_holds_where_the_small_arm_varies_most():
    rng = np.random.default_rng(9)
    treated = np.arange(20) < 5
    p = {"classical": [], "hc2": []}
    for _ in range(1_000):
        before = rng.normal(size=20)
        y = before + rng.normal(size=20) * np.where(treated, 3, 1)
        for variance, kept in p.items():
            kept.append(
                analysis_of_covariance(y, treated, covariates=before, variance=variance).p_value
            )
    # Degrees of freedom suppose equal variances: three to one in deviation costs a few points.
    assert np.mean(np.array(p["hc2"]) < 0.05) < 0.1
    assert np.mean(np.array(p["classical"]) < 0.05) > 0.15


def test_refuses_what_it_cannot_estimate():
    with pytest.raises(AssumptionError, match="leave 1 degrees of freedom"):
        analysis_of_covariance(Y[:5], [1, 0, 1, 0, 1], covariates=np.eye(5)[:, :2])
    with pytest.raises(AssumptionError, match="cluster 1 is fitted exactly"):
        analysis_of_covariance(Y, TREATED, covariates=G == 1, variance="hc2")
    with pytest.raises(AssumptionError, match="too few clusters for HC2"):
        analysis_of_covariance(Y, np.isin(G, (2, 5)), covariates=BEFORE)
    with pytest.raises(AssumptionError, match="1001 strata are too many"):
        analysis_of_covariance(
            np.arange(2002.0), np.tile([0, 1], 1001), stratum=np.repeat(range(1001), 2)
        )
    with pytest.raises(AssumptionError, match="fits every cluster mean exactly"):
        analysis_of_covariance(2.0 * BEFORE, TREATED, covariates=BEFORE)


def test_names_the_column_that_is_wrong():
    with pytest.raises(InputError, match=r"covariate '(before|twice)' is a combination"):
        analysis_of_covariance(
            Y, TREATED, covariates=np.column_stack([BEFORE, 2 * BEFORE]), names=("before", "twice")
        )
    with pytest.raises(InputError, match="'before' has no finite value for cluster 2"):
        analysis_of_covariance(
            Y, TREATED, covariates=np.where(G == 2, np.nan, BEFORE), names=("before",)
        )
    with pytest.raises(InputError, match="1 covariate names for 2 columns"):
        analysis_of_covariance(Y, TREATED, covariates=BOTH["covariates"], names=("before",))
    with pytest.raises(InputError, match="19 rows of covariates"):
        analysis_of_covariance(Y, TREATED, covariates=BEFORE[1:])
    with pytest.raises(InputError, match="same arm"):
        analysis_of_covariance(Y, TREATED | True)


def test_warns_when_few_degrees_of_freedom_are_left():
    found = analysis_of_covariance(
        Y[:8], [1, 0, 1, 0, 1, 0, 1, 0], covariates=BOTH["covariates"][:8, :], stratum=G[:8] > 5
    )
    assert found.df == 3
    assert "3.0 degrees of freedom" in found.warnings[0]
