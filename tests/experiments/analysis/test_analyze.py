import itertools

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.analysis.analyze import analyze
from experiments.analysis.findings import findings
from experiments.analysis.plan import make_plan
from experiments.analysis.randomisation_inference import randomisation_test
from experiments.analysis.trial_analysis import estimates_frame, estimates_records
from experiments.design.allocation_set import load
from experiments.design.draw import draw
from experiments.design.draw_folder import write_draw
from experiments.design.trial_design import TrialDesign
from experiments.errors import AssumptionError, InputError

COLUMNS = {"outcome": "score", "arm": "arm", "cluster": "zone"}
ADJUSTED = {"strata": "block", "covariates": ["income", "house"]}
SHARES = {"outcome": "sorted", "covariates": ["house"]}
CASES = {
    "zone-t": {},
    "zone-welch": ADJUSTED,
    "zone-weighted": {"estimand": "unit"},
    "zone-ancova": {"covariates": ["income", "house"]},
    "matched-pairs": {"pairs": "pair"},
    "randomization": {"strata": "block"},
    "ols-cr2": ADJUSTED,
    "ols-cr3": ADJUSTED,
    "wild-webb": ADJUSTED,
    "wild-rademacher": ADJUSTED,
    "gee-md": SHARES,
    "gee-kc": SHARES,
    "gee-fg": {"outcome": "visits", "family": "poisson"},
    "mixed-logit": SHARES,
    "mantel-haenszel": {"outcome": "sorted", "strata": "block"},
}
NUMBERS = ("estimate", "std_error", "df", "ci_low", "ci_high", "p_value")
# Iterative fits and inverted intervals stop at about this much.
CLOSE = {"rel": 1e-6, "abs": 1e-7, "nan_ok": True}


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows()


def effects(rows, estimator, **changes):
    """Effects of one estimator in its case, as rows of numbers."""
    settings = CASES[estimator] | {"estimators": estimator, "draws": 399} | changes
    plan = make_plan(**COLUMNS | settings)
    return [numbers(one) for one in analyze(rows, plan).estimates]


def numbers(one):
    found = [getattr(one, name) for name in NUMBERS]
    return np.array([np.nan if value is None else value for value in found])


@pytest.mark.parametrize("estimator", CASES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=2, deadline=None)
def test_the_order_of_rows_does_not_matter(rows, estimator, seed):
    (here,) = effects(rows, estimator)
    (there,) = effects(rows.sample(frac=1, random_state=np.random.default_rng(seed)), estimator)
    assert there == pytest.approx(here, **CLOSE)


@pytest.mark.parametrize("estimator", CASES)
@given(order=st.permutations(range(8)))
@settings(max_examples=2, deadline=None)
def test_the_names_of_clusters_do_not_matter(rows, estimator, order):
    names = {f"z{old:02d}": f"town {new}" for old, new in enumerate(order)}
    (here,) = effects(rows, estimator)
    (there,) = effects(rows.assign(zone=rows["zone"].map(names)), estimator)
    # Webb's weights are sampled zone by zone, so that p moves within its Monte Carlo error, 0.025.
    exact = slice(0, 2) if estimator == "wild-webb" else slice(None)
    assert there[exact] == pytest.approx(here[exact], **CLOSE)
    assert there[5] == pytest.approx(here[5], abs=0.1)


@pytest.mark.parametrize("estimator", CASES)
def test_swapping_arms_mirrors_the_effect_and_its_interval(rows, estimator):
    (here,) = effects(rows, estimator, control="control")
    (there,) = effects(rows, estimator, control="nudge")
    mirrored = [-there[0], there[1], there[2], -there[4], -there[3], there[5]]
    if estimator == "gee-fg":
        # Fay and Graubard correct each coefficient's own leverage, which the coding changes.
        assert mirrored[0] == pytest.approx(here[0])
        return
    loose = {"rel": 1e-4, "abs": 1e-4, "nan_ok": True}
    assert mirrored == pytest.approx(here, **loose if estimator.startswith("wild") else CLOSE)


