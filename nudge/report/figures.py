"""Figures of a report: intervals, and levels or effects by wave; legible on a telephone."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.svg import figure_svg
from nudge.french.numbers import decimal_comma
from nudge.report.wording import wave_title

# Okabe-Ito colours, each with its own marker and line, so that grey prints keep them apart.
STYLES = (
    ("#000000", "o", "-"),
    ("#0072B2", "s", "--"),
    ("#D55E00", "^", "-."),
    ("#009E73", "D", ":"),
    ("#CC79A7", "v", "-"),
    ("#56B4E9", "P", "--"),
    ("#E69F00", "X", "-."),
    ("#595959", "*", ":"),
)
BLUE, GREY, DARK = "#0072B2", "#595959", "#1a1a1a"
# Shown at 328 pixels on a telephone of 360: at this width 10 points stay above 11 pixels.
WIDTH, TEXT = 4.2, 10.0
LABEL_WIDTH = 44
SIMULATION = "SIMULATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRow:
    """One effect with its interval, in the unit of the axis; infinite ends become arrows."""

    label: str
    text: str
    estimate: float
    low: float
    high: float
    main: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line over the waves; NaN where nothing is shown, ends None without intervals."""

    label: str
    values: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None


def interval_figure(
    rows: Sequence[IntervalRow],
    *,
    axis_label: str,
    simulation: bool,
    higher_is_better: bool = True,
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """Draw effects about zero, their label and numbers above each, and return SVG.

    Parameters
    ----------
    rows
        From the top.
    axis_label
        What is measured and its unit.
    higher_is_better
        Which side of zero is marked as improvement.
    marks
        Further vertical lines with their label, such as the smallest worthwhile effect.
    """
    labels = [fill(row.label, LABEL_WIDTH) for row in rows]
    heights = [0.66 + 0.19 * label.count("\n") for label in labels]
    figure = Figure(figsize=(WIDTH, sum(heights) + 1.15 + 0.2 * len(marks)))
    axes = figure.add_subplot()
    ends = [0.0, *(value for value, _ in marks)]
    ends += [end for row in rows for end in (row.low, row.estimate, row.high) if math.isfinite(end)]
    margin = 0.08 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    total = sum(heights)
    axes.set_ylim(total, -0.05)
    axes.axvline(0, color=DARK, linewidth=1.2, zorder=1)
    for place, (value, label) in enumerate(marks):
        style = (":", "-.", "--")[place % 3]
        axes.axvline(value, color=GREY, linewidth=1.3, linestyle=style, label=label, zorder=1)
    top = 0.0
    for row, label, height in zip(rows, labels, heights, strict=True):
        _draw_row(axes, row, label, top=top, bottom=top + height)
        top += height
    _dress_intervals(axes, axis_label, higher_is_better=higher_is_better)
    if marks:
        figure.legend(loc="outside lower center", fontsize=TEXT - 1, frameon=False)
    return _finished(figure, axes, simulation=simulation)


def wave_figure(
    series: Sequence[Series],
    *,
    waves: Sequence[str],
    axis_label: str,
    simulation: bool,
    start: int | None = None,
    zero: bool = False,
) -> str:
    """Draw one line an arm over the waves and return SVG.

    Parameters
    ----------
    series
        Same order and styles in every figure of a report.
    waves
        Names of the waves, in order.
    start
        Number of reference waves: the nudge starts after them; None to draw no line.
    zero
        Whether a line at zero is drawn, for effects.
    """
    figure = Figure(figsize=(WIDTH, 3.3 + 0.22 * len(series)))
    axes = figure.add_subplot()
    spread = 0.12 * (len(series) - 1) if zero else 0.0
    for place, one in enumerate(series):
        colour, marker, line = STYLES[(place + zero) % len(STYLES)]
        shift = spread * (place / max(len(series) - 1, 1) - 0.5)
        at = [position + shift for position in range(len(waves))]
        if one.low is not None and one.high is not None:
            axes.vlines(at, one.low, one.high, color=colour, linewidth=2)
        axes.plot(at, one.values, color=colour, marker=marker, linestyle=line, label=one.label,
                  markersize=7)  # fmt: skip
    if zero:
        axes.axhline(0, color=DARK, linewidth=1.2, zorder=1)
    if start is not None and 0 < start < len(waves):
        axes.axvline(start - 0.5, color=GREY, linestyle=":", linewidth=1.4)
        axes.annotate(
            "début du coup de pouce", (start - 0.5, 1.01), xycoords=("data", "axes fraction"),
            ha="center", va="bottom", fontsize=TEXT - 1, color=GREY,
        )  # fmt: skip
    crowded = len(waves) > 3
    titles = [fill(wave_title(wave), 14) for wave in waves]
    axes.set_xticks(
        range(len(waves)), titles, rotation=35 if crowded else 0,
        ha="right" if crowded else "center", fontsize=TEXT - 1,
    )  # fmt: skip
    axes.set_xlim(-0.4, len(waves) - 0.6)
    axes.set_title(fill(axis_label, LABEL_WIDTH), loc="left", fontsize=TEXT, pad=18)
    axes.yaxis.set_major_locator(_locator())
    axes.yaxis.set_major_formatter(FuncFormatter(_tick(axes.get_ylim())))
    axes.tick_params(labelsize=TEXT)
    axes.grid(axis="y", color="#d0d0d0", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if len(series) > 1:
        figure.legend(loc="outside lower center", fontsize=TEXT - 0.5, frameon=False,
                      handlelength=3.2)  # fmt: skip
    return _finished(figure, axes, simulation=simulation)


def _draw_row(axes: Axes, row: IntervalRow, label: str, *, top: float, bottom: float) -> None:
    weight = "bold" if row.main else "normal"
    colour = BLUE if row.main else GREY
    # White behind the words, so that no vertical line crosses them.
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.annotate(label, (0, top + 0.06), xycoords=("axes fraction", "data"), va="top",
                  fontsize=TEXT, fontweight=weight, bbox=paper)  # fmt: skip
    axes.annotate(row.text, (1, bottom - 0.33), xycoords=("axes fraction", "data"), va="bottom",
                  ha="right", fontsize=TEXT - 0.5, color=DARK, bbox=paper)  # fmt: skip
    place = bottom - 0.18
    left, right = axes.get_xlim()
    low, high = max(row.low, left), min(row.high, right)
    axes.plot((low, high), (place, place), color=colour, linewidth=4 if row.main else 2,
              solid_capstyle="butt", zorder=2)  # fmt: skip
    for beyond, end, marker in ((row.low < left, left, "<"), (row.high > right, right, ">")):
        if beyond:
            axes.plot([end], [place], marker=marker, color=colour, markersize=8, clip_on=False)
    axes.plot([row.estimate], [place], marker="D" if row.main else "o", markersize=8,
              color=colour, markeredgecolor="white", zorder=3)  # fmt: skip


def _dress_intervals(axes: Axes, axis_label: str, *, higher_is_better: bool) -> None:
    axes.set_yticks([])
    axes.set_xlabel(fill(axis_label, LABEL_WIDTH), fontsize=TEXT)
    axes.xaxis.set_major_locator(_locator())
    axes.xaxis.set_major_formatter(FuncFormatter(_tick(axes.get_xlim(), signed=True)))
    axes.tick_params(labelsize=TEXT)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    words = ("← moins bien", "mieux →") if higher_is_better else ("← mieux", "moins bien →")
    for place, (text, side) in enumerate(zip(words, ("left", "right"), strict=True)):
        axes.annotate(text, (place, 1.0), xycoords="axes fraction", ha=side, va="bottom",
                      fontsize=TEXT - 0.5, color=GREY)  # fmt: skip


def _tick(limits: tuple[float, float], *, signed: bool = False) -> Callable[[float, int], str]:
    """Return a formatter with a decimal comma and as many decimals as the steps need."""
    places = _locator().tick_values(*limits)
    digits = max(0, -math.floor(math.log10(places[1] - places[0]) + 1e-9))

    def text(value: float, _: int) -> str:
        shown = decimal_comma(value, digits)
        return f"+{shown}" if signed and value > 0 and shown.strip("0,") else shown

    return text


def _locator() -> MaxNLocator:
    return MaxNLocator(6, steps=[1, 2, 5, 10])


def _finished(figure: Figure, axes: Axes, *, simulation: bool) -> str:
    figure.set_layout_engine("constrained")
    if simulation:
        figure.suptitle(SIMULATION, fontsize=TEXT + 1, fontweight="bold", color="#9c2a00")
    return figure_svg(figure)
