"""Effects by a declared, cluster-level characteristic, with one test of whether they differ."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.analysis.cluster_robust import (
    ClusterRobustFit,
    cluster_robust_fit,
    coefficient_test,
)
from experiments.analysis.hotelling_t2 import hotelling_t2
from experiments.analysis.trial_data import TrialData, require_whole_clusters
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupEffect:
    """Effect of one arm where the characteristic has one value.

    Attributes
    ----------
    level
        Level of a factor; of a number, ``"mean"`` (effect at its mean) or ``"slope"`` (change of
        the effect per unit).
    contrast
        Arm and control.
    estimate, std_error, df, ci_low, ci_high, p_value
        As in an effect estimate, on the difference scale.
    n_clusters
        Clusters of the two arms at that level.
    """

    level: str
    contrast: str
    estimate: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    n_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Interaction of the arms with one characteristic.

    Attributes
    ----------
    outcome, moderator
        Columns.
    kind
        Whether the characteristic is a factor or a number.
    effects
        By level and arm.
    statistic, df, df_denominator, p_value
        Joint F test that the effect does not depend on the characteristic (CR2, approximate
        Hotelling T2; Pustejovsky & Tipton 2018).
    warnings
        Caveats in words.
    """

    outcome: str
    moderator: str
    kind: Literal["factor", "number"]
    effects: tuple[SubgroupEffect, ...]
    statistic: float
    df: float
    df_denominator: float
    p_value: float
    warnings: tuple[str, ...]


def heterogeneity(trial: TrialData, moderator: str) -> Heterogeneity:
    """Estimate effects by level of a characteristic that is constant within clusters.

    Unit-weighted least squares of the outcome on arm, characteristic and their products, CR2
    variance. An effect that differs significantly from zero in one subgroup and not in another
    is no evidence that they differ: only the interaction test is.

    Raises
    ------
    InputError
        The characteristic varies inside clusters.
    AssumptionError
        A level without clusters of some arm, or too few clusters for the interaction.
    """
    require_whole_clusters(trial, f"moderator '{moderator}'")
    if moderator in trial.table.factors:
        codes, labels = _factor_codes(trial, moderator)
        return _by_level(trial, moderator, codes, labels)
    return _by_number(trial, moderator, _numbers(trial, moderator))


def _by_level(
    trial: TrialData, moderator: str, codes: npt.NDArray[np.int64], labels: list[str]
) -> Heterogeneity:
    arms, levels = len(trial.arms), len(labels)
    cells = np.zeros((levels, arms), dtype=np.int64)
    np.add.at(cells, (codes, trial.arm), 1)
    if cells.min() < 2:
        level, arm = np.argwhere(cells < 2)[0]
        message = (
            f"moderator '{moderator}': clusters of arm '{trial.arms[arm]}' at level "
            f"'{labels[level]}' number {cells[level, arm]}; each level needs two or more per arm, "
            "so merge levels"
        )
        raise AssumptionError(message)
    # One column per level, then one per level and arm: effects are read off directly.
    at = np.eye(levels)[codes]
    treated = [at * (trial.arm == arm)[:, None] for arm in range(1, arms)]
    fit = _fit(trial, np.column_stack([at, *treated]))
    effects = []
    for arm in range(1, arms):
        for level in range(levels):
            place = levels * arm + level
            weights = np.eye(levels * arms)[place]
            count = int(cells[level, 0] + cells[level, arm])
            effects.append(_effect(trial, fit, weights, labels[level], arm, count))
    constraints = np.zeros(((arms - 1) * (levels - 1), levels * arms))
    row = 0
    for arm in range(1, arms):
        for level in range(1, levels):
            constraints[row, [levels * arm, levels * arm + level]] = (-1.0, 1.0)
            row += 1
    return _result(trial, moderator, "factor", effects, fit, constraints)


