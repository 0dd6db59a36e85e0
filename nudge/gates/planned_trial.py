"""What a campaign can see: its trial as the power calculations of ``experiments`` read it."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.design.adjacency import edges_between, largest_without_neighbours
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, Outcome
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import (
    clusters_needed,
    minimum_detectable_effect,
    power_of,
)
from nudge.campaign.campaign import Campaign
from nudge.gates.eligible_zones import placed_zones
from nudge.gates.gate import GateContext

TARGET = 0.8
# Assumption without data: common in planning, shown to the manager.
CLUSTER_AUTOCORRELATION = 0.8
FEWEST_PER_ARM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """What the trial detects with a power of 80 %, in the outcome's unit.

    Attributes
    ----------
    design
        The trial, one nudged arm (the smallest) against the control.
    effect
        Smallest detectable effect, without sign; None where not even the largest possible one
        is detectable.
    measured
        Whether level, spread and correlation come from imported reference waves.
    """

    design: ParallelDesign
    effect: float | None
    measured: bool


def planned_trial(context: GateContext) -> ParallelDesign:
    """Return the trial that a compared campaign plans, its effect left at zero.

    Levels, spread, correlation and numbers of units come from the imported reference waves
    where there are any, from the section ``puissance`` otherwise. Units are taken as different
    from wave to wave, which overstates the detectable effect where the same ones come back.

    Raises
    ------
    ValueError
        The campaign has no section ``puissance``, no control, or lacks a standard deviation.
    """
    campaign, power = context.campaign, context.campaign.power
    control = campaign.control
    if power is None or control is None or not campaign.nudged:
        raise ValueError("a planned trial needs a control, a nudged arm and power settings")
    sizes = _arm_sizes(context)
    measured = context.baseline
    return ParallelDesign(
        outcome=_outcome(context),
        effect=0.0,
        clusters=min(sizes[arm.identifier] for arm in campaign.nudged),
        control_clusters=sizes[control.identifier],
        units=power.units if measured is None else max(1.0, measured.icc.mean_cluster_size),
        icc=power.icc if measured is None else float(np.clip(measured.icc.estimate, 0.0, 0.99)),
        cv=power.cv if measured is None else measured.icc.cv_cluster_size,
        arms=len(campaign.arms),
        multiplicity="none" if campaign.analysis.arms_correction == "aucune" else "bonferroni",
        waves=len(campaign.follow_up_waves),
        baseline_waves=len(campaign.baseline_waves),
        cluster_autocorrelation=CLUSTER_AUTOCORRELATION,
        level=campaign.analysis.level,
    )


def detectable(context: GateContext) -> Detectable:
    """Return the smallest effect that the campaign detects; errors as :func:`planned_trial`."""
    higher = context.campaign.outcomes[0].higher_is_better
    result = minimum_detectable_effect(
        planned_trial(context), target=TARGET, direction="increase" if higher else "decrease"
    )
    design = result.design
    if not isinstance(design, ParallelDesign):
        raise TypeError("a parallel trial was planned")
    effect = None if result.solution is None else abs(result.solution)
    return Detectable(design=design, effect=effect, measured=context.baseline is not None)


def power_for(context: GateContext, effect: float) -> float:
    """Return the power, in [0, 1], to show an effect given without sign."""
    return power_of(planned_trial(context).vary(effect=_signed(context.campaign, effect)))


def zones_needed(context: GateContext, effect: float) -> int | None:
    """Return how many zones in all would show that effect; None where no number does."""
    design = planned_trial(context).vary(effect=_signed(context.campaign, effect))
    result = clusters_needed(design, target=TARGET)
    return None if result.solution is None else math.ceil(result.design.total_clusters())


def retained_zones(context: GateContext) -> pd.DataFrame:
    """Return the zones that are drawn, those left out as buffers taken away."""
    zones = context.zones
    if context.campaign.randomisation.spillover.rule != "exclure":
        return zones
    labels = zones["zone_id"].tolist()
    pairs = context.neighbours[["zone_id", "voisin_id"]].itertuples(index=False)
    edges = edges_between(labels, [(one, other, "voisinages.csv") for one, other in pairs])
    return zones.iloc[largest_without_neighbours(len(labels), edges)]


def _arm_sizes(context: GateContext) -> dict[str, int]:
    """Zones of each arm: as placed, or as the ratios of the draw share them out."""
    campaign = context.campaign
    if placed_zones(campaign):
        sizes = {arm.identifier: len(arm.zones) for arm in campaign.arms}
    else:
        places = len(retained_zones(context))
        shares = sum(arm.ratio for arm in campaign.arms)
        sizes = {arm.identifier: places * arm.ratio // shares for arm in campaign.arms}
    return {name: max(FEWEST_PER_ARM, size) for name, size in sizes.items()}


def _outcome(context: GateContext) -> Outcome:
    declared, power = context.campaign.outcomes[0], context.campaign.power
    measured = context.baseline
    if declared.kind == "binary":
        level = power.level if measured is None and power is not None else None
        return BinaryOutcome(level=level if level is not None else _measured_level(context))
    sd = measured.sd if measured is not None else (power.sd if power is not None else None)
    if sd is None:
        raise ValueError("an outcome that is no share needs a standard deviation")
    return ContinuousOutcome(sd=sd)


def _measured_level(context: GateContext) -> float:
    if context.baseline is None:
        raise ValueError("no reference wave is imported")
    return float(np.clip(context.baseline.mean, 0.001, 0.999))


def _signed(campaign: Campaign, effect: float) -> float:
    return effect if campaign.outcomes[0].higher_is_better else -effect
