import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan

COLUMNS = {"outcome": "score", "arm": "arm", "cluster": "zone", "control": "control"}


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=10)


def without(rows, zone, **settings):
    """Primary effect of the trial without a zone."""
    return analyze(rows[rows["zone"] != zone], make_plan(**COLUMNS | settings)).estimates[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"estimators": "zone-welch"},
        {"estimators": "zone-ancova", "strata": "block"},
        {"estimators": "zone-t", "covariates": ["income"]},
        {"estimators": "zone-welch", "estimand": "unit"},
        {"estimators": "ols-cr2", "covariates": ["house"], "strata": "block"},
        {"estimators": "gee-md", "outcome": "sorted"},
        {"estimators": "mixed-logit", "outcome": "sorted"},
        {"estimators": "zone-ancova", "covariates": ["density"]},
    ],
)
def test_each_figure_is_that_of_an_analysis_without_the_cluster(rows, settings):
    found = analyze(rows, make_plan(**COLUMNS | settings)).influence["nudge vs control"]
    assert found.clusters == tuple(sorted(rows["zone"].unique()))
    for place in (0, 3, 9):
        alone = without(rows, found.clusters[place], **settings)
        assert found.estimate[place] == pytest.approx(alone.estimate, rel=1e-6)
        assert found.std_error[place] == pytest.approx(alone.std_error, rel=1e-6)


def test_each_arm_has_its_own(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    plan = make_plan(**COLUMNS, estimators="zone-welch")
    found = analyze(rows, plan).influence
    assert set(found) == {"letter vs control", "poster vs control"}
    letters = rows[rows["arm"] != "poster"]["zone"].nunique()
    assert len(found["letter vs control"].clusters) == letters


def test_of_a_pair_both_clusters_are_left_out(rows):
    plan = make_plan(**COLUMNS, estimators="matched-pairs", pairs="pair")
    found = analyze(rows, plan).influence["nudge vs control"]
    rest = rows[rows["pair"] != "p2"]
    alone = analyze(rest, plan).estimates[0]
    for place in (4, 5):
        assert found.estimate[place] == pytest.approx(alone.estimate)
        assert found.p_value[place] == pytest.approx(alone.p_value)


def test_the_family_stays_that_of_all_clusters(rows):
    # Only one zone has a value other than 0 and 1.
    odd = rows.assign(score=rows["sorted"] + (rows["zone"] == "z04"))
    plan = make_plan(**COLUMNS, estimators="gee-md")
    analysis = analyze(odd, plan)
    assert analysis.estimates[0].scale == "difference"
    found = analysis.influence["nudge vs control"]
    means = odd[odd["zone"] != "z04"].groupby("arm")["score"].mean()
    # A log odds ratio would be four times the difference of shares near one half.
    assert found.estimate[4] == pytest.approx(means["nudge"] - means["control"], abs=0.05)


def test_what_cannot_be_analysed_without_a_cluster_is_left_open(rows):
    # Without z03, the covariate is constant: its column follows the intercept.
    lone = rows.assign(density=(rows["zone"] == "z03").astype(float))
    plan = make_plan(
        **COLUMNS | {"outcome": "sorted"}, estimators="mixed-logit", covariates="density"
    )
    found = analyze(lone, plan).influence["nudge vs control"]
    assert np.isnan(found.estimate[3])
    assert np.isfinite(np.delete(found.estimate, 3)).all()


def test_it_is_left_out_where_it_has_no_meaning_or_would_be_too_long(rows):
    mixed = rows.assign(arm=np.where(rows.index % 2, "nudge", "control"))
    plan = make_plan(**COLUMNS, estimators="ols-cr2", arms_within_clusters=True)
    assert analyze(mixed, plan).influence is None
    zones = np.arange(130)
    many = pd.DataFrame({"zone": np.repeat(zones, 2), "age": np.tile([1, 2], 130)})
    many["arm"] = np.where(many["zone"] % 2, "nudge", "control")
    many["score"] = np.random.default_rng(1).normal(size=260)
    plan = make_plan(**COLUMNS, estimators="gee-md")
    assert analyze(many, plan).influence is None
    for name in ("zone-t", "ols-cr2"):
        plan = make_plan(**COLUMNS, estimators=name)
        assert len(analyze(many, plan).influence["nudge vs control"].clusters) == 130


def test_a_baseline_stays_in_the_analysis_without_a_cluster(rows, two_waves):
    both = two_waves(rows, rows["score"] + np.random.default_rng(4).normal(size=len(rows)))
    settings = {"estimators": "zone-ancova", "period": "wave", "baseline": "0"}
    found = analyze(both, make_plan(**COLUMNS | settings)).influence["nudge vs control"]
    alone = without(both, "z04", **settings)
    assert found.estimate[4] == pytest.approx(alone.estimate)
    assert found.std_error[4] == pytest.approx(alone.std_error)


def test_strata_with_single_clusters_of_an_arm_are_refitted(rows):
    settings = {"estimators": "randomization", "strata": "pair"}
    found = analyze(rows, make_plan(**COLUMNS | settings)).influence["nudge vs control"]
    assert found.estimate[2] == pytest.approx(without(rows, "z02", **settings).estimate)


def test_a_randomisation_test_of_clusters_that_do_not_vary_shows_their_estimates(rows):
    flat = rows.assign(score=(rows["arm"] == "nudge").astype(float))
    analysis = analyze(flat, make_plan(**COLUMNS, estimators="randomization"))
    found = analysis.influence["nudge vs control"]
    assert found.estimate == pytest.approx(np.ones(10))
    assert not found.significance_flips.any()
