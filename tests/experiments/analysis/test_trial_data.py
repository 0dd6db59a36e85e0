import numpy as np
import pandas as pd
import pytest

from experiments.analysis.trial_data import effect, require_whole_clusters, trial_of_pair
from experiments.errors import AssumptionError, InputError


@pytest.fixture
def rows(trial_rows):
    return trial_rows()


@pytest.mark.parametrize(
    ("arms", "control", "warned"),
    [
        (("control", "aide"), "control", False),
        (("Témoin", "aide"), "Témoin", False),
        (("1", "0"), "0", False),
        (("lettre", "aide"), "aide", True),
        (("no", "control"), "control", True),
        (("A", "B", "C"), "A", True),
        (("c", "b", "control"), "control", False),
        (("placebo", "c1", "c"), "placebo", False),
        (("T", "C"), "C", False),
        (("B", "C"), "B", True),
    ],
)
def test_the_control_is_guessed_from_its_name_and_doubt_is_said(
    read, trial_rows, arms, control, warned
):
    trial = read(trial_rows(arms=arms))
    assert trial.arms[0] == control
    assert any("--control names another" in note for note in trial.warnings) == warned


def test_a_named_control_comes_first_and_must_occur(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    trial = read(rows, control="poster")
    assert trial.arms == ("poster", "control", "letter")
    zones = rows.groupby("zone")["arm"].first()
    assert [trial.arms[code] for code in trial.arm] == list(zones)
    with pytest.raises(InputError, match="control 'x' does not occur in column 'arm'"):
        read(rows, control="x")


@pytest.mark.parametrize(
    ("arms", "control", "found"),
    [
        ((False, True), "False", "false"),
        ((False, True), "0", "false"),
        ((0, 1), "0.0", "0"),
        ((" Control", "nudge"), "control", " Control"),
    ],
)
def test_a_control_is_known_however_it_is_written(read, trial_rows, arms, control, found):
    rows = trial_rows(arms=("0", "1"))
    written = rows["arm"].map(dict(zip("01", arms, strict=True)))
    assert read(rows.assign(arm=written), control=control).arms[0] == found


@pytest.mark.parametrize(
    ("values", "family"),
    [
        (lambda rows: rows["sorted"], "binomial"),
        (lambda rows: rows["sorted"].astype(bool), "binomial"),
        (lambda rows: rows["sorted"].where(rows.index != 5, 2), "gaussian"),
        (lambda rows: rows["sorted"].astype(float).where(rows.index != 5, 0.5), "gaussian"),
        (lambda rows: rows["score"], "gaussian"),
        (lambda rows: rows["sorted"] + 100_000, "gaussian"),
    ],
)
def test_the_family_is_read_off_the_values(read, rows, values, family):
    assert read(rows.assign(y=values(rows)), outcome="y").family == family


def test_a_family_that_the_values_contradict_is_refused(read, rows):
    assert read(rows, outcome="visits", family="poisson").family == "poisson"
    large = rows.assign(visits=rows["visits"] + 5_000)
    assert read(large, outcome="visits", family="poisson").family == "poisson"
    with pytest.raises(InputError, match="family poisson, but the values are not counts"):
        read(rows, family="poisson")
    with pytest.raises(InputError, match="family binomial, but some values are not 0 or 1"):
        read(rows, outcome="visits", family="binomial")


def test_cluster_means_arms_and_strata_are_those_of_the_rows(read, rows):
    trial = read(rows, strata="block")
    zones = rows.groupby("zone").agg(
        mean=("score", "mean"), n=("score", "size"), arm=("arm", "first"), block=("block", "first")
    )
    assert trial.clusters.means == pytest.approx(zones["mean"].to_numpy())
    assert list(trial.clusters.n) == list(zones["n"])
    assert [trial.arms[code] for code in trial.arm] == list(zones["arm"])
    labels = trial.clusters.stratum_labels
    assert [labels[code] for code in trial.block] == list(zones["block"])
    assert 0 < trial.icc < 1
    assert trial.design_effect > 1


def test_an_arm_that_varies_inside_clusters_is_refused_or_marked(read, rows):
    mixed = rows.assign(arm=np.where(rows.index % 2, "nudge", "control"))
    with pytest.raises(InputError, match="'arm' varies inside 8 of 8 clusters"):
        read(mixed)
    trial = read(mixed, arms_within_clusters=True)
    assert (trial.arm == -1).all()
    assert trial.icc is None
    with pytest.raises(AssumptionError, match="use the estimator ols-cr2"):
        require_whole_clusters(trial, "zone-t")


def test_strata_that_vary_inside_clusters_are_no_strata_of_the_draw(read, rows):
    trial = read(rows.assign(block=rows["house"]), strata="block")
    assert trial.block_varies
    with pytest.raises(AssumptionError, match="name it as a covariate"):
        require_whole_clusters(trial, "zone-t")


def test_an_arm_named_like_a_column_of_the_model_is_refused(read, trial_rows):
    rows = trial_rows(arms=("control", "income"))
    with pytest.raises(InputError, match="arm 'income' of column 'arm' has the name"):
        read(rows, covariates="income")
    with pytest.raises(InputError, match=r"arm '\(intercept\)'"):
        read(trial_rows(arms=("control", "(intercept)")))


def test_baseline_waves_become_cluster_means_and_leave_the_outcome(read, rows):
    before = rows.assign(score=rows["score"] - 3, wave="spring")
    both = pd.concat([before, rows.assign(wave="autumn")])
    trial = read(both, period="wave", baseline="spring")
    zones = rows.groupby("zone")["score"].mean().to_numpy()
    assert trial.baseline == pytest.approx(zones - 3)
    assert trial.clusters.means == pytest.approx(zones)
    with pytest.raises(InputError, match="'wave', which holds autumn, spring"):
        read(both, period="wave", baseline="summer")
    with pytest.raises(InputError, match="every wave of column 'wave' is named"):
        read(both, period="wave", baseline=["spring", "autumn"])
    lacking = both[(both["wave"] == "autumn") | (both["zone"] != "z02")]
    with pytest.raises(InputError, match=r"1 clusters have no baseline rows \(z02\)"):
        read(lacking, period="wave", baseline="spring")


def test_dropped_rows_are_counted_for_every_estimate(read, rows):
    holed = rows.assign(score=rows["score"].where(rows.index % 10 > 0))
    trial = read(holed, missing="drop")
    share = f"{(rows.index % 10 == 0).sum()} of {len(rows)} rows were dropped"
    assert any(share in note for note in trial.warnings)


def test_zones_of_several_strata_under_one_name_are_pointed_out(read, rows):
    shared = rows.assign(zone=rows["zone"].str[-1], block=rows["house"])
    trial = read(shared, strata="block")
    assert any("put the stratum into the name" in note for note in trial.warnings)
    assert not read(rows, strata="block").warnings


def test_an_effect_counts_the_two_arms_of_its_contrast(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=9)
    trial = read(rows)
    found = effect(
        trial, 2, estimator="x", estimand="unit", estimate=1.0, std_error=None, df=None,
        ci_low=0.0, ci_high=2.0, p_value=0.1, scale="difference", method="m", reference="r",
        warnings=["own"],
    )  # fmt: skip
    assert found.contrast == "poster vs control"
    assert found.n_clusters == {"control": 3, "poster": 3}
    sizes = rows["arm"].value_counts()
    assert found.n_units == {"control": sizes["control"], "poster": sizes["poster"]}
    assert found.warnings[-1] == "own"


def test_a_pair_of_arms_is_the_trial_without_the_others(read, trial_rows):
    rows = trial_rows(arms=("b", "control", "a"), clusters=12)
    rows["wave"] = 1
    rows = pd.concat([rows, rows.assign(wave=0, score=rows["score"] + 1)])
    settings = {"period": "wave", "baseline": "0", "strata": "block"}
    whole = read(rows, covariates=["income", "house"], control="control", **settings)
    for arm, label in ((1, "a"), (2, "b")):
        kept = rows[rows["arm"].isin(["control", label])]
        alone = read(kept, covariates=["income", "house"], control="control", **settings)
        pair = trial_of_pair(whole, arm)
        assert pair.arms == alone.arms == ("control", label)
        assert list(pair.arm) == list(alone.arm)
        assert pair.clusters.means == pytest.approx(alone.clusters.means)
        assert pair.baseline == pytest.approx(alone.baseline)
        assert pair.moments(block_dummies=True).xx == pytest.approx(
            alone.moments(block_dummies=True).xx
        )


def test_the_family_stays_that_of_all_arms(read, trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    rows.loc[rows["arm"] == "poster", "sorted"] += 3
    whole = read(rows, outcome="sorted")
    assert whole.family == "gaussian"
    assert trial_of_pair(whole, 1).family == "gaussian"


def test_clusters_of_both_arms_and_clusters_left_out_are_counted_as_they_are(read, rows):
    numbers = {
        "estimator": "x", "estimand": "unit", "estimate": 1.0, "std_error": None, "df": None,
        "ci_low": 0.0, "ci_high": 2.0, "p_value": 0.1, "scale": "difference", "method": "m",
        "reference": "r",
    }  # fmt: skip
    mixed = read(
        rows.assign(arm=np.where(rows.index % 2, "nudge", "control")), arms_within_clusters=True
    )
    assert effect(mixed, 1, **numbers).n_clusters_in_both == 8
    trial = read(rows)
    used = np.flatnonzero(trial.clusters.labels != "z02")
    found = effect(trial, 1, used=used, **numbers)
    assert sum(found.n_clusters.values()) == 7
    assert sum(found.n_units.values()) == (rows["zone"] != "z02").sum()
