"""Forest plot: effects with intervals, their pooled mean, and where a new trial would lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from scipy import stats

from experiments.analysis.meta_analysis import MetaAnalysis
from experiments.errors import InputError
from experiments.svg import figure_svg

# Okabe-Ito blue and vermilion, told apart by shape too: squares for trials, diamond for the mean.
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#595959"
ROW_HEIGHT, WIDTH = 0.32, 8.0
LARGEST_SQUARE, SMALLEST_SQUARE = 110.0, 14.0
NumberFormat = Callable[[float], str]
# Label, estimate, interval and weight of one line of the figure.
Band = tuple[str, float | None, float, float, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One effect of a forest plot.

    Attributes
    ----------
    label
        Trial, arm or outcome.
    estimate, ci_low, ci_high
        In the unit of the axis; an infinite bound is drawn as an arrow.
    weight
        Share in the pooled mean, between 0 and 1, shown as a percentage and as the area of the
        square; None for squares of one size.
    """

    label: str
    estimate: float
    ci_low: float
    ci_high: float
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSummary:
    """The pooled effect, drawn as a diamond, and the prediction interval below it.

    Attributes
    ----------
    label
        Such as "Mean effect".
    estimate, ci_low, ci_high
        In the unit of the axis.
    prediction
        Interval of a new trial's effect and its label, or None.
    """

    label: str
    estimate: float
    ci_low: float
    ci_high: float
    prediction: tuple[str, float, float] | None = None


def forest_rows(
    labels: Sequence[str],
    effects: npt.ArrayLike,
    variances: npt.ArrayLike,
    pooled: MetaAnalysis,
    *,
    exponentiate: bool = False,
) -> list[ForestRow]:
    """Rows of the trials of a meta-analysis, with normal intervals at its level.

    ``exponentiate`` turns log ratios into ratios.
    """
    y = np.asarray(effects, dtype=np.float64)
    half = float(stats.norm.ppf((1 + pooled.level) / 2)) * np.sqrt(np.asarray(variances))
    if not len(labels) == len(y) == len(half) == pooled.k:
        message = (
            f"{len(labels)} labels, {len(y)} effects, {len(half)} variances, {pooled.k} pooled"
        )
        raise InputError(message)
    ends = np.stack([y, y - half, y + half])
    values = np.exp(ends) if exponentiate else ends
    return [
        ForestRow(label=label, estimate=value, ci_low=low, ci_high=high, weight=weight)
        for label, value, low, high, weight in zip(
            labels, *values.tolist(), pooled.weights.tolist(), strict=True
        )
    ]


def forest_summary(
    pooled: MetaAnalysis,
    *,
    label: str = "Mean effect",
    prediction_label: str = "A new trial",
    exponentiate: bool = False,
) -> ForestSummary:
    """Diamond and prediction interval of a meta-analysis."""
    shown = (lambda value: exp(value) if value < inf else inf) if exponentiate else float
    return ForestSummary(
        label=label,
        estimate=shown(pooled.estimate),
        ci_low=shown(pooled.ci_low),
        ci_high=shown(pooled.ci_high),
        prediction=(
            prediction_label, shown(pooled.prediction_low), shown(pooled.prediction_high),
        ),
    )  # fmt: skip


def forest_plot(
    rows: Sequence[ForestRow],
    *,
    axis_label: str,
    summary: ForestSummary | None = None,
    no_effect: float = 0.0,
    log_axis: bool = False,
    limits: tuple[float, float] | None = None,
    headers: tuple[str, str] = ("Effect [interval]", "Weight"),
    number_format: NumberFormat = "{:.2f}".format,
) -> Figure:
    """Draw effects with their intervals and a table of the numbers beside them.

    Parameters
    ----------
    axis_label
        What is measured and its unit, such as "Difference in sorted bins (points)".
    no_effect
        Where the vertical line stands: 0 for differences, 1 for ratios.
    log_axis
        Logarithmic axis, for ratios.
    limits
        Ends of the axis; by default all finite ends fit. What lies beyond is an arrow.
    headers
        Titles of the columns of effects and of weights.
    number_format
        Text of one number of the table.

    Raises
    ------
    InputError
        No row, an estimate outside its interval or not finite, or values that are not positive
        on a logarithmic axis.
    """
    _check(rows, summary, log_axis=log_axis)
    bands = _bands(rows, summary)
    low, high = limits or _limits(bands, no_effect, log_axis=log_axis)
    figure = Figure(figsize=(WIDTH, ROW_HEIGHT * (len(bands) + 1) + 1.0))
    axes = figure.add_axes(
        (0.24, 0.9 / figure.get_figheight(), 0.4, 1 - 1.2 / figure.get_figheight())
    )
    axes.set_xscale("log" if log_axis else "linear")
    axes.set_xlim(low, high)
    axes.set_ylim(len(bands) - 0.4, -0.6)
    axes.axvline(no_effect, color=GREY, linewidth=0.8, linestyle="--", zorder=0)
    largest = max((row.weight or 0.0 for row in rows), default=0.0)
    for place, row in enumerate(rows):
        _draw_interval(axes, place, row.ci_low, row.ci_high, BLUE)
        share = 0.4 if row.weight is None else row.weight / largest
        size = max(LARGEST_SQUARE * share, SMALLEST_SQUARE)
        axes.scatter([row.estimate], [place], s=size, marker="s", color=BLUE, zorder=3)
    if summary is not None:
        _draw_summary(axes, len(rows), summary)
    _write_table(axes, bands, headers, number_format, weights=largest > 0)
    _dress(axes, [label for label, *_ in bands], axis_label, log_axis=log_axis)
    return figure


