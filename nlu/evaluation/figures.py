"""Figures of the evaluation, each readable in grey and without colour vision."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from nlu.evaluation.evaluation import Evaluation

# Okabe-Ito blue and vermilion: apart in hue for all, and in lightness when printed in grey.
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#595959"
# A bin of two messages says nothing; it is drawn hollow and off the line.
FEWEST_IN_BIN = 10
# Matplotlib names vocabularies by address in each figure; readers of a report need none.
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def figure_svg(figure: Figure) -> str:
    """SVG text of a figure, without date, so that equal data give equal files."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "pouce", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return METADATA.sub("", text[text.index("<svg") :])


def evaluation_figures(
    evaluation: Evaluation, theme_of: Mapping[str, str] | None = None
) -> dict[str, Figure]:
    """Every figure of the report, by name."""
    figures = {
        "confusion": confusion_figure(evaluation, theme_of),
        "reliability": reliability_figure(evaluation),
        "risk_coverage": risk_coverage_figure(evaluation),
        "intents": intent_figure(evaluation),
    }
    if evaluation.out_of_scope_methods:
        figures["out_of_scope"] = out_of_scope_figure(evaluation)
    if evaluation.robustness:
        figures["robustness"] = robustness_figure(evaluation)
    return figures


def confusion_figure(evaluation: Evaluation, theme_of: Mapping[str, str] | None = None) -> Figure:
    """Confusion matrix, labels grouped by theme, shares of each row in shades and percent."""
    labels = list(evaluation.labels)
    themes = [theme_of.get(label, "") if theme_of else "" for label in labels]
    first = {theme: place for place, theme in reversed(list(enumerate(dict.fromkeys(themes))))}
    if theme_of:
        listed = list(dict.fromkeys(theme_of.values()))
        first = {theme: listed.index(theme) if theme in listed else 99 for theme in set(themes)}
    order = sorted(range(len(labels)), key=lambda row: (first[themes[row]], row))
    matrix = evaluation.matrix[np.ix_(order, order)].astype(float)
    support = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, support, out=np.zeros_like(matrix), where=support > 0)
    size = max(6.0, 0.28 * len(labels) + 3)
    figure = Figure(figsize=(size, size))
    axes = figure.subplots()
    # Square root: a confusion of 5 % must be seen beside a diagonal of 95 %.
    axes.imshow(np.sqrt(shares), cmap="Greys", vmin=0, vmax=1)
    names = [labels[row] for row in order]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    if len(names) <= 80:
        for row, column in np.argwhere(shares >= 0.02):
            axes.text(
                column,
                row,
                f"{100 * shares[row, column]:.0f}",
                ha="center",
                va="center",
                fontsize=5.5,
                color="white" if shares[row, column] > 0.3 else VERMILION,
            )
    own = [themes[row] for row in order]
    for place in range(1, len(own)):
        if own[place] != own[place - 1]:
            axes.axhline(place - 0.5, color=BLUE, linewidth=0.8)
            axes.axvline(place - 0.5, color=BLUE, linewidth=0.8)
    axes.set_xlabel("Predicted intent")
    axes.set_ylabel("Right intent")
    axes.set_title(
        "Confusion matrix: % of each right intent (2 % and more printed; lines part themes)",
        fontsize=9,
    )
    return figure


def reliability_figure(evaluation: Evaluation) -> Figure:
    """Reliability diagram with the number of rows in each bin."""
    figure = Figure(figsize=(5, 5))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bars = evaluation.reliability
    upper.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfect")
    sure = [bar for bar in bars if bar.count >= FEWEST_IN_BIN]
    rare = [bar for bar in bars if bar.count < FEWEST_IN_BIN]
    upper.plot(
        [bar.confidence for bar in sure],
        [bar.accuracy for bar in sure],
        color=BLUE,
        marker="o",
        label="classifier",
    )
    upper.plot(
        [bar.confidence for bar in rare],
        [bar.accuracy for bar in rare],
        color=GREY,
        marker="o",
        fillstyle="none",
        linestyle="none",
        label=f"fewer than {FEWEST_IN_BIN} messages",
    )
    upper.set_ylabel("Accuracy in the bin (share)")
    upper.set_ylim(0, 1.02)
    upper.legend(loc="lower right", frameon=False)
    ece = evaluation.headline["ece"]
    upper.set_title(f"Reliability: ECE {ece.estimate:.3f} [{ece.low:.3f}, {ece.high:.3f}]")
    lower.bar(
        [(bar.low + bar.high) / 2 for bar in bars],
        [bar.count for bar in bars],
        width=0.055,
        color=GREY,
    )
    lower.set_ylabel("Messages (count)")
    lower.set_xlabel("Calibrated confidence (probability)")
    lower.set_xlim(0, 1)
    return figure


