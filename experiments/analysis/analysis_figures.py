"""Figures of one analysis: estimates by method, and the influence of each cluster."""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.leave_one_out import influence_figure
from experiments.analysis.trial_analysis import TrialAnalysis
from experiments.svg import figure_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_NAME = 100
PRIMARY, OTHERS, GREY = "#D55E00", "#0072B2", "#595959"


def figures(analysis: TrialAnalysis) -> dict[str, str]:
    """Return file name to SVG: one figure of estimates per outcome and scale, then influence."""
    drawn: dict[str, str] = {}
    kinds = dict.fromkeys((one.outcome, one.scale) for one in analysis.estimates)
    for outcome, scale in kinds:
        chosen = [one for one in analysis.estimates if (one.outcome, one.scale) == (outcome, scale)]
        drawn[_file_name("effects", outcome, scale)] = figure_svg(estimates_figure(chosen))
    for contrast, found in (analysis.influence or {}).items():
        drawn[_file_name("influence", contrast)] = figure_svg(influence_figure(found))
    return drawn


def estimates_figure(estimates: list[EffectEstimate]) -> "Figure":
    """Draw estimates of one outcome and scale with their intervals, the first one's in orange.

    Parameters
    ----------
    estimates
        At least one, all on one scale.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 1.2 + 0.36 * len(estimates)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(_null(estimates[0].scale), color=GREY, linewidth=1, linestyle="--")
    ends = [end for one in estimates for end in (one.ci_low, one.ci_high) if np.isfinite(end)]
    points = [one.estimate for one in estimates]
    low, high = min([*ends, *points]), max([*ends, *points])
    pad = 0.05 * (high - low or 1.0)
    for place, one in enumerate(estimates):
        height = -place
        primary = one.estimator == estimates[0].estimator
        # An unbounded side runs to the edge and ends in an arrow.
        left, right = max(one.ci_low, low - pad), min(one.ci_high, high + pad)
        axes.plot([left, right], [height, height], color=PRIMARY if primary else OTHERS)
        for edge, bound, marker in ((left, one.ci_low, "<"), (right, one.ci_high, ">")):
            if not np.isfinite(bound):
                axes.plot(edge, height, marker, color=PRIMARY if primary else OTHERS)
        axes.plot(
            one.estimate,
            height,
            "s" if primary else "o",
            color=PRIMARY if primary else OTHERS,
            markersize=6,
        )
    axes.set_yticks(
        -np.arange(len(estimates)), [f"{one.contrast} · {one.estimator}" for one in estimates]
    )
    axes.set_ylim(-len(estimates) + 0.4, 0.6)
    axes.set_xlabel(_axis_label(estimates[0]))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


def _axis_label(one: EffectEstimate) -> str:
    scale = one.scale.replace("_", " ")
    unit = (
        f" in {one.outcome}, in its own unit" if one.scale == "difference" else f", {one.outcome}"
    )
    return f"{scale}{unit} ({100 * one.level:g} % interval)"


def _null(scale: str) -> float:
    return 1.0 if scale in {"ratio", "odds_ratio"} else 0.0


def _file_name(*parts: str) -> str:
    plain = "-".join(parts).lower()
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in plain)
    if len(name) > LONGEST_NAME:
        # Arms may be whole sentences, alike at their beginning.
        name = f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(plain.encode()).hexdigest()[:8]}"
    return f"{name}.svg"
