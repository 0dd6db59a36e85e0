import xml.etree.ElementTree as ET

import numpy as np
import pytest

from experiments.analysis.analysis_figures import estimates_figure, figures
from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan

COLUMNS = {"outcome": "sorted", "arm": "arm", "cluster": "zone"}


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows()


def drawn(rows, **settings):
    return figures(analyze(rows, make_plan(**COLUMNS | settings)))


def test_each_outcome_scale_and_contrast_has_a_readable_figure(trial_rows):
    rows = trial_rows(arms=("control", "carte postale/été", "poster"), clusters=12)
    found = drawn(
        rows, outcome=["sorted", "visits"], estimators=["zone-t", "ols-cr2"], scales=["ratio"]
    )
    assert set(found) == {
        "effects-sorted-difference.svg", "effects-sorted-ratio.svg",
        "effects-visits-difference.svg", "effects-visits-ratio.svg",
        "influence-carte-postale-été-vs-control.svg", "influence-poster-vs-control.svg",
    }  # fmt: skip
    for svg in found.values():
        assert ET.fromstring(svg).tag.endswith("svg")


def test_the_same_data_give_the_same_bytes(rows):
    assert drawn(rows) == drawn(rows.sample(frac=1, random_state=1))


def lines(estimates):
    (axes,) = estimates_figure(estimates).axes
    return axes


def test_points_and_intervals_are_those_of_the_estimates(rows):
    plan = make_plan(**COLUMNS, estimators=["zone-t", "ols-cr2", "wild-webb"])
    estimates = list(analyze(rows, plan).estimates)
    axes = lines(estimates)
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        f"nudge vs control · {one.estimator}" for one in estimates
    ]
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2][1:]
    for bar, one in zip(bars, estimates, strict=True):
        assert list(bar) == pytest.approx([one.ci_low, one.ci_high])
    points = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in {"s", "o"}]
    assert points == pytest.approx([one.estimate for one in estimates])
    assert "95 % interval" in axes.get_xlabel()


@pytest.mark.parametrize(("scale", "null"), [("difference", 0), ("odds_ratio", 1), ("ratio", 1)])
def test_the_dashed_line_is_where_arms_do_not_differ(rows, scale, null):
    plan = make_plan(**COLUMNS, estimators="zone-t", scales=[scale])
    chosen = [one for one in analyze(rows, plan).estimates if one.scale == scale]
    (line,) = [line for line in lines(chosen).lines if line.get_linestyle() == "--"]
    assert line.get_xdata()[0] == null


@pytest.mark.parametrize("scale", ["number_needed_to_treat", "difference"])
def test_an_interval_without_bounds_ends_in_arrows(rows, scale):
    settings = {"estimators": "zone-t", "scales": [scale]}
    if scale == "difference":
        settings = {"estimators": "randomization", "pairs": "pair"}
    plan = make_plan(**COLUMNS, **settings)
    (one,) = [one for one in analyze(rows, plan).estimates if one.scale == scale]
    assert (one.ci_low, one.ci_high) == (-np.inf, np.inf)
    axes = lines([one])
    assert {line.get_marker() for line in axes.lines} >= {"<", ">"}
    assert np.isfinite(axes.get_xlim()).all()


def test_an_infinite_number_needed_to_treat_can_be_drawn(rows):
    shares = {"z00": 1, "z01": 1, "z02": 0, "z03": 0, "z04": 1, "z05": 0, "z06": 0, "z07": 1}
    equal = rows.assign(sorted=rows["zone"].map(shares))
    found = drawn(equal, estimators="zone-t", scales=["number_needed_to_treat"])
    assert "effects-sorted-number_needed_to_treat.svg" in found
