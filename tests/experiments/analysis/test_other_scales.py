import math

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from experiments.errors import AssumptionError

COLUMNS = {"outcome": "sorted", "arm": "arm", "cluster": "zone", "control": "control"}
SCALES = ("ratio", "odds_ratio", "log_odds_ratio", "cohens_h", "hedges_g", "log_ratio")


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12, units=20)


def by_scale(rows, *scales, **settings):
    """Estimates of one estimator by scale."""
    plan = make_plan(**COLUMNS | {"estimators": "zone-t"} | settings, scales=scales)
    return {one.scale: one for one in analyze(rows, plan).estimates}


def zone_shares(rows):
    zones = rows.groupby("zone").agg(sorted=("sorted", "mean"), arm=("arm", "first"))
    return [zones.loc[zones["arm"] == arm, "sorted"].to_numpy() for arm in ("control", "nudge")]


def test_every_scale_of_two_shares_follows_from_the_arm_means(rows):
    found = by_scale(rows, *SCALES, estimators="zone-welch")
    control, nudge = zone_shares(rows)
    p0, p1 = control.mean(), nudge.mean()
    v0, v1 = control.var(ddof=1) / 6, nudge.var(ddof=1) / 6
    assert found["ratio"].estimate == pytest.approx(p1 / p0)
    assert found["log_ratio"].std_error == pytest.approx(np.sqrt(v0 / p0**2 + v1 / p1**2))
    odds = p1 / (1 - p1) / (p0 / (1 - p0))
    error = np.sqrt(v0 / (p0 * (1 - p0)) ** 2 + v1 / (p1 * (1 - p1)) ** 2)
    assert found["odds_ratio"].estimate == pytest.approx(odds)
    assert found["log_odds_ratio"].std_error == pytest.approx(error)
    half = stats.t.isf(0.025, found["difference"].df) * error
    assert found["odds_ratio"].ci_low == pytest.approx(odds * np.exp(-half))
    assert found["odds_ratio"].ci_high == pytest.approx(odds * np.exp(half))
    h = 2 * np.arcsin(np.sqrt(p1)) - 2 * np.arcsin(np.sqrt(p0))
    assert found["cohens_h"].estimate == pytest.approx(h)


def test_all_scales_share_the_p_value_of_the_estimator(rows):
    found = by_scale(rows, *SCALES, "number_needed_to_treat")
    assert len(found) == 8
    assert len({one.p_value for one in found.values()}) == 1


def test_number_needed_to_treat_passes_through_infinity(trial_rows):
    found = by_scale(trial_rows(), "number_needed_to_treat")
    plain, needed = found["difference"], found["number_needed_to_treat"]
    assert plain.ci_low < 0 < plain.ci_high
    assert needed.estimate == pytest.approx(1 / plain.estimate)
    assert (needed.ci_low, needed.ci_high) == (-math.inf, math.inf)
    assert needed.extra["benefit"] == pytest.approx((1 / plain.ci_high, math.inf))
    assert needed.extra["harm"] == pytest.approx((-1 / plain.ci_low, math.inf))
    assert any("through infinity" in note for note in needed.warnings)


def test_number_needed_to_treat_of_a_clear_effect_is_an_interval(trial_rows):
    rows = trial_rows(clusters=20, units=30)
    rng = np.random.default_rng(1)
    share = np.where(rows["arm"] == "nudge", 0.8, 0.2)
    rows = rows.assign(sorted=(rng.random(len(rows)) < share).astype(int))
    found = by_scale(rows, "number_needed_to_treat")
    plain, needed = found["difference"], found["number_needed_to_treat"]
    assert (needed.ci_low, needed.ci_high) == pytest.approx((1 / plain.ci_high, 1 / plain.ci_low))
    assert needed.ci_low < needed.estimate < needed.ci_high
    # The same numbers harm when the outcome should go down.
    worse = by_scale(rows, "number_needed_to_treat", higher_is_better=False)
    harm = worse["number_needed_to_treat"]
    assert harm.estimate == pytest.approx(-needed.estimate)
    assert (harm.ci_low, harm.ci_high) == pytest.approx((-needed.ci_high, -needed.ci_low))


