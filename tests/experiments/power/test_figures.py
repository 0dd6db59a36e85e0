import itertools

import pytest

from experiments.power.curves import power_curve
from experiments.power.figures import STYLES, power_figure
from experiments.power.outcome import BinaryOutcome
from experiments.power.parallel import ParallelDesign
from experiments.svg import figure_svg

DESIGN = ParallelDesign(
    outcome=BinaryOutcome(level=0.25), effect=0.1, clusters=10, units=25, icc=0.05
)


def axes_of(**settings):
    curve = power_curve(DESIGN, along="effect", iccs=[0.02, 0.05, 0.1])
    return power_figure(curve, **settings).axes[0]


def test_axes_name_quantity_and_unit():
    axes = axes_of(unit="points", scale=100, mark=0.1)
    assert axes.get_xlabel() == "Effect (points)"
    assert axes.get_ylabel() == "Power (%)"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "ICC 0.02", "ICC 0.05", "ICC 0.1"
    ]  # fmt: skip
    assert max(axes.lines[0].get_xdata()) > 10


def test_curves_differ_in_dashes_markers_and_lightness():
    lines = axes_of().lines[:3]
    assert len({line.get_linestyle() for line in lines}) == 3
    assert len({line.get_marker() for line in lines}) == 3
    channels = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour, _, _ in STYLES]
    lightness = [0.30 * r + 0.59 * g + 0.11 * b for r, g, b in channels]
    gaps = [abs(a - b) for a, b in itertools.combinations(lightness, 2)]
    assert min(gaps) >= 10


def test_a_curve_along_the_icc_has_one_line_and_no_legend():
    axes = power_figure(power_curve(DESIGN, along="icc"), label="Correlation").axes[0]
    assert axes.get_legend() is None
    assert axes.get_xlabel() == "Correlation"


def test_equal_curves_give_equal_files():
    curve = power_curve(DESIGN, along="units")
    first, second = (figure_svg(power_figure(curve)) for _ in range(2))
    assert first == second
    assert first.startswith("<svg")


def test_the_target_is_written_out():
    texts = [text.get_text() for text in axes_of(target=0.9).texts]
    assert texts == [pytest.approx("target 90 %")]
