"""Estimator ``mixed-logit``: random-intercept logistic regression by adaptive quadrature."""

from experiments.analysis import mixed_logit as model
from experiments.analysis.estimators.estimated import Estimated, arm_means
from experiments.analysis.estimators.one_sided_levels import without_one_sided_levels
from experiments.analysis.marginal_effects import marginal_effects
from experiments.analysis.standardised_covariates import standardise_covariates
from experiments.analysis.trial_data import TrialData, effect, unused_baseline
from experiments.errors import AssumptionError

REFERENCE = (
    "Pinheiro & Bates (1995), J Comput Graph Stat 4:12-35; Li & Redden (2015), BMC MRM 15:38"
)


def mixed_logit(trial: TrialData) -> list[Estimated]:
    """Log odds ratio given the cluster, with t on the between-within degrees of freedom."""
    if trial.family != "binomial":
        message = (
            f"mixed-logit: column '{trial.outcome}' is not 0 or 1; use zone-t, or gee-md with its "
            "family"
        )
        raise AssumptionError(message)
    if trial.plan.pairs is not None:
        message = (
            "mixed-logit: matched pairs would cost one parameter a pair, which biases the odds "
            "ratio; use matched-pairs or randomization"
        )
        raise AssumptionError(message)
    trial, left_out = without_one_sided_levels(trial)
    # The means below are averaged in these units too: their covariance would lose digits in
    # those of a year. The arms' coefficients are the same.
    patterns, _ = standardise_covariates(trial.patterns(block_dummies=trial.block is not None))
    fit = model.fit_mixed_logit(patterns, profile=False, level=trial.plan.level)
    place = {name: code for code, name in enumerate(fit.columns)}
    results = []
    for arm in range(1, len(trial.arms)):
        found = model.coefficient_test(fit, trial.arms[arm], level=trial.plan.level)
        means = marginal_effects(
            patterns,
            coefficients=fit.coefficients,
            covariance=fit.joint_covariance,
            treatment=trial.arms[arm],
            other_arms=[label for label in trial.arms[1:] if label != trial.arms[arm]],
            link="logit",
            df=found.df,
            level=trial.plan.level,
            random_intercept_sd=fit.sd_random_intercept,
        )
        codes = [place[label] for label in trial.arms[1:]]
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator="mixed-logit",
                    estimand="given the cluster",
                    warnings=(*left_out, *found.warnings, *unused_baseline(trial)),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="log_odds_ratio",
                    method=f"random-intercept logistic regression, adaptive Gauss-Hermite "
                    f"quadrature with {fit.points} points, effect given the cluster",
                    reference=REFERENCE,
                    extra={"sd_random_intercept": fit.sd_random_intercept},
                ),
                arm_means=arm_means(
                    trial,
                    control=means.mean_control,
                    treated=means.mean_treated,
                    covariance=means.covariance,
                    df=found.df,
                ),
                covariance=fit.joint_covariance[codes[arm - 1], codes],
            )
        )
    return results
