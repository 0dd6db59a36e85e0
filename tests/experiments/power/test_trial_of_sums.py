import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan
from experiments.power.design_draws import design_model, design_plan, draw_design
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome, OrdinalOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.trial_of_sums import (
    covariate_names,
    period_labels,
    trial_of_cells,
    trial_of_sums,
)

NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value")
NEEDS = {
    "zone-ancova": {"strata": "block"},
    "mantel-haenszel": {"strata": "block"},
    "mantel-haenszel-ratio": {"strata": "block"},
    "matched-pairs": {"pairs": "pair"},
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_sums_of_clusters_give_the_numbers_of_their_rows(trial_rows, name):
    rows = trial_rows(arms=("0", "1"))
    settings = NEEDS.get(name, {})
    plan = make_plan(
        outcome="sorted", arm="arm", cluster="zone", control="0", draws=199, **settings
    )
    (expected,) = analyze(rows, plan.model_copy(update={"estimators": (name,)})).estimates
    zones = rows.groupby("zone").agg(
        n=("sorted", "size"), y=("sorted", "sum"), arm=("arm", "first"), block=("block", "first"),
        pair=("pair", "first"),
    )  # fmt: skip
    block = None
    if settings:
        column = settings.get("strata") or settings["pairs"]
        block = zones[column].astype("category").cat.codes.to_numpy().astype(np.int64)
    trial = trial_of_sums(
        n=zones["n"].to_numpy(float),
        sum_y=zones["y"].to_numpy(float),
        sum_yy=zones["y"].to_numpy(float),
        arm=zones["arm"].astype(np.int8).to_numpy(),
        plan=plan,
        block=block,
    )
    found = CATALOGUE[name].estimate(trial)[0].effect
    for number in NUMBERS:
        one, other = getattr(found, number), getattr(expected, number)
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9), number
    assert (found.df is None) == (expected.df is None)
    assert (found.df or 0) == pytest.approx(expected.df or 0)
    assert found.contrast == expected.contrast == "1 vs 0"
    assert sum(found.n_units.values()) == len(rows)


def test_several_arms_and_means_are_kept():
    rng = np.random.default_rng(1)
    n = rng.integers(5, 20, 9).astype(float)
    y = rng.normal(size=9)
    trial = trial_of_sums(
        n=n,
        sum_y=n * y,
        sum_yy=n * y**2 + n,
        arm=np.array([0, 1, 2] * 3, dtype=np.int8),
        plan=make_plan(outcome="y", arm="a", cluster="c", control="0"),
    )
    assert trial.arms == ("0", "1", "2")
    assert trial.clusters.means == pytest.approx(y)
    assert trial.family == "gaussian"
    frame = pd.DataFrame({"y": y, "arm": [0, 1, 2] * 3})
    means = frame.groupby("arm")["y"].mean()
    found = CATALOGUE["zone-t"].estimate(trial)
    assert [one.effect.estimate for one in found] == pytest.approx(
        [means[1] - means[0], means[2] - means[0]]
    )


def expanded(cells, place):
    """Rows with the sums of the cells: shares as 0 and 1, others spread about their means."""
    rows = []
    for cluster, period, level in np.argwhere(cells.n[place] > 0):
        where = (place, cluster, period, level)
        n = int(cells.n[where])
        mean = cells.sum_y[where] / n
        square = max(cells.sum_yy[where] - n * mean**2, 0.0)
        # One unit above all others, so that counts stay positive.
        pattern = (np.arange(n) == 0) - 1 / n
        pattern = pattern / np.sqrt(pattern @ pattern) if n > 1 else pattern
        values = mean + np.sqrt(square) * pattern
        if np.isclose(square, n * mean * (1 - mean)):
            values = (np.arange(n) < round(n * mean)).astype(float)
        frame = pd.DataFrame({"y": values, "arm": str(cells.arm[place, cluster, period])})
        frame["cluster"] = f"zone {cluster:02d}"
        frame["period"] = period_labels(cells.n.shape[2])[period]
        frame["unit"] = cells.levels[level]
        for j, value in enumerate(cells.covariates[place, cluster], start=1):
            frame[f"cluster_{j}"] = value
        rows.append(frame)
    return pd.concat(rows).sample(frac=1, random_state=1)


CONTINUOUS, BINARY = ContinuousOutcome(), BinaryOutcome(level=0.3)
PARALLEL = {"effect": 0.2, "clusters": 6, "units": 12, "icc": 0.1, "cv": 0.4}
WAVES = {"waves": 2, "baseline_waves": 2, "cluster_autocorrelation": 0.7}
COVARIATES = {"covariates": 1, "cluster_r2": 0.4, "unit_r2": 0.2}
WEDGE = {"effect": 0.2, "clusters": 3, "units": 10, "icc": 0.1,
         "sequences": ("0.111", "00.11", "000.1")}  # fmt: skip
