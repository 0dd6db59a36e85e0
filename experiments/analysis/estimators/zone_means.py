"""Estimators ``zone-t``, ``zone-welch`` and ``zone-weighted``: t tests on cluster means.

Hayes & Moulton (2017), *Cluster Randomised Trials*, chapters 10 and 11.
"""

from experiments.analysis.cluster_means import difference_in_means, minimum_variance_weights
from experiments.analysis.estimators.estimated import Estimated, arm_means
from experiments.analysis.estimators.zone_values import in_contrast, zone_values
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters

REFERENCE = "Hayes & Moulton (2017), Cluster Randomised Trials, ch. 10"


def zone_t(trial: TrialData) -> list[Estimated]:
    """Student's t test on cluster means, one cluster one vote."""
    return _estimate(trial, "zone-t", "Student's t test on cluster means", equal_variance=True)


def zone_welch(trial: TrialData) -> list[Estimated]:
    """Welch's t test on cluster means."""
    return _estimate(trial, "zone-welch", "Welch's t test on cluster means", equal_variance=False)


def zone_weighted(trial: TrialData) -> list[Estimated]:
    """Welch's t test on cluster means weighted by size, or for smallest variance.

    Size weights for the unit estimand; minimum-variance weights, from the ICC, otherwise.
    """
    return _estimate(
        trial, "zone-weighted", "Welch's t test on weighted cluster means", equal_variance=False
    )


def _estimate(
    trial: TrialData, estimator: str, method: str, *, equal_variance: bool
) -> list[Estimated]:
    require_whole_clusters(trial, estimator)
    adjusted = zone_values(trial)
    sizes = trial.clusters.n
    weights = None
    if estimator == "zone-weighted":
        icc = 0.0 if trial.plan.estimand == "unit" else max(trial.icc or 0.0, 0.0)
        weights = minimum_variance_weights(sizes, icc=icc)
        method += ", by size" if trial.plan.estimand == "unit" else f", for an ICC of {icc:.3f}"
    elif trial.plan.estimand == "unit":
        weights = sizes
        method += " weighted by size"
    if trial.block is not None:
        method += " within strata"
    results = []
    for arm in range(1, len(trial.arms)):
        chosen = in_contrast(trial, arm)
        found = difference_in_means(
            adjusted.values[chosen.places],
            chosen.treated,
            stratum=chosen.strata,
            weights=None if weights is None else weights[chosen.places],
            equal_variance=equal_variance,
            df_lost=adjusted.df_lost,
            level=trial.plan.level,
        )
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=estimator,
                    estimand="unit" if estimator == "zone-weighted" else trial.plan.estimand,
                    used=chosen.places,
                    warnings=(*chosen.warnings, *adjusted.warnings, *found.warnings),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method=method + adjusted.adjustment,
                    reference=REFERENCE,
                ),
                arm_means=arm_means(
                    trial,
                    control=found.mean_control,
                    treated=found.mean_treated,
                    covariance=[[found.se_control**2, 0.0], [0.0, found.se_treated**2]],
                    df=found.df,
                ),
            )
        )
    return results
