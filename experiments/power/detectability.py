"""What a trial can and cannot detect, in words."""

import math

from experiments.power.baseline_data import BaselineEstimates
from experiments.power.contrast import PowerDesign
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome, Outcome
from experiments.power.parallel import ParallelDesign
from experiments.power.power_result import PowerResult
from experiments.power.stepped_wedge import SteppedWedgeDesign


def effect_in_words(effect: float, outcome: Outcome) -> str:
    """Effect as a reader thinks of it, with the levels of shares and rates it leads between."""
    if isinstance(outcome, BinaryOutcome):
        levels = f"{100 * outcome.level:.3g} % to {100 * (outcome.level + effect):.3g} %"
        return f"{100 * abs(effect):.1f} points ({levels})"
    if isinstance(outcome, CountOutcome):
        levels = f"{outcome.level:.3g} to {outcome.level + effect:.3g}"
        return f"{abs(effect):.3g} events per unit of exposure ({levels})"
    if isinstance(outcome, ContinuousOutcome):
        return f"{abs(effect):.3g} units of the outcome ({abs(effect) / outcome.sd:.2f} s.d.)"
    return f"an odds ratio of {math.exp(effect):.2f}"


def size_in_words(design: PowerDesign) -> str:
    """Clusters, units and waves of a design."""
    units = f"{design.units:.4g} units per cluster"
    if isinstance(design, SteppedWedgeDesign):
        return (
            f"{design.total_clusters():g} clusters in {len(design.sequences)} sequences over "
            f"{design.schedule().shape[1]} periods and {units} and period"
        )
    arms = f"{design.clusters:g} clusters per arm ({design.total_clusters():g} in all)"
    if isinstance(design, ParallelDesign) and design.control_clusters is not None:
        treated = "treated" if design.arms == 2 else "clusters per treated arm"
        arms = f"{design.clusters:g} {treated} and {design.control_clusters:g} control clusters"
    waves = "one wave" if design.waves == 1 else f"{design.waves} waves"
    return f"{arms}, {units} and wave, and {waves} after the start"


def answer_rows(result: PowerResult) -> list[tuple[str, str]]:
    """Names and values of an answer, for a table of two columns."""
    design, contrast = result.design, result.contrast
    solution = "none" if result.solution is None else f"{result.solution:.6g}"
    rows = [
        (f"{result.solved_for} (exact)", solution),
        ("power", f"{100 * result.power:.1f} %"),
        ("effect", effect_in_words(design.effect, design.outcome)),
        ("clusters", f"{design.clusters:g} ({design.total_clusters():g} in all)"),
        ("units per cluster and wave", f"{design.units:g}"),
        ("intraclass correlation", f"{design.icc:.4g}"),
        ("design effect", f"{contrast.design_effect:.2f}"),
        ("standard error", f"{contrast.std_error:.4g}"),
        ("degrees of freedom", f"{contrast.df:g}"),
        ("level of significance", f"{1 - contrast.level:.4g}"),
    ]
    return rows if result.solved_for != "power" else rows[1:]


def baseline_rows(estimates: BaselineEstimates) -> list[tuple[str, str]]:
    """Names and values of baseline estimates, for a table of two columns."""
    icc = estimates.icc
    interval = f"{icc.ci_low:.4f} to {icc.ci_high:.4f}"
    return [
        ("intraclass correlation", f"{icc.estimate:.4f}"),
        (f"{100 * icc.level:g} % interval", interval),
        ("clusters", str(icc.n_clusters)),
        ("units", f"{icc.n_units:g}"),
        ("units per cluster", f"{icc.mean_cluster_size:.1f}"),
        ("coefficient of variation", f"{icc.cv_cluster_size:.2f}"),
        ("mean", f"{estimates.mean:.4g}"),
        ("standard deviation", f"{estimates.sd:.4g}"),
    ]


def detectability(result: PowerResult) -> str:
    """Sentences on what the trial can detect, and on what its silence would not mean."""
    design = result.design
    size, reached = size_in_words(design), f"{100 * result.power:.1f} %"
    effect = effect_in_words(design.effect, design.outcome)
    if result.solution is None:
        limit, target = 100 * (result.limit or 0.0), 100 * (result.target or 0.0)
        if result.solved_for == "effect":
            return (
                f"With {size}, none of the effects that the outcome allows is detected with a "
                f"power of {target:g} %: power is {limit:.1f} % at most."
            )
        return (
            f"With {size}, the trial detects an effect of {effect} with a power of {reached}. "
            f"No number of {result.solved_for} brings it to {target:g} %: it levels off at "
            f"{limit:.1f} %."
        )
    return (
        f"With {size}, the trial detects an effect of {effect} with a power of {reached}. Smaller "
        "effects will more often be missed, so that a result that is not significant would leave "
        "them open."
    )