@pytest.mark.parametrize("estimator", CASES)
def test_every_container_gives_the_same_numbers(rows, estimator, tmp_path):
    path = tmp_path / "rows.parquet"
    rows.to_parquet(path)
    arrow = pa.Table.from_pandas(rows, preserve_index=False)
    connection = duckdb.connect()
    containers = [arrow, pl.from_arrow(arrow).lazy(), connection.from_arrow(arrow), path]
    (expected,) = effects(rows, estimator)
    for data in containers:
        assert effects(data, estimator)[0] == pytest.approx(expected, **CLOSE), type(data)


def test_the_fingerprint_is_that_of_the_data_not_of_their_container(rows, tmp_path):
    plan = make_plan(**COLUMNS, estimators="zone-t")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    prints = {
        analyze(data, plan).fingerprint
        for data in (rows, rows[::-1], pl.from_pandas(rows), tmp_path / "rows.csv")
    }
    assert len(prints) == 1
    other = rows.assign(score=rows["score"].where(rows.index != 3, 0))
    assert analyze(other, plan).fingerprint not in prints


def test_the_same_seed_gives_the_same_numbers(rows):
    draws = {"draws": 199, "seed": 5}
    first, again = (effects(rows, "wild-webb", **draws)[0] for _ in range(2))
    assert np.array_equal(first, again, equal_nan=True)
    other = effects(rows, "wild-webb", draws=199, seed=6)[0]
    assert other[5] != first[5]