def _by_number(trial: TrialData, moderator: str, values: Floats) -> Heterogeneity:
    arms = len(trial.arms)
    centred = values - np.average(values, weights=trial.clusters.n)
    if not np.ptp(values) > 0:
        message = f"moderator '{moderator}' has one value in all clusters; leave it out"
        raise AssumptionError(message)
    treated = [(trial.arm == arm).astype(np.float64) for arm in range(1, arms)]
    products = [column * centred for column in treated]
    fit = _fit(trial, np.column_stack([np.ones_like(values), centred, *treated, *products]))
    effects, total = [], 2 * arms
    for arm in range(1, arms):
        count = int(np.sum((trial.arm == 0) | (trial.arm == arm)))
        for level, place in (("mean", 1 + arm), ("slope", arms + arm)):
            effects.append(_effect(trial, fit, np.eye(total)[place], level, arm, count))
    return _result(trial, moderator, "number", effects, fit, np.eye(total)[arms + 1 :])


def _fit(trial: TrialData, x: Floats) -> ClusterRobustFit:
    """Regress on columns that are constant within clusters, strata left out."""
    clusters = trial.clusters
    columns = tuple(f"column {place}" for place in range(x.shape[1]))
    moments = ClusterMoments(
        clusters=clusters.labels,
        columns=columns,
        xx=clusters.n[:, None, None] * x[:, :, None] * x[:, None, :],
        xy=clusters.sum_y[:, None] * x,
        yy=clusters.sum_yy,
        n=clusters.n,
    )
    fit = cluster_robust_fit(moments, correction="CR2")
    if fit.dropped:
        message = "the characteristic follows the arms too closely to tell their effects apart"
        raise AssumptionError(message)
    return fit


def _effect(
    trial: TrialData, fit: ClusterRobustFit, weights: Floats, level: str, arm: int, count: int
) -> SubgroupEffect:
    found = coefficient_test(fit, weights, level=trial.plan.level)
    return SubgroupEffect(
        level=level,
        contrast=f"{trial.arms[arm]} vs {trial.arms[0]}",
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        p_value=found.p_value,
        n_clusters=count,
    )


def _result(
    trial: TrialData,
    moderator: str,
    kind: Literal["factor", "number"],
    effects: list[SubgroupEffect],
    fit: ClusterRobustFit,
    constraints: Floats,
) -> Heterogeneity:
    joint = hotelling_t2(fit, constraints)
    warnings = list(joint.warnings)
    if trial.block is not None:
        warnings.append("strata are left out of the interaction model")
    if min(effect.df for effect in effects) < 8:
        warnings.append(
            "few clusters by level: a difference between subgroups could hardly be seen here"
        )
    return Heterogeneity(
        outcome=trial.outcome,
        moderator=moderator,
        kind=kind,
        effects=tuple(effects),
        statistic=joint.statistic,
        df=joint.df_num,
        df_denominator=joint.df_denom,
        p_value=joint.p_value,
        warnings=tuple(warnings),
    )


def _factor_codes(trial: TrialData, moderator: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    codes, cluster = trial.table.factors[moderator], trial.table.cluster
    first = np.zeros(trial.clusters.n_clusters, dtype=np.int64)
    first[cluster[::-1]] = codes[::-1]
    _refuse_varying(trial, moderator, codes != first[cluster])
    used, recoded = np.unique(first, return_inverse=True)
    return recoded, [str(label) for label in trial.table.factor_levels[moderator][used]]


def _numbers(trial: TrialData, moderator: str) -> Floats:
    place = trial.table.numeric.index(moderator)
    sums = trial.table.sums[:, place]
    squares = trial.table.products[:, place, place]
    mean = sums / trial.table.n
    spread = squares - sums * mean
    values = trial.clusters.covariates[moderator]
    centre = trial.table.centre[place]
    off = np.abs(mean + centre - values[trial.table.cluster]) > 1e-9 * (1 + np.abs(values).max())
    _refuse_varying(trial, moderator, off | (spread > 1e-9 * np.maximum(squares, 1)))
    return values


def _refuse_varying(trial: TrialData, moderator: str, varies: npt.NDArray[np.bool_]) -> None:
    if varies.any():
        label = trial.clusters.labels[trial.table.cluster[np.argmax(varies)]]
        message = (
            f"moderator '{moderator}' varies inside cluster '{label}'; give one value per cluster, "
            "such as the cluster's mean"
        )
        raise InputError(message)
