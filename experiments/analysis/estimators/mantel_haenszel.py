"""Estimators ``mantel-haenszel`` and ``mantel-haenszel-ratio``: shares pooled over strata."""

from collections.abc import Callable

from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.zone_values import in_contrast
from experiments.analysis.mantel_haenszel import (
    MantelHaenszel,
    mantel_haenszel_difference,
    mantel_haenszel_ratio,
    stratum_counts,
)
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters
from experiments.errors import AssumptionError

REFERENCE = "Greenland & Robins (1985), Biometrics 41:55-68"
FEWEST_STRATA = 3


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
        # Strata are independent; with few of them, clusters inside strata must carry the variance.
        variance = "jackknife" if len(counts.total) >= FEWEST_STRATA else "cluster"
        found = estimate(counts, variance=variance, level=trial.plan.level)
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=name,
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
