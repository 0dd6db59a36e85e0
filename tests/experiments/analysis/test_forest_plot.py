import xml.etree.ElementTree as ET
from math import inf

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Polygon

from experiments.analysis.forest_plot import (
    BLUE,
    VERMILION,
    ForestRow,
    ForestSummary,
    forest_plot,
    forest_rows,
    forest_summary,
    forest_svg,
)
from experiments.analysis.meta_analysis import meta_analyse
from experiments.errors import InputError

EFFECTS, VARIANCES = np.array([0.12, -0.31, 0.05, 0.44]), np.array([0.010, 0.022, 0.008, 0.060])
LABELS = ["Caen 2024", "Caen 2025", "Bayeux <b> & co", "Lisieux"]


def drawn(**settings):
    pooled = meta_analyse(EFFECTS, VARIANCES)
    rows = forest_rows(LABELS, EFFECTS, VARIANCES, pooled)
    settings = {"axis_label": "Difference (points)", "summary": forest_summary(pooled)} | settings
    return forest_plot(rows, **settings), pooled, rows


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_squares_the_diamond_and_the_prediction_stand_where_the_numbers_say():
    figure, pooled, rows = drawn()
    axes = figure.axes[0]
    squares = np.array([marks.get_offsets()[0] for marks in axes.collections])
    assert squares[:, 0] == pytest.approx([row.estimate for row in rows])
    assert squares[:, 1] == pytest.approx(np.arange(4))
    diamond = next(patch for patch in axes.patches if isinstance(patch, Polygon))
    corners = diamond.get_xy()
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx(
        (pooled.ci_low, pooled.ci_high)
    )
    whiskers = [line.get_xdata() for line in axes.lines if set(line.get_ydata()) == {5}]
    assert any(
        ends == pytest.approx([pooled.prediction_low, pooled.prediction_high]) for ends in whiskers
    )
    low, high = axes.get_xlim()
    assert low < pooled.prediction_low
    assert high > pooled.prediction_high


def test_a_heavier_trial_has_a_larger_square():
    figure, _, rows = drawn()
    areas = [marks.get_sizes()[0] for marks in figure.axes[0].collections]
    assert np.array_equal(np.argsort(areas), np.argsort([row.weight for row in rows]))


def test_the_table_and_the_axis_are_labelled():
    figure, _, _ = drawn()
    axes = figure.axes[0]
    assert axes.get_xlabel() == "Difference (points)"
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [*LABELS, "Mean effect", "A new trial"]
    assert {"Effect [interval]", "Weight", "0.12", "\N{MINUS SIGN}0.31"} <= set(texts(figure))
    assert "[\N{MINUS SIGN}0.08; 0.32]" in texts(figure)
    assert sum(text.endswith(" %") for text in texts(figure)) == 4


def test_the_numbers_may_be_written_in_french():
    figure, _, _ = drawn(
        number_format=lambda value: f"{value:.1f}".replace(".", ","),
        headers=("Effet [intervalle]", "Poids"),
    )
    assert {"0,1", "Effet [intervalle]", "Poids"} <= set(texts(figure))


def test_trial_and_mean_differ_in_shape_and_in_grey():
    figure, _, _ = drawn()
    axes = figure.axes[0]
    diamond = next(patch for patch in axes.patches if isinstance(patch, Polygon))
    assert to_hex(diamond.get_facecolor()).upper() == VERMILION
    assert to_hex(axes.collections[0].get_facecolor()[0]).upper() == BLUE
    grey = [np.dot(to_rgb(colour), [0.299, 0.587, 0.114]) for colour in (BLUE, VERMILION)]
    assert abs(grey[0] - grey[1]) > 0.05


def test_ratios_stand_on_a_log_axis():
    pooled = meta_analyse(EFFECTS, VARIANCES)
    rows = forest_rows(LABELS, EFFECTS, VARIANCES, pooled, exponentiate=True)
    figure = forest_plot(
        rows, axis_label="Risk ratio", no_effect=1, log_axis=True,
        summary=forest_summary(pooled, exponentiate=True),
    )  # fmt: skip
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert rows[0].estimate == pytest.approx(np.exp(0.12))
    assert axes.get_xlim()[0] > 0


def test_what_lies_beyond_the_axis_is_an_arrow():
    rows = [
        ForestRow(label="open", estimate=0.1, ci_low=-inf, ci_high=inf),
        ForestRow(label="wide", estimate=0.1, ci_low=-5, ci_high=0.2),
        ForestRow(label="inside", estimate=0.1, ci_low=0, ci_high=0.2),
    ]
    summary = ForestSummary(
        label="mean", estimate=0.1, ci_low=-9, ci_high=0.2, prediction=("new", -inf, inf)
    )
    figure = forest_plot(rows, axis_label="points", limits=(-0.5, 0.5), summary=summary)
    arrows = [
        (line.get_marker(), line.get_ydata()[0])
        for line in figure.axes[0].lines
        if line.get_marker() in {"<", ">"}
    ]
    assert arrows == [("<", 0), (">", 0), ("<", 1), ("<", 3), ("<", 4), (">", 4)]
    assert "[\N{MINUS SIGN}∞; ∞]" in texts(figure)
    # Without weights there is no column of weights.
    assert "Weight" not in texts(figure)


def test_the_svg_is_well_formed_described_and_repeatable():
    one, two = (forest_svg(drawn()[0], description='Effects "all" & <mean>') for _ in range(2))
    assert one == two
    root = ET.fromstring(one)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Effects "all" & <mean>'
    assert root[0].text == 'Effects "all" & <mean>'
    assert BLUE.lower() in one
    assert VERMILION.lower() in one
    assert "<metadata>" not in one


@pytest.mark.parametrize(
    ("row", "settings", "named"),
    [
        (None, {}, "no effect to draw"),
        ({"estimate": inf, "ci_low": 0, "ci_high": inf}, {}, "'a'"),
        ({"estimate": 5, "ci_low": 8, "ci_high": 20}, {}, "no interval"),
        ({"estimate": -1, "ci_low": -2, "ci_high": 2}, {"log_axis": True}, "log axis"),
    ],
)
def test_refuses_what_it_cannot_draw(row, settings, named):
    rows = [] if row is None else [ForestRow(label="a", **row)]
    with pytest.raises(InputError, match=named):
        forest_plot(rows, axis_label="points", **settings)


def test_refuses_labels_that_do_not_match():
    pooled = meta_analyse(EFFECTS, VARIANCES)
    with pytest.raises(InputError, match="3 labels"):
        forest_rows(LABELS[:3], EFFECTS, VARIANCES, pooled)
