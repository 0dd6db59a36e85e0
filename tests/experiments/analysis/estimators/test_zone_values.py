import numpy as np
import pytest
import statsmodels.formula.api as smf

from experiments.analysis.estimators.zone_values import in_contrast, without_arms, zone_values
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=10)


def test_without_covariates_they_are_cluster_means(read, rows):
    found = zone_values(read(rows))
    assert found.values == pytest.approx(rows.groupby("zone")["score"].mean().to_numpy())
    assert (found.df_lost, found.adjustment, found.warnings) == (0, "", ())


@pytest.mark.parametrize(
    ("outcome", "family"), [("score", "gaussian"), ("sorted", "binomial"), ("visits", "poisson")]
)
def test_covariates_leave_the_mean_residual_of_a_regression_without_the_arm(
    read, rows, outcome, family
):
    formula = f"{outcome} ~ income + C(house)"
    fits = {
        "gaussian": lambda: smf.ols(formula, rows),
        "binomial": lambda: smf.logit(formula, rows),
        "poisson": lambda: smf.poisson(formula, rows),
    }
    fit = fits[family]().fit(**{} if family == "gaussian" else {"disp": False, "tol": 1e-12})
    rest = (rows[outcome] - fit.predict(rows)).groupby(rows["zone"]).mean().to_numpy()
    settings = {"family": family} if family == "poisson" else {}
    trial = read(rows, outcome=outcome, covariates=["income", "house"], **settings)
    found = zone_values(trial)
    assert found.values - rows[outcome].mean() == pytest.approx(rest, abs=1e-7)
    assert found.df_lost == 0
    assert "house, income in a first stage" in found.adjustment


def test_the_arms_do_not_enter_the_values(read, rows):
    others = rows.assign(arm=np.where(rows["arm"] == "nudge", "control", "nudge"))
    moved = rows.assign(arm=np.where(rows["zone"] < "z05", "control", "nudge"))
    settings = {"outcome": "sorted", "covariates": ["income", "house"]}
    here = zone_values(read(rows, **settings)).values
    for there in (others, moved):
        assert zone_values(read(there, **settings)).values == pytest.approx(here, rel=1e-9)


def test_each_covariate_of_clusters_costs_a_degree_of_freedom(read, rows):
    kind = rows["zone"].str[-1].isin(list("137")).map({True: "town", False: "village"})
    found = zone_values(read(rows.assign(kind=kind), covariates=["density", "kind", "income"]))
    assert found.df_lost == 2


def test_a_baseline_is_taken_out_by_its_own_slope(read, rows, two_waves):
    before = rows["score"] + np.random.default_rng(1).normal(size=len(rows))
    found = zone_values(read(two_waves(rows, before), period="wave", baseline="0"))
    x = before.groupby(rows["zone"]).mean().to_numpy()
    y = rows.groupby("zone")["score"].mean().to_numpy()
    slope = np.polyfit(x, y, 1)[0]
    assert found.values == pytest.approx(y - slope * (x - x.mean()))
    assert (found.df_lost, found.adjustment) == (1, ", adjusted for the baseline in a first stage")
    flat = two_waves(rows, 1.0)
    assert zone_values(read(flat, period="wave", baseline="0")).values == pytest.approx(y)


def test_perfect_prediction_by_covariates_is_said(read, rows):
    perfect = rows.assign(house=np.where(rows["sorted"] == 1, "flat", "farm"))
    found = zone_values(read(perfect, outcome="sorted", covariates=["house"]))
    assert any("perfectly" in note for note in found.warnings)


def test_dropping_the_arms_leaves_the_other_columns_in_place(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=9)
    trial = read(rows, covariates=["income", "house"])
    whole = trial.patterns()
    kept = without_arms(whole, n_arms=3)
    assert whole.columns[1:3] == ("letter", "poster")
    assert kept.columns == ("(intercept)", "house[flat]", "house[villa]", "income")
    place = [whole.columns.index(name) for name in kept.columns]
    assert np.array_equal(kept.x, whole.x[:, place])


def test_a_contrast_keeps_the_strata_that_hold_both_its_arms(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    rows["block"] = rows["block"].where(~rows["zone"].isin(["z00", "z02"]), "lone")
    trial = read(rows, strata="block")
    letter, poster = in_contrast(trial, 1), in_contrast(trial, 2)
    assert "z00" not in trial.clusters.labels[letter.places]
    assert "hold only one of the two arms" in letter.warnings[0]
    assert "(lone)" in letter.warnings[0]
    assert "z00" in trial.clusters.labels[poster.places]
    assert poster.warnings == ()
    assert len(poster.places) == 8
    assert set(poster.strata) == {"lone", "north", "south"}
    assert [trial.arms[2 * flag] for flag in poster.treated] == [
        rows.loc[rows["zone"] == label, "arm"].iloc[0]
        for label in trial.clusters.labels[poster.places]
    ]


def test_arms_that_share_no_stratum_cannot_be_compared(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge", "letter"), clusters=16)
    east = rows["arm"].eq("control") | (rows["zone"] < "z08") & rows["arm"].eq("letter")
    trial = read(rows.assign(block=np.where(east, "east", "west")), strata="block")
    with pytest.raises(AssumptionError, match="no level of 'block' holds both 'nudge'"):
        in_contrast(trial, 2)
    assert len(in_contrast(trial, 1).places) == 8


def test_a_covariate_of_the_zone_costs_a_degree_of_freedom_beside_one_that_varies(read, rows):
    level = {zone: 0.1 * k * k - 0.37 for k, zone in enumerate(rows["zone"].unique())}
    trial = read(
        rows.assign(level=rows["zone"].map(level)),
        outcome="sorted",
        covariates=["level", "house"],
    )
    assert zone_values(trial).df_lost == 1
