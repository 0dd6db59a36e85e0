"""Simulated power of a design whose closed form has been computed."""

from experiments.errors import InputError
from experiments.power.outcome import BinaryOutcome, ContinuousOutcome, CountOutcome
from experiments.power.parallel import ParallelDesign
from experiments.power.simulated_trials import OutcomeKind
from experiments.power.simulation import SimulatedPower, simulated_power


def simulate_design(
    design: object, *, estimator: str, n_trials: int = 1_000, seed: int = 2026
) -> SimulatedPower:
    """Check a parallel design's power with the estimator that will be used.

    Clusters and units are rounded up to whole ones. Every treated arm has the same effect.

    Parameters
    ----------
    design
        Parallel design with one wave.
    estimator
        Name in the catalogue of estimators.

    Raises
    ------
    InputError
        A stepped wedge, several waves, covariates or an ordinal outcome: these are not simulated.
    """
    if not isinstance(design, ParallelDesign):
        message = "simulation: only parallel designs are simulated, use the closed form"
        raise InputError(message)
    if design.waves > 1 or design.baseline_waves or design.cluster_r2 or design.unit_r2:
        message = (
            "simulation: one wave without baseline or covariates is simulated; leave them out of "
            "the plan to compare, or use the closed form"
        )
        raise InputError(message)
    kind, level, sd = _outcome(design)
    treated = _whole(design.clusters)
    control = treated if design.control_clusters is None else _whole(design.control_clusters)
    return simulated_power(
        estimator=estimator,
        outcome=kind,
        clusters_per_arm=(control, *[treated] * (design.arms - 1)),
        units=_whole(design.units),
        cv=design.cv,
        level=level,
        effects=(design.effect,) * (design.arms - 1),
        icc=design.icc,
        sd=sd,
        alpha=1 - design.level,
        n_trials=n_trials,
        seed=seed,
    )


def _outcome(design: ParallelDesign) -> tuple[OutcomeKind, float, float]:
    outcome = design.outcome
    if isinstance(outcome, BinaryOutcome):
        return "binary", outcome.level, 1.0
    if isinstance(outcome, ContinuousOutcome):
        return "continuous", 0.0, outcome.sd
    if isinstance(outcome, CountOutcome) and outcome.exposure == 1 and outcome.dispersion == 1:
        return "count", outcome.level, 1.0
    message = (
        "simulation: binary, continuous and Poisson outcomes are simulated; use the closed form "
        "for ordinal outcomes, exposure and overdispersion"
    )
    raise InputError(message)


def _whole(number: float) -> int:
    return int(-(-number // 1))
