"""An estimated effect on the further scales that a plan asks for."""

import math
from dataclasses import replace

import numpy as np

from experiments.analysis.effect_estimate import EffectEstimate, Scale
from experiments.analysis.effect_scales import (
    ArmMeans,
    ScaledEffect,
    convert,
    convert_log_odds_ratio,
    number_needed_to_treat,
)
from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.hedges_g import hedges_g
from experiments.analysis.trial_data import TrialData
from experiments.errors import AssumptionError

LARGEST_LOG = 700.0
EXPONENTIAL = {"log_odds_ratio": "odds_ratio", "log_ratio": "ratio"}


def on_scale(trial: TrialData, one: Estimated, scale: Scale) -> EffectEstimate | None:
    """Give an effect on another scale, or None where its estimator has no arm means.

    The p value stays that of the estimator: all scales share one null. The odds ratio of a
    mixed model stays the one given the cluster; every other scale is of the population.

    Raises
    ------
    AssumptionError
        The outcome has no such scale, e.g. an odds ratio of a mean.
    """
    effect = one.effect
    if EXPONENTIAL.get(effect.scale) == scale:
        return _exponential(effect, scale)
    if one.arm_means is None:
        return None
    if scale == "number_needed_to_treat":
        return _number_needed_to_treat(
            effect,
            one.arm_means,
            higher_is_better=trial.plan.higher_is_better,
            level=trial.plan.level,
        )
    if scale == "hedges_g":
        return _with(effect, _hedges_g(trial, effect, one.arm_means))
    return _with(effect, convert(one.arm_means, scale=scale, level=trial.plan.level))


def _with(effect: EffectEstimate, scaled: ScaledEffect) -> EffectEstimate:
    return replace(
        effect,
        estimate=scaled.estimate,
        std_error=scaled.std_error,
        ci_low=scaled.ci_low,
        ci_high=scaled.ci_high,
        scale=scaled.scale,
        method=f"{effect.method}; {scaled.note}",
    )


def _exponential(effect: EffectEstimate, scale: Scale) -> EffectEstimate:
    if effect.scale == "log_odds_ratio" and effect.std_error is not None:
        scaled = convert_log_odds_ratio(
            estimate=effect.estimate,
            std_error=effect.std_error,
            df=effect.df or math.inf,
            scale=scale,
            level=effect.level,
        )
        return _with(effect, scaled)
    ratio, low, high = (_exp(value) for value in (effect.estimate, effect.ci_low, effect.ci_high))
    return replace(
        effect,
        estimate=ratio,
        std_error=None if effect.std_error is None else ratio * effect.std_error,
        ci_low=low,
        ci_high=high,
        scale=scale,
        method=f"{effect.method}; interval on the log scale",
    )


def _exp(value: float) -> float:
    # An interval too wide for floating point is unbounded.
    return math.exp(value) if value < LARGEST_LOG else math.inf


def _number_needed_to_treat(
    effect: EffectEstimate, means: ArmMeans, *, higher_is_better: bool, level: float
) -> EffectEstimate:
    found = number_needed_to_treat(means, higher_is_better=higher_is_better, level=level)
    low, high = (-math.inf, math.inf)
    if found.harm is None and found.benefit is not None:
        low, high = found.benefit
    elif found.benefit is None and found.harm is not None:
        # A number needed to harm is negative, like its estimate.
        low, high = -found.harm[1], -found.harm[0]
    return replace(
        effect,
        estimate=found.estimate,
        std_error=None,
        ci_low=low,
        ci_high=high,
        scale="number_needed_to_treat",
        method=f"{effect.method}; reciprocal of the difference",
        warnings=(*effect.warnings, found.note),
        extra={**effect.extra, "benefit": found.benefit, "harm": found.harm},
    )


def _hedges_g(trial: TrialData, effect: EffectEstimate, means: ArmMeans) -> ScaledEffect:
    if trial.icc is None:
        message = "scale 'hedges_g': no intraclass correlation can be estimated; use 'difference'"
        raise AssumptionError(message)
    label = effect.contrast.removesuffix(f" vs {trial.arms[0]}")
    codes = (0, trial.arms.index(label))
    clusters = trial.clusters
    squares, units = 0.0, 0.0
    for code in codes:
        inside = trial.arm == code
        n, total = clusters.n[inside].sum(), clusters.sum_y[inside].sum()
        squares += float(clusters.sum_yy[inside].sum() - total**2 / n)
        units += float(n)
    return hedges_g(
        means,
        variance=squares / (units - 2),
        icc=float(np.clip(trial.icc, 0.0, 0.999)),
        cluster_sizes=(clusters.n[trial.arm == codes[0]], clusters.n[trial.arm == codes[1]]),
        level=trial.plan.level,
    )
