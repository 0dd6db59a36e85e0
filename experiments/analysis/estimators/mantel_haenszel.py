"""Estimators ``mantel-haenszel`` and ``mantel-haenszel-ratio``: shares pooled over strata."""

from collections.abc import Callable

import numpy as np

from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.zone_values import in_contrast
from experiments.analysis.mantel_haenszel import (
    MantelHaenszel,
    StratumCounts,
    mantel_haenszel_difference,
    mantel_haenszel_ratio,
    stratum_counts,
)
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters
from experiments.errors import AssumptionError

REFERENCE = "Greenland & Robins (1985), Biometrics 41:55-68"
FEWEST_STRATA, ENOUGH_STRATA = 3, 10


def risk_difference(trial: TrialData) -> list[Estimated]:
    """Mantel-Haenszel risk difference, variance robust to clustering."""
    return _estimate(trial, "mantel-haenszel", mantel_haenszel_difference)


def risk_ratio(trial: TrialData) -> list[Estimated]:
    """Mantel-Haenszel risk ratio, variance robust to clustering."""
    return _estimate(trial, "mantel-haenszel-ratio", mantel_haenszel_ratio)


def _estimate(
    trial: TrialData, name: str, estimate: Callable[..., MantelHaenszel]
) -> list[Estimated]:
    require_whole_clusters(trial, name)
    if trial.family != "binomial" or trial.block is None:
        missing = "strata" if trial.block is None else f"0/1 values in column '{trial.outcome}'"
        message = f"{name}: needs {missing}; use zone-welch, or ols-cr2 with strata"
        raise AssumptionError(message)
    results = []
    for arm in range(1, len(trial.arms)):
        chosen = in_contrast(trial, arm)
        assert chosen.strata is not None  # noqa: S101
        counts = stratum_counts(
            stratum=chosen.strata,
            treated=chosen.treated,
            events=trial.clusters.sum_y[chosen.places],
            n=trial.clusters.n[chosen.places],
        )
        variance = _variance(counts)
        found = estimate(counts, variance=variance, level=trial.plan.level)
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=name,
                    estimand="unit",
                    used=chosen.places,
                    warnings=(*chosen.warnings, *found.warnings),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale=found.scale,
                    method=f"Mantel-Haenszel over {found.n_strata} strata, {variance} variance"
                    + (", standard error of the log" if found.scale == "ratio" else ""),
                    reference=found.reference,
                    extra={"n_strata": found.n_strata},
                )
            )
        )
    return results


def _variance(counts: StratumCounts) -> str:
    """Leave-one-stratum-out with many strata; between clusters of a stratum with few large ones."""
    strata = len(counts.total)
    cells = np.bincount(2 * counts.stratum + counts.treated, minlength=2 * strata)
    several = bool(cells.min() >= 2)
    if strata < FEWEST_STRATA or (strata < ENOUGH_STRATA and several):
        return "cluster"
    return "jackknife"