def forest_svg(figure: Figure, *, description: str) -> str:
    """SVG text with a description for screen readers; equal figures give equal text."""
    text = figure_svg(figure)
    start = text.index(">") + 1
    opened = f'<svg role="img" aria-label={quoteattr(description)}'
    head = text[:start].replace("<svg", opened, 1)
    return f"{head}\n <title>{escape(description)}</title>{text[start:]}"


def _bands(rows: Sequence[ForestRow], summary: ForestSummary | None) -> list[Band]:
    """Return the lines of the figure, from the top."""
    bands: list[Band] = [
        (row.label, row.estimate, row.ci_low, row.ci_high, row.weight) for row in rows
    ]
    if summary is not None:
        bands.append((summary.label, summary.estimate, summary.ci_low, summary.ci_high, None))
        if summary.prediction is not None:
            label, low, high = summary.prediction
            bands.append((label, None, low, high, None))
    return bands


def _limits(bands: list[Band], no_effect: float, *, log_axis: bool) -> tuple[float, float]:
    ends = [no_effect]
    for _, estimate, low, high, _ in bands:
        ends += [value for value in (estimate, low, high) if value is not None and isfinite(value)]
    if log_axis:
        ends = [value for value in ends if value > 0]
        spread = (max(ends) / min(ends)) ** 0.06 * 1.01
        return min(ends) / spread, max(ends) * spread
    margin = 0.06 * (max(ends) - min(ends)) or 1.0
    return min(ends) - margin, max(ends) + margin


def _draw_interval(axes: Axes, place: int, low: float, high: float, colour: str) -> None:
    left, right = axes.get_xlim()
    shown = (max(low, left), min(high, right))
    if shown[0] < shown[1]:
        axes.plot(shown, [place, place], color=colour, linewidth=1.6, solid_capstyle="butt")
    for beyond, end, marker in ((low < left, left, "<"), (high > right, right, ">")):
        if beyond:
            axes.plot([end], [place], marker=marker, color=colour, markersize=6, clip_on=False)


def _draw_summary(axes: Axes, place: int, summary: ForestSummary) -> None:
    low, high = summary.ci_low, summary.ci_high
    left, right = axes.get_xlim()
    if left <= low and high <= right:
        corners = [
            (low, place), (summary.estimate, place - 0.3), (high, place),
            (summary.estimate, place + 0.3),
        ]  # fmt: skip
        axes.add_patch(Polygon(corners, closed=True, facecolor=VERMILION, edgecolor="black"))
    else:
        _draw_interval(axes, place, low, high, VERMILION)
        axes.plot([summary.estimate], [place], marker="D", color=VERMILION)
    axes.axhline(place - 0.5, color=GREY, linewidth=0.6)
    if summary.prediction is not None:
        _, low, high = summary.prediction
        _draw_interval(axes, place + 1, low, high, VERMILION)
        inside = [end for end in (low, high) if left <= end <= right]
        axes.plot(inside, [place + 1] * len(inside), "|", color=VERMILION, markersize=9)


def _write_table(
    axes: Axes, bands: list[Band], headers: tuple[str, str], form: NumberFormat, *, weights: bool
) -> None:
    for header, column in zip(headers[: 1 + weights], (1.04, 1.66), strict=False):
        _text(axes, column, -1.0, header, bold=True)
    for place, (_, estimate, low, high, weight) in enumerate(bands):
        if estimate is not None:
            _text(axes, 1.04, place, _number(estimate, form))
        _text(axes, 1.2, place, f"[{_number(low, form)}; {_number(high, form)}]")
        if weight is not None:
            _text(axes, 1.66, place, f"{100 * weight:.1f} %")


def _number(value: float, form: NumberFormat) -> str:
    text = form(value) if isfinite(value) else "∞" if value > 0 else "-∞"
    return text.replace("-", "\N{MINUS SIGN}")


def _text(axes: Axes, column: float, place: float, text: str, *, bold: bool = False) -> None:
    axes.text(
        column, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _dress(axes: Axes, labels: list[str], axis_label: str, *, log_axis: bool) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(axis_label)
    if log_axis:
        low, high = axes.get_xlim()
        wide = high > 4 * low
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(5))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:g}")
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)


def _check(rows: Sequence[ForestRow], summary: ForestSummary | None, *, log_axis: bool) -> None:
    if not rows:
        message = "forest plot: no effect to draw"
        raise InputError(message)
    drawn: list[ForestRow | ForestSummary] = [*rows]
    if summary is not None:
        drawn.append(summary)
    for row in drawn:
        if not (isfinite(row.estimate) and row.ci_low <= row.estimate <= row.ci_high):
            message = (
                f"forest plot, '{row.label}': estimate {row.estimate} with interval "
                f"{row.ci_low} to {row.ci_high}; leave a set that is no interval out of the plot"
            )
            raise InputError(message)
        if log_axis and row.estimate <= 0:
            message = f"forest plot, '{row.label}': {row.estimate} has no place on a log axis"
            raise InputError(message)
