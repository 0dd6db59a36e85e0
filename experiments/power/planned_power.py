"""From a declared plan to the design it describes, and to its answer."""

import math

from experiments.errors import InputError
from experiments.power.contrast import PowerDesign
from experiments.power.icc_uncertainty import PowerDistribution, icc_quantiles, power_distribution
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
    Outcome,
)
from experiments.power.parallel import ParallelDesign
from experiments.power.power_analysis import (
    clusters_needed,
    minimum_detectable_effect,
    power,
    units_needed,
    waves_needed,
)
from experiments.power.power_plan import IccInterval, PowerPlan
from experiments.power.power_result import PowerResult
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.wedge_schedule import stepped_wedge_sequences

# Where a search starts for the quantity that is looked for.
START = 4.0
DEFAULT_AUTOCORRELATION = 1.0


def solve(plan: PowerPlan) -> PowerResult:
    """Answer a plan: its power, or the quantity that reaches its target power.

    Raises
    ------
    InputError
        The plan's numbers contradict each other; the message names them.
    """
    design, target = design_of(plan), plan.target_power
    if plan.solve_for == "effect":
        return minimum_detectable_effect(design, target=target, direction=plan.direction)
    solvers = {"clusters": clusters_needed, "units": units_needed, "waves": waves_needed}
    if plan.solve_for in solvers:
        return solvers[plan.solve_for](design, target=target)
    return power(design)


def outcome_of(plan: PowerPlan) -> Outcome:
    """Outcome in the control arm of a plan."""
    level = 0.0 if plan.baseline_level is None else plan.baseline_level
    if plan.outcome_kind == "binary":
        return BinaryOutcome(level=level)
    if plan.outcome_kind == "count":
        return CountOutcome(level=level, exposure=plan.exposure, dispersion=plan.dispersion)
    if plan.outcome_kind == "ordinal":
        return OrdinalOutcome(probabilities=plan.categories or ())
    return ContinuousOutcome(sd=plan.sd)


def icc_of(plan: PowerPlan) -> float:
    """Intraclass correlation that a plan rests on.

    Raises
    ------
    InputError
        The plan gives none.
    """
    if isinstance(plan.icc, IccInterval):
        return plan.icc.estimate
    if plan.icc is not None:
        return plan.icc
    outcome = outcome_of(plan)
    if not isinstance(outcome, CountOutcome) or plan.between_cv is None:
        message = "icc: missing"
        raise InputError(message)
    return outcome.icc_from_between_cv(plan.between_cv)


def design_of(plan: PowerPlan) -> PowerDesign:
    """Design that a plan describes; the quantity looked for is at a starting value."""
    effect = 0.0 if plan.effect is None else plan.effect
    if plan.outcome_kind == "ordinal" and plan.effect is not None:
        effect = math.log(plan.effect)
    return _parallel(plan, effect) if plan.design == "parallel" else _wedge(plan, effect)


def icc_distribution(plan: PowerPlan, result: PowerResult) -> PowerDistribution | None:
    """Power of an answer over the plan's interval of the ICC; None where it is one number."""
    if not isinstance(plan.icc, IccInterval):
        return None
    iccs = icc_quantiles(
        estimate=plan.icc.estimate,
        ci_low=plan.icc.low,
        ci_high=plan.icc.high,
        level=plan.icc.level,
        cluster_size=max(2.0, result.design.units),
    )
    return power_distribution(result.design, iccs, target=plan.target_power)


def _parallel(plan: PowerPlan, effect: float) -> ParallelDesign:
    return ParallelDesign(
        outcome=outcome_of(plan),
        effect=effect,
        clusters=plan.clusters or START,
        units=plan.units or START,
        icc=icc_of(plan),
        control_clusters=plan.control_clusters,
        cv=plan.cv,
        weighting=plan.weighting,
        arms=plan.arms,
        multiplicity=plan.multiplicity,
        waves=plan.waves,
        baseline_waves=plan.baseline_waves,
        baseline_analysis=plan.baseline_analysis,
        cluster_autocorrelation=plan.cluster_autocorrelation,
        individual_autocorrelation=plan.individual_autocorrelation,
        cluster_r2=plan.cluster_r2,
        unit_r2=plan.unit_r2,
        covariates=plan.covariates,
        level=plan.level,
        variance_at=plan.variance_at,
        reference=plan.reference,
    )


def _wedge(plan: PowerPlan, effect: float) -> SteppedWedgeDesign:
    kept = plan.cluster_autocorrelation
    return SteppedWedgeDesign(
        outcome=outcome_of(plan),
        effect=effect,
        sequences=_sequences(plan),
        clusters=plan.clusters or START,
        units=plan.units or START,
        icc=icc_of(plan),
        cluster_autocorrelation=DEFAULT_AUTOCORRELATION if kept is None else kept,
        individual_autocorrelation=plan.individual_autocorrelation,
        treatment_sd=plan.treatment_sd,
        cv=plan.cv,
        extra_periods=plan.extra_periods,
        level=plan.level,
        reference=plan.reference,
    )


def _sequences(plan: PowerPlan) -> tuple[str, ...]:
    if plan.sequences is not None:
        return plan.sequences
    return stepped_wedge_sequences(
        steps=plan.steps or 1,
        periods_per_step=plan.periods_per_step,
        transition_periods=plan.transition_periods,
    )
