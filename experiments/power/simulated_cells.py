"""Simulated trials as sums by cluster and period, all at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.power.cluster_effects import cluster_effects
from experiments.power.outcome_model import OutcomeModel
from experiments.power.unit_outcomes import category_sums, count_sums, normal_sums

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCells:
    """S trials of G clusters in T periods, reduced to what estimators read.

    Attributes
    ----------
    arm
        Codes, 0 the control, shape (S, G, T).
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome, shape (S, G, T, X) with one slice for each
        level of the unit-level covariate; no units where a cluster is not observed.
    levels
        Levels of that covariate, shape (X,): two, or 0 alone without it.
    covariates
        Cluster-level covariates, shape (S, G, q).
    """

    arm: npt.NDArray[np.int8]
    n: Floats
    sum_y: Floats
    sum_yy: Floats
    levels: Floats
    covariates: Floats


def simulate_cells(
    model: OutcomeModel,
    *,
    arm: npt.NDArray[np.int8],
    treated: npt.NDArray[np.bool_],
    units: Floats,
    rng: np.random.Generator,
) -> SimulatedCells:
    """Draw clusters' effects, then the sums of their units' outcomes.

    Parameters
    ----------
    arm
        Arm recorded for each cluster and period, shape (S, G, T).
    treated
        Where the treatment is in force, shape (S, G, T).
    units
        Whole numbers of units, 0 where not observed, shape (S, G, T).
    """
    levels, n = np.zeros(1), units[..., None]
    if model.covariate is not None:
        levels = model.covariate.levels
        n = _split(units, model.covariate.chance, cohort=model.kept > 0, rng=rng)
    effects, covariates = cluster_effects(treated, model.effects, rng)
    predictor = np.where(
        treated[..., None, None],
        model.treated.values(effects, levels),
        model.control.values(effects, levels),
    )
    if model.law == "normal":
        sums = normal_sums(
            n=n, mean=predictor[..., 0], variance=model.residual, kept=model.kept, rng=rng
        )
    elif model.law == "category":
        sums = category_sums(n=n, above=special.expit(predictor), kept=model.kept, rng=rng)
    else:
        sums = count_sums(
            n=n, mean=np.exp(predictor[..., 0]), dispersion=model.residual, kept=model.kept, rng=rng
        )
    return SimulatedCells(
        arm=arm, n=n, sum_y=sums[0], sum_yy=sums[1], levels=levels, covariates=covariates
    )


def _split(units: Floats, chance: float, *, cohort: bool, rng: np.random.Generator) -> Floats:
    """Units of each of two covariate levels, which cohort members keep, shape (S, G, T, 2)."""
    whole = units.astype(np.int64)
    if cohort:
        high = rng.binomial(whole.max(axis=-1, keepdims=True), chance) * (whole > 0)
    else:
        high = rng.binomial(whole, chance)
    return np.stack([whole - high, high], axis=-1).astype(np.float64)