ROW_LEVEL = ("ols-cr2", "ols-cr3", "gee-md", "gee-kc", "wild-webb")
DESIGNS = {
    "one wave": (ParallelDesign(outcome=BINARY, **PARALLEL), ("zone-t", "gee-md", "mixed-logit")),
    "several arms": (ParallelDesign(outcome=CONTINUOUS, arms=3, **PARALLEL), ("zone-welch",)),
    "waves": (
        ParallelDesign(outcome=CONTINUOUS, **PARALLEL, **WAVES),
        ("zone-t", "zone-ancova", "randomization", "ols-cr2", "gee-md"),
    ),
    "waves of shares": (
        ParallelDesign(outcome=BINARY, **PARALLEL, **WAVES),
        ("zone-ancova", "gee-md"),
    ),
    "cohort": (
        ParallelDesign(outcome=CONTINUOUS, **PARALLEL, **WAVES, individual_autocorrelation=0.5),
        ("zone-ancova",),
    ),
    "covariates": (
        ParallelDesign(outcome=CONTINUOUS, **PARALLEL, **COVARIATES),
        ("zone-t", "zone-ancova", "randomization", "ols-cr2", "gee-md", "wild-webb"),
    ),
    "covariates of shares": (
        ParallelDesign(outcome=BINARY, **PARALLEL, **COVARIATES),
        ("zone-welch", "ols-cr2", "gee-md", "mixed-logit"),
    ),
    "counts": (
        ParallelDesign(
            outcome=CountOutcome(level=2.0, exposure=3.0, dispersion=1.5), **PARALLEL, **WAVES
        ),
        ("zone-ancova", "gee-md"),
    ),
    "scores": (
        ParallelDesign(outcome=OrdinalOutcome(probabilities=(0.2, 0.5, 0.3)), **PARALLEL),
        ("zone-t", "gee-md"),
    ),
    "wedge": (SteppedWedgeDesign(outcome=CONTINUOUS, **WEDGE, cv=0.3), ROW_LEVEL),
    "wedge of shares": (
        SteppedWedgeDesign(outcome=BINARY, **WEDGE),
        (*ROW_LEVEL, "mixed-logit"),
    ),
    "wedge cohort": (
        SteppedWedgeDesign(
            outcome=CountOutcome(level=2.0), **WEDGE, individual_autocorrelation=0.4
        ),
        ("ols-cr2", "gee-kc"),
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_cells_of_every_design_give_the_numbers_of_their_rows(name):
    design, estimators = DESIGNS[name]
    model = design_model(design)
    cells = draw_design(model, n_trials=2, rng=np.random.default_rng(1))
    plan = design_plan(model, draws=199, seed=1)
    trial, rows = trial_of_cells(cells, 1, plan), expanded(cells, 1)
    for estimator in estimators:
        asked = plan.model_copy(update={"estimators": (estimator,), "influence": False})
        expected = analyze(rows, asked).estimates
        found = [one.effect for one in CATALOGUE[estimator].estimate(trial)]
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            for number in NUMBERS:
                assert getattr(one, number) == pytest.approx(
                    getattr(other, number), rel=1e-6, abs=1e-9
                ), (estimator, number)
            assert (one.df is None) == (other.df is None)
            assert (one.df or 0) == pytest.approx(other.df or 0, rel=1e-6)
            assert one.scale == other.scale
            assert one.method == other.method
            assert one.warnings == other.warnings


def test_periods_stay_apart_only_where_the_plan_names_them():
    design, _ = DESIGNS["waves"]
    model = design_model(design)
    cells = draw_design(model, n_trials=1, rng=np.random.default_rng(1))
    trial = trial_of_cells(cells, 0, design_plan(model, draws=99, seed=1))
    before = cells.sum_y[0, :, :2, 0].sum(axis=1) / cells.n[0, :, :2, 0].sum(axis=1)
    assert trial.baseline == pytest.approx(before)
    assert trial.clusters.n == pytest.approx(cells.n[0, :, 2:, 0].sum(axis=1))
    pooled = trial_of_cells(cells, 0, make_plan(outcome="y", arm="a", cluster="c", control="0"))
    assert len(pooled.table.n) == 12
    assert pooled.clusters.n == pytest.approx(cells.n[0].sum(axis=(1, 2)))


def test_labels_of_periods_sort_in_time():
    assert period_labels(2) == ("period 1", "period 2")
    assert sorted(period_labels(11)) == list(period_labels(11))
    assert covariate_names(2, of_units=True) == ("cluster_1", "cluster_2", "unit")
    assert covariate_names(0, of_units=False) == ()


def test_rows_are_sorted_by_cluster_arm_and_period_whatever_the_schedule():
    design = SteppedWedgeDesign(
        outcome=CONTINUOUS, **WEDGE | {"sequences": ("0110", "1001", "0011")}
    )
    model = design_model(design)
    cells = draw_design(model, n_trials=1, rng=np.random.default_rng(1))
    table = trial_of_cells(cells, 0, design_plan(model, draws=99, seed=1)).table
    order = np.lexsort([table.factors["period"], table.arm, table.cluster])
    assert np.array_equal(order, np.arange(len(table.n)))