def test_hedges_g_is_the_difference_in_standard_deviations_of_units(rows):
    found = by_scale(rows, "hedges_g", outcome="score")
    arms = [rows.loc[rows["arm"] == arm, "score"] for arm in ("control", "nudge")]
    squares = sum(((arm - arm.mean()) ** 2).sum() for arm in arms)
    sd = math.sqrt(squares / (len(rows) - 2))
    # Clustering and small samples move it by some percent.
    g = found["hedges_g"]
    assert g.estimate == pytest.approx(found["difference"].estimate / sd, rel=0.1)
    assert abs(g.estimate) < abs(found["difference"].estimate / sd)
    assert g.ci_low < g.estimate < g.ci_high


def test_odds_ratios_of_models_are_their_own_coefficients(rows):
    for estimator in ("gee-md", "mixed-logit"):
        found = by_scale(rows, "odds_ratio", "difference", estimators=estimator)
        log, odds = found["log_odds_ratio"], found["odds_ratio"]
        assert odds.estimate == pytest.approx(math.exp(log.estimate))
        assert odds.ci_low == pytest.approx(math.exp(log.ci_low))
        assert odds.ci_high == pytest.approx(math.exp(log.ci_high))
        # Averaged over the population: near the plain difference of shares.
        shares = rows.groupby("arm")["sorted"].mean()
        plain = shares["nudge"] - shares["control"]
        assert found["difference"].estimate == pytest.approx(plain, abs=0.06)


def test_a_poisson_gee_gives_rate_ratios(rows):
    found = by_scale(rows, "ratio", outcome="visits", family="poisson", estimators="gee-kc")
    assert found["ratio"].estimate == pytest.approx(math.exp(found["log_ratio"].estimate))
    assert found["ratio"].ci_high == pytest.approx(math.exp(found["log_ratio"].ci_high))


def test_scales_follow_each_contrast_of_several_arms(trial_rows):
    rows = trial_rows(arms=("control", "letter", "letter vs control"), clusters=12, units=20)
    plan = make_plan(**COLUMNS, estimators="zone-t", scales=["ratio", "hedges_g"])
    shares = rows.groupby(["arm", "zone"])["sorted"].mean().groupby("arm").mean()
    found = analyze(rows, plan).estimates
    for label in ("letter", "letter vs control"):
        (ratio,) = [
            one for one in found if one.scale == "ratio" and one.contrast == f"{label} vs control"
        ]
        assert ratio.estimate == pytest.approx(shares[label] / shares["control"])
    plain = rows.assign(arm=rows["arm"].replace("letter vs control", "poster"))
    expected = [one.estimate for one in analyze(plain, plan).estimates if one.scale == "hedges_g"]
    assert [one.estimate for one in found if one.scale == "hedges_g"] == pytest.approx(expected)


def test_scales_that_an_outcome_or_estimator_has_not_are_refused(rows):
    with pytest.raises(AssumptionError, match=r"odds_ratio.*use scale 'difference' or 'ratio'"):
        by_scale(rows, "odds_ratio", outcome="score")
    with pytest.raises(AssumptionError, match=r"ratio cannot be had.*add zone-welch"):
        by_scale(rows, "ratio", estimators="randomization")
    with pytest.raises(AssumptionError, match="without covariates"):
        by_scale(rows, "ratio", estimators="ols-cr2", covariates=["income"])


def test_an_estimator_with_arm_means_makes_up_for_one_without(rows):
    plan = make_plan(**COLUMNS, estimators=["randomization", "zone-t"], scales=["ratio"])
    scales = [(one.estimator, one.scale) for one in analyze(rows, plan).estimates]
    assert scales == [
        ("randomization", "difference"), ("zone-t", "difference"), ("zone-t", "ratio"),
    ]  # fmt: skip