def risk_coverage_figure(evaluation: Evaluation) -> Figure:
    """Error among answered messages as more are answered."""
    figure = Figure(figsize=(5, 3.6))
    axes = figure.subplots()
    axes.plot(100 * evaluation.coverage, 100 * evaluation.risk, color=BLUE, label="by confidence")
    share = evaluation.headline["answered_share"].estimate
    risk = evaluation.headline["answered_risk"].estimate
    if np.isfinite(risk):
        label = f"chosen decision rule ({100 * share:.0f} %, {100 * risk:.1f} %)"
        axes.plot([100 * share], [100 * risk], "D", color=VERMILION, label=label)
    axes.set_xlabel("Messages answered (%)")
    axes.set_ylabel("Wrong among answered (%)")
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, 100)
    axes.legend(frameon=False, loc="upper left")
    axes.set_title("Risk-coverage curve")
    return figure


def intent_figure(evaluation: Evaluation) -> Figure:
    """F1 of each intent, worst first."""
    scores = sorted(evaluation.classes, key=lambda score: score.f1)
    figure = Figure(figsize=(6, max(3.0, 0.2 * len(scores) + 1)))
    axes = figure.subplots()
    places = np.arange(len(scores))
    axes.hlines(places, 0, [score.f1 for score in scores], color="#BBBBBB", linewidth=1)
    axes.plot([score.f1 for score in scores], places, "o", color=BLUE, markersize=4)
    axes.set_yticks(places, [f"{score.label} ({score.support})" for score in scores], fontsize=7)
    axes.set_xlim(min(0.5, scores[0].f1), 1.0)
    axes.set_xlabel("F1 (test rows in brackets)")
    axes.set_title("Intents, worst first")
    axes.invert_yaxis()
    axes.margins(y=0.01)
    return figure


def out_of_scope_figure(evaluation: Evaluation) -> Figure:
    """Distribution of the out-of-scope probability, and its ROC curve."""
    figure = Figure(figsize=(8, 3.4))
    left, right = figure.subplots(1, 2)
    inside, outside = evaluation.strange_scores
    edges = np.linspace(0, 1, 26).tolist()
    left.hist(inside, edges, density=True, histtype="stepfilled", color=BLUE, alpha=0.6,
              label=f"in scope ({len(inside)})")  # fmt: skip
    left.hist(outside, edges, density=True, histtype="step", color=VERMILION, linewidth=2,
              hatch="//", label=f"out of scope ({len(outside)})")  # fmt: skip
    left.set_xlabel("Out-of-scope probability")
    left.set_ylabel("Density")
    left.set_yscale("log")
    left.legend(frameon=False)
    false_alarm, found = roc_points(inside, outside)
    right.plot(100 * false_alarm, 100 * found, color=BLUE)
    right.plot([0, 100], [0, 100], color=GREY, linestyle="--", linewidth=1)
    right.set_xlabel("In scope, wrongly flagged (%)")
    right.set_ylabel("Out of scope, found (%)")
    right.set_title(f"AUROC {evaluation.headline['out_of_scope_auroc'].estimate:.3f}")
    figure.tight_layout()
    return figure


def robustness_figure(evaluation: Evaluation) -> Figure:
    """Accuracy lost under each perturbation, with its interval."""
    drops: Sequence[Any] = evaluation.robustness[::-1]
    figure = Figure(figsize=(6, 0.4 * len(drops) + 1.2))
    axes = figure.subplots()
    places = np.arange(len(drops))
    centre = np.asarray([100 * drop.drop.estimate for drop in drops])
    low = np.asarray([100 * drop.drop.low for drop in drops])
    high = np.asarray([100 * drop.drop.high for drop in drops])
    axes.errorbar(centre, places, xerr=np.abs([centre - low, high - centre]), fmt="o", color=BLUE,
                  capsize=3)  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=1, linestyle="--")
    axes.set_yticks(places, [drop.perturbation for drop in drops])
    axes.set_xlabel("Accuracy lost (points), 95 % interval")
    axes.set_title("Robustness")
    return figure


def roc_points(
    inside: npt.NDArray[np.floating], outside: npt.NDArray[np.floating]
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """False-alarm and detection rates at every threshold, from strictest to loosest."""
    thresholds = np.unique(np.concatenate([inside, outside]))[::-1]
    ordered_in, ordered_out = np.sort(inside), np.sort(outside)
    false_alarm = 1.0 - np.searchsorted(ordered_in, thresholds, "left") / len(inside)
    found = 1.0 - np.searchsorted(ordered_out, thresholds, "left") / len(outside)
    return np.r_[0.0, false_alarm], np.r_[0.0, found]