def test_estimates_come_by_outcome_then_estimator_then_arm_then_scale(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    plan = make_plan(
        outcome=["sorted", "visits"],
        arm="arm",
        cluster="zone",
        estimators=["zone-t", "ols-cr2"],
        scales=["ratio"],
    )
    found = analyze(rows, plan)
    order = [(one.outcome, one.estimator, one.contrast, one.scale) for one in found.estimates]
    assert order == list(
        itertools.product(
            ["sorted", "visits"],
            ["zone-t", "ols-cr2"],
            ["letter vs control", "poster vs control"],
            ["difference", "ratio"],
        )
    )
    frame = estimates_frame(found)
    assert list(frame["estimate"]) == [one.estimate for one in found.estimates]
    assert frame["n_clusters"].eq(8).all()


def test_records_hold_nothing_that_json_cannot(rows):
    found = analyze(rows, make_plan(**COLUMNS, estimators="randomization", pairs="pair"))
    (record,) = estimates_records(found)
    # Four pairs give sixteen allocations: no effect however large can be excluded.
    assert (record["ci_low"], record["ci_high"]) == (None, None)
    assert any("no bounds" in note for note in record["warnings"])


def test_recommended_may_stand_beside_named_estimators(rows):
    plan = make_plan(**COLUMNS, estimators=["recommended", "wild-webb", "zone-t"])
    names = [one.estimator for one in analyze(rows, plan).estimates]
    assert names == ["zone-t", "randomization", "ols-cr2", "wild-webb"]


def test_an_outcome_without_variation_inside_arms_can_still_be_permuted(rows):
    constant = rows.assign(score=(rows["arm"] == "nudge").astype(float))
    with pytest.raises(AssumptionError):
        analyze(constant, make_plan(**COLUMNS))
    plan = make_plan(**COLUMNS, estimators="randomization")
    (one,) = analyze(constant, plan).estimates
    assert one.p_value == pytest.approx(2 / 70)


def test_contrasts_fitted_pairwise_are_those_of_the_two_arms_alone(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    settings = COLUMNS | ADJUSTED | {"estimators": ["ols-cr2", "zone-welch"]}
    both = analyze(rows, make_plan(**settings, pairwise=True)).estimates
    for label in ("letter", "poster"):
        alone = analyze(rows[rows["arm"].isin(["control", label])], make_plan(**settings))
        for one in alone.estimates:
            (same,) = [
                other
                for other in both
                if (other.contrast, other.estimator) == (one.contrast, one.estimator)
            ]
            assert numbers(same) == pytest.approx(numbers(one), rel=1e-9)
    joint = analyze(rows, make_plan(**settings)).estimates
    assert joint[0].estimate != pytest.approx(both[0].estimate, rel=1e-6)


def test_arms_that_share_no_stratum_are_compared_through_a_third_by_a_joint_model(trial_rows):
    rows = trial_rows(arms=("control", "letter", "nudge", "letter"), clusters=16)
    east = rows["arm"].eq("control") | (rows["zone"] < "z08") & rows["arm"].eq("letter")
    rows = rows.assign(block=np.where(east, "east", "west"))
    found = analyze(rows, make_plan(**COLUMNS, strata="block", estimators="ols-cr2"))
    means = rows.groupby(["block", "arm"])["score"].mean()
    through = means["west", "nudge"] - means["west", "letter"]
    through += means["east", "letter"] - means["east", "control"]
    estimates = {one.contrast: one.estimate for one in found.estimates}
    assert estimates["nudge vs control"] == pytest.approx(through)
    with pytest.raises(AssumptionError, match="use ols-cr2, which compares them through"):
        analyze(rows, make_plan(**COLUMNS, strata="block", estimators="zone-t"))


def test_the_sample_ratio_compares_clusters_with_the_planned_ones(trial_rows):
    rows = trial_rows(clusters=12, arms=("control", "nudge", "nudge"))
    found = analyze(rows, make_plan(**COLUMNS, ratios={"control": 1, "nudge": 2})).sample_ratio
    assert found.clusters == (4, 8)
    assert found.expected_clusters == pytest.approx((4, 8))
    assert found.p_clusters == pytest.approx(1)
    with pytest.raises(InputError, match="ratios: nudg does not occur in column 'arm'"):
        analyze(rows, make_plan(**COLUMNS, ratios={"nudg": 2}))


def test_equivalence_uses_the_first_difference_of_each_contrast(trial_rows):
    rows = trial_rows(arms=("control", "letter", "poster"), clusters=12)
    names = ["randomization", "zone-welch", "ols-cr2"]
    plan = make_plan(**COLUMNS, estimators=names, margin={"lower": -4, "upper": 5}, level=0.9)
    found = analyze(rows, plan)
    assert set(found.equivalence) == {
        "score: letter vs control (zone-welch)",
        "score: poster vs control (zone-welch)",
    }
    welch = {one.contrast: one for one in found.estimates if one.estimator == "zone-welch"}
    for key, test in found.equivalence.items():
        one = welch[key.removeprefix("score: ").removesuffix(" (zone-welch)")]
        assert test.estimate == one.estimate
        # A test at 10 % has the 80 % interval.
        assert test.level == pytest.approx(0.8)
        assert (test.lower, test.upper) == (-4, 5)
        assert one.ci_low < test.ci_low < test.ci_high < one.ci_high
        assert (test.p_value <= 0.1) == (test.ci_low >= -4 and test.ci_high <= 5)


def test_non_inferiority_is_one_sided_and_follows_the_direction_of_the_outcome(rows):
    declared = COLUMNS | {"estimators": ["zone-t"], "non_inferiority": 1.0}
    (estimate,) = analyze(rows, make_plan(**declared)).estimates
    for higher in (True, False):
        found = analyze(rows, make_plan(**declared, higher_is_better=higher))
        ((key, test),) = found.non_inferiority.items()
        assert key == "score: nudge vs control (zone-t)"
        gain = estimate.estimate if higher else -estimate.estimate
        p = stats.t.sf((gain + 1.0) / estimate.std_error, estimate.df)
        assert test.p_value == pytest.approx(p)
        assert any("non-inferiority" in sentence for sentence in findings(found))


def test_a_baseline_is_adjusted_for_by_zone_estimators_and_its_neglect_is_said(rows, two_waves):
    both = two_waves(rows, rows["score"] + np.random.default_rng(2).normal(size=len(rows)))
    names = ["zone-ancova", "zone-t", "ols-cr2", "gee-md", "wild-webb"]
    plan = make_plan(**COLUMNS, estimators=names, period="wave", baseline="0", unit="unit")
    found = {one.estimator: one for one in analyze(both, plan).estimates}
    means = both.groupby(["wave", "zone"])["score"].mean()
    arm = rows.groupby("zone")["arm"].first().eq("nudge").to_numpy(dtype=float)
    x = np.column_stack([np.ones(8), arm, means["0"]])
    y = means["1"].to_numpy()
    slopes, rest = np.linalg.lstsq(x, y)[:2]
    error = np.sqrt(rest[0] / 5 * np.linalg.inv(x.T @ x)[1, 1])
    assert found["zone-ancova"].estimate == pytest.approx(slopes[1])
    assert found["zone-ancova"].std_error == pytest.approx(error)
    assert found["zone-ancova"].df == 5
    assert "the baseline" in found["zone-t"].method
    assert found["zone-t"].df == 5
    for name in ("ols-cr2", "gee-md", "wild-webb"):
        assert any("baseline is not adjusted for" in note for note in found[name].warnings)
    assert not any("baseline" in note for note in found["zone-ancova"].warnings)


def declared(folder, *, arms, clusters, keep=0.3, seed=4):
    """Draw folder of a constrained design, and rows that follow its draw."""
    design = TrialDesign(
        name="Stickers",
        cluster="zone",
        arms=list(arms),
        seed=seed,
        constraint={"covariates": ["income"], "keep": keep},
    )
    zones = pd.DataFrame(
        {
            "zone": [f"Z{place}" for place in range(clusters)],
            "income": [str(20 + place * place % 11) for place in range(clusters)],
        }
    )
    drawn = draw(design, zones)
    write_draw(drawn, folder)
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"zone": np.repeat(zones["zone"], 6)})
    rows["arm"] = rows["zone"].map(drawn.allocation)
    rows["score"] = rng.normal(size=len(rows)) + np.repeat(rng.normal(size=clusters), 6)
    return rows


