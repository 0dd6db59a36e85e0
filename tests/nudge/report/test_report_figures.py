import re

import pytest

from nudge.report.figures import IntervalRow, Series, interval_figure, wave_figure


def row(**changes):
    fields = {"label": "Carte", "text": "+7,0", "estimate": 7.0, "low": 2.0, "high": 12.0}
    return IntervalRow(**{**fields, **changes})


def width_of(svg):
    return float(re.search(r'width="([\d.]+)pt"', svg)[1])


@pytest.mark.parametrize("simulation", [True, False])
def test_a_figure_stays_legible_on_a_phone(simulation):
    svg = interval_figure([row()], axis_label="Écart (points)", simulation=simulation)
    # 328 pixels shown: the 10 points of the text must stay above 10 pixels.
    assert 10 * 328 / width_of(svg) > 10


def test_equal_data_give_equal_figures_and_simulation_shows():
    real, again, simulated = (
        interval_figure([row()], axis_label="Écart", simulation=simulated)
        for simulated in (False, False, True)
    )
    assert real == again
    assert "SIMULATION" in simulated.replace("<!-- ", "").replace(" -->", "")
    assert "SIMULATION" not in real


def test_ends_without_bound_and_missing_waves_are_drawn():
    open_ended = row(low=float("-inf"), high=float("inf"))
    assert "<svg" in interval_figure([open_ended], axis_label="Écart", simulation=False)
    gap = Series(label="Témoin", values=(60.0, float("nan"), 62.0))
    assert "<svg" in wave_figure(
        [gap], waves=["a", "b", "c"], axis_label="Niveau (%)", simulation=False, start=1
    )


def test_better_is_on_the_side_where_the_outcome_improves():
    higher, lower = (
        interval_figure([row()], axis_label="Écart", simulation=False, higher_is_better=better)
        for better in (True, False)
    )
    assert "<!-- mieux → -->" in higher
    assert "<!-- ← mieux -->" in lower


def test_axes_use_decimal_commas():
    svg = wave_figure(
        [Series(label="a", values=(0.10, 0.25))], waves=["x", "y"], axis_label="m³",
        simulation=False,
    )  # fmt: skip
    assert re.search(r"<!-- 0,1\d? -->", svg)
    assert not re.search(r"<!-- \d\.\d+ -->", svg)
