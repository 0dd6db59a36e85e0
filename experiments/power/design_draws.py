"""Random draws of a whole design: arms, sizes and outcomes of all its clusters and periods."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.analysis.plan import AnalysisPlan, Family, make_plan
from experiments.errors import InputError
from experiments.power.contrast import PowerDesign
from experiments.power.outcome_model import OutcomeModel, RandomEffects, outcome_model
from experiments.power.parallel import ParallelDesign
from experiments.power.simulated_cells import SimulatedCells, simulate_cells
from experiments.power.simulated_trials import cluster_sizes
from experiments.power.stepped_wedge import SteppedWedgeDesign
from experiments.power.trial_of_sums import PERIOD, covariate_names, period_labels

Floats = npt.NDArray[np.float64]
# Scores of ordered categories are analysed as numbers.
FAMILIES: dict[str, Family] = {"count": "poisson", "ordinal": "gaussian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignModel:
    """A design brought to whole clusters and units, and the law of its outcomes.

    Attributes
    ----------
    design
        Parallel or stepped wedge.
    outcome
        Law of the outcomes.
    arm
        Arm of each cluster in each period, before clusters are drawn into them, shape (G, T).
    treated, observed
        Where the treatment is in force, and where there are data, shape (G, T).
    """

    design: ParallelDesign | SteppedWedgeDesign
    outcome: OutcomeModel
    arm: npt.NDArray[np.int8]
    treated: npt.NDArray[np.bool_]
    observed: npt.NDArray[np.bool_]


def design_model(design: PowerDesign) -> DesignModel:
    """Find the law and the layout of a design; clusters are rounded up to whole ones.

    Raises
    ------
    InputError
        No outcome has the declared moments, or units are infinite.
    """
    if not np.isfinite(design.units):
        message = "units: infinitely many cannot be simulated; give a number"
        raise InputError(message)
    if isinstance(design, ParallelDesign):
        return _parallel(design)
    if isinstance(design, SteppedWedgeDesign):
        return _wedge(design)
    message = "simulation: parallel designs and stepped wedges are simulated"
    raise InputError(message)


def draw_design(model: DesignModel, *, n_trials: int, rng: np.random.Generator) -> SimulatedCells:
    """Draw trials of a design, all at once.

    A cluster has one size in all periods. The arms of a parallel trial are drawn afresh in every
    trial; the clusters of a stepped wedge are alike but for sizes given one by one.
    """
    shape = (n_trials, *model.arm.shape)
    order = np.broadcast_to(np.arange(shape[1]), shape[:2])
    if isinstance(model.design, ParallelDesign):
        order = rng.permuted(order, axis=1)
    return simulate_cells(
        model.outcome,
        arm=model.arm[order],
        treated=model.treated[order],
        units=_units(model, shape, rng) * model.observed[order],
        rng=rng,
    )


def design_plan(model: DesignModel, *, draws: int, seed: int) -> AnalysisPlan:
    """Plan under which the trials of a design are analysed.

    Baseline waves become the covariate ``(baseline)``, simulated covariates are adjusted for, and
    a stepped wedge has its periods as a factor and its arms inside clusters.
    """
    design, before = model.design, 0
    if isinstance(design, SteppedWedgeDesign):
        covariates: tuple[str, ...] = (PERIOD,)
    else:
        before = design.baseline_waves
        covariates = covariate_names(
            design.covariates, of_units=model.outcome.covariate is not None
        )
    return make_plan(
        outcome="y",
        arm="arm",
        cluster="cluster",
        control="0",
        covariates=covariates,
        arms_within_clusters=isinstance(design, SteppedWedgeDesign),
        period=PERIOD if before else None,
        baseline=period_labels(model.arm.shape[1])[:before],
        family=FAMILIES.get(design.outcome.kind, "auto"),
        level=design.contrast().level,
        draws=draws,
        seed=seed,
    )


def _parallel(design: ParallelDesign) -> DesignModel:
    treated = whole(design.clusters)
    control = treated if design.control_clusters is None else whole(design.control_clusters)
    arms = np.repeat(
        np.arange(design.arms, dtype=np.int8), [control, *[treated] * (design.arms - 1)]
    )
    periods = np.arange(design.baseline_waves + design.waves)
    arm = np.repeat(arms[:, None], len(periods), axis=1)
    kept = design.cluster_autocorrelation
    return DesignModel(
        design=design,
        outcome=outcome_model(
            design.outcome,
            effect=design.effect,
            icc=design.icc,
            random=RandomEffects(
                cluster_autocorrelation=1.0 if kept is None else kept,
                individual_autocorrelation=design.individual_autocorrelation,
                cluster_r2=design.cluster_r2,
                unit_r2=design.unit_r2,
                covariates=design.covariates,
            ),
        ),
        arm=arm,
        treated=(arm > 0) & (periods >= design.baseline_waves),
        observed=np.ones(arm.shape, dtype=np.bool_),
    )


def _wedge(design: SteppedWedgeDesign) -> DesignModel:
    schedule = np.repeat(design.schedule(), whole(design.clusters), axis=0)
    treated = schedule == 1
    return DesignModel(
        design=design,
        outcome=outcome_model(
            design.outcome,
            effect=design.effect,
            icc=design.icc,
            random=RandomEffects(
                cluster_autocorrelation=design.cluster_autocorrelation,
                individual_autocorrelation=design.individual_autocorrelation,
                treatment_sd=design.treatment_sd,
                treatment_correlation=design.treatment_correlation,
            ),
        ),
        arm=treated.astype(np.int8),
        treated=treated,
        observed=~np.isnan(schedule),
    )


def _units(model: DesignModel, shape: tuple[int, int, int], rng: np.random.Generator) -> Floats:
    """Whole units of each cluster and period, shape (S, G, T) or broadcast to it."""
    design = model.design
    if isinstance(design, SteppedWedgeDesign) and design.cluster_sizes:
        sizes = np.ceil(np.array(design.cluster_sizes, dtype=np.float64))
        return np.broadcast_to(sizes if sizes.ndim == 2 else sizes[:, None], shape)
    sizes = cluster_sizes(
        units=whole(design.units), cv=design.cv, shape=shape[:2], rng=rng, smallest=1.0
    )
    return np.broadcast_to(sizes[:, :, None], shape)


def whole(number: float) -> int:
    """Round up to a whole number."""
    return int(-(-number // 1))