def welch(y, treated):
    """Welch's t of the treated rows of a boolean matrix, shape (A,)."""
    n1, n0 = treated.sum(axis=1), (~treated).sum(axis=1)
    m1, m0 = treated @ y / n1, ~treated @ y / n0
    v1 = (treated @ y**2 - n1 * m1**2) / (n1 - 1) / n1
    v0 = (~treated @ y**2 - n0 * m0**2) / (n0 - 1) / n0
    return (m1 - m0) / np.sqrt(v1 + v0)


def test_a_declared_draw_is_permuted_over_its_own_allocations_only(tmp_path):
    rows = declared(tmp_path / "draw", arms=("control", "nudge"), clusters=10)
    plan = make_plan(**COLUMNS, estimators="randomization", design=tmp_path / "draw")
    (one,) = analyze(rows.sample(frac=1, random_state=1), plan).estimates
    allowed = load(tmp_path / "draw" / "allocations.npz")
    zones = rows.groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    y = zones.loc[list(allowed.clusters), "score"].to_numpy()
    t = welch(y, allowed.allocations == 1)
    drawn = (zones.loc[list(allowed.clusters), "arm"] == "nudge").to_numpy()
    observed = welch(y, drawn[None])[0]
    assert len(t) < 252
    assert one.p_value == pytest.approx(np.mean(np.abs(t) >= abs(observed) - 1e-9))
    assert one.extra["n_allocations"] == len(t)
    assert not any("no draw was declared" in note for note in one.warnings)
    free = analyze(rows, make_plan(**COLUMNS, estimators="randomization")).estimates[0]
    assert free.p_value != pytest.approx(one.p_value)


def test_several_arms_are_compared_with_the_others_held_where_they_were_drawn(tmp_path):
    rows = declared(tmp_path / "draw", arms=("control", "letter", "poster"), clusters=9)
    plan = make_plan(**COLUMNS, estimators="randomization", design=tmp_path / "draw")
    allowed = load(tmp_path / "draw" / "allocations.npz")
    zones = rows.groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    zones = zones.loc[list(allowed.clusters)]
    observed = zones["arm"].map(allowed.arms.index).to_numpy()
    for one, arm in zip(analyze(rows, plan).estimates, (1, 2), strict=True):
        third = 3 - arm
        agree = ((allowed.allocations == third) == (observed == third)).all(axis=1)
        held = observed != third
        t = welch(zones["score"].to_numpy()[held], allowed.allocations[agree][:, held] == arm)
        mine = welch(zones["score"].to_numpy()[held], (observed[held] == arm)[None])[0]
        assert one.contrast == f"{allowed.arms[arm]} vs control"
        assert one.extra["n_allocations"] == agree.sum() < 20
        assert one.p_value == pytest.approx(np.mean(np.abs(t) >= abs(mine) - 1e-9))


