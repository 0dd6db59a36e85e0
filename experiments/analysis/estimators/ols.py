"""Estimators ``ols-cr0`` to ``ols-cr3``: least squares with cluster-robust variances."""

from collections.abc import Callable

import numpy as np

from experiments.analysis.cluster_robust import (
    ClusterRobustFit,
    Correction,
    cluster_robust_fit,
    coefficient_test,
)
from experiments.analysis.effect_scales import ArmMeans
from experiments.analysis.estimators.estimated import Estimated, arm_means
from experiments.analysis.trial_data import TrialData, effect, unused_baseline

REFERENCE = (
    "Bell & McCaffrey (2002), Survey Methodology 28:169-181; "
    "Pustejovsky & Tipton (2018), JBES 36:672-683"
)
CORRECTIONS: tuple[Correction, ...] = ("CR0", "CR1", "CR1S", "CR2", "CR3")


def estimator(correction: Correction) -> Callable[[TrialData], list[Estimated]]:
    """Return the estimator with the named variance."""

    def estimate(trial: TrialData) -> list[Estimated]:
        return _estimate(trial, correction)

    return estimate


def fit_trial(trial: TrialData, correction: Correction) -> ClusterRobustFit:
    """Regress the outcome on the arms and covariates, strata absorbed."""
    absorbed = None
    moments = trial.moments(block_dummies=trial.block_varies)
    if trial.block is not None and not trial.block_varies:
        absorbed = trial.block
    return cluster_robust_fit(moments, correction=correction, absorbed=absorbed)


def _estimate(trial: TrialData, correction: Correction) -> list[Estimated]:
    fit = fit_trial(trial, correction)
    places = [fit.columns.index(label) for label in trial.arms[1:] if label in fit.columns]
    method = f"least squares, {correction} variance"
    method += ", Satterthwaite degrees of freedom" if correction in {"CR2", "CR3"} else ", t(G - 1)"
    if trial.block is not None:
        method += f", levels of '{trial.plan.block}' as fixed effects"
    if trial.covariates:
        method += f", adjusted for {', '.join(trial.covariates)}"
    results = []
    for arm in range(1, len(trial.arms)):
        found = coefficient_test(fit, trial.arms[arm], level=trial.plan.level)
        place = fit.columns.index(trial.arms[arm])
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=f"ols-{correction.lower()}",
                    estimand="unit",
                    warnings=(*found.warnings, *unused_baseline(trial)),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method=method,
                    reference=REFERENCE,
                ),
                arm_means=_arm_means(trial, fit, arm, found.df),
                covariance=fit.covariance[place, places],
            )
        )
    return results


def _arm_means(trial: TrialData, fit: ClusterRobustFit, arm: int, df: float) -> ArmMeans | None:
    if trial.block is not None or trial.covariates:
        return None
    # Without covariates the intercept is the control mean and the arms are independent.
    control, place = 0, fit.columns.index(trial.arms[arm])
    mean = float(fit.coefficients[control]) + trial.clusters.centre
    covariance = fit.covariance
    var_control = covariance[control, control]
    with_treated = var_control + covariance[control, place]
    var_treated = var_control + covariance[place, place] + 2 * covariance[control, place]
    return arm_means(
        trial,
        control=mean,
        treated=mean + float(fit.coefficients[place]),
        covariance=np.array([[var_control, with_treated], [with_treated, var_treated]]),
        df=df,
    )