def test_a_sampled_draw_of_several_arms_is_drawn_afresh_from_its_rules(tmp_path):
    rows = declared(tmp_path / "draw", arms=("control", "letter", "poster"), clusters=21)
    plan = make_plan(**COLUMNS, estimators="randomization", design=tmp_path / "draw", draws=499)
    found = analyze(rows, plan).estimates
    assert [one.contrast for one in found] == ["letter vs control", "poster vs control"]
    for one in found:
        assert 400 <= one.extra["n_allocations"] <= 3432
        assert 0 < one.p_value <= 1


def test_clusters_and_arms_that_differ_from_the_draw_are_named(tmp_path):
    folder = tmp_path / "draw"
    rows = declared(folder, arms=("control", "nudge"), clusters=10)
    plan = make_plan(**COLUMNS, design=folder)
    other = rows.assign(zone=rows["zone"].replace("Z3", "Z33"))
    with pytest.raises(
        InputError, match="Z33 in the data but not in the draw; Z3 in the draw but not in the data"
    ):
        analyze(other, plan)
    with pytest.raises(InputError, match="arms are control, nudge, but column 'arm' holds"):
        analyze(rows.assign(arm=rows["arm"].replace("nudge", "letter")), plan)
    with pytest.raises(InputError, match="No such file"):
        analyze(rows, make_plan(**COLUMNS, design=tmp_path / "nowhere"))


def test_arms_that_the_draw_cannot_have_given_are_named_for_every_estimator(tmp_path):
    folder = tmp_path / "draw"
    rows = declared(folder, arms=("control", "nudge"), clusters=10)
    allowed = {tuple(row) for row in load(folder / "allocations.npz").allocations.tolist()}
    arm = rows.groupby("zone")["arm"].first()
    codes = arm.eq("nudge").astype(int).to_numpy()
    swaps = (
        (first, second)
        for first, second in itertools.combinations(range(10), 2)
        if codes[first] != codes[second]
    )
    for first, second in swaps:
        changed = codes.copy()
        changed[[first, second]] = codes[[second, first]]
        if tuple(changed) not in allowed:
            break
    swapped = dict(zip(arm.index, np.where(changed, "nudge", "control"), strict=True))
    wrong = rows.assign(arm=rows["zone"].map(swapped))
    for estimator in ("ols-cr2", "randomization"):
        plan = make_plan(**COLUMNS, design=folder, estimators=estimator)
        with pytest.raises(AssumptionError, match="not an allocation that this draw admits") as why:
            analyze(wrong, plan)
        assert "the nearest one differs at Z" in str(why.value)


def test_a_randomisation_interval_holds_the_effects_that_its_test_does_not_reject(rows):
    (one,) = analyze(rows, make_plan(**COLUMNS, estimators="randomization")).estimates
    zones = rows.groupby("zone").agg(score=("score", "mean"), arm=("arm", "first"))
    treated = zones["arm"].eq("nudge").to_numpy().astype(np.int8)
    every = np.array(
        [np.isin(np.arange(8), chosen) for chosen in itertools.combinations(range(8), 4)],
        dtype=np.int8,
    )
    for value, inside in ((one.ci_low, 0.01), (one.ci_high, -0.01)):
        p = [
            randomisation_test(
                zones["score"] - treated * (value + shift), treated, every, arm=1, control=0,
                enumerated=True, interval=False,
            ).p_value
            for shift in (inside, -inside)
        ]  # fmt: skip
        assert p[0] > 0.05 >= p[1]


def test_a_cluster_with_rows_in_both_arms_counts_once(rows):
    mixed = rows.assign(arm=np.where(rows.index % 2, "nudge", "control"))
    plan = make_plan(**COLUMNS, estimators="ols-cr2", arms_within_clusters=True)
    record = estimates_records(analyze(mixed, plan))[0]
    assert record["n_clusters"] == rows["zone"].nunique()
    assert record["n_clusters_by_arm"] == {"control": 8, "nudge": 8}
