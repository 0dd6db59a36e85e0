"""Estimators ``gee-*``: exchangeable GEE with variances corrected for few clusters."""

from collections.abc import Callable

import numpy as np

from experiments.analysis import gee as gee_model
from experiments.analysis.effect_estimate import Scale
from experiments.analysis.estimators.estimated import Estimated, arm_means
from experiments.analysis.estimators.one_sided_levels import without_one_sided_levels
from experiments.analysis.gee_small_sample import (
    Correction,
    coefficient_test,
    small_sample_covariance,
)
from experiments.analysis.marginal_effects import marginal_effects
from experiments.analysis.trial_data import TrialData, effect, unused_baseline
from experiments.engine.covariate_patterns import centred_covariates
from experiments.errors import AssumptionError

REFERENCE = (
    "Liang & Zeger (1986); Mancl & DeRouen (2001); Kauermann & Carroll (2001); "
    "Fay & Graubard (2001); Li & Redden (2015), Stat Med 34:281-296"
)
CORRECTIONS: dict[str, Correction] = {
    "md": "mancl-derouen",
    "kc": "kauermann-carroll",
    "fg": "fay-graubard",
    "mbn": "morel-bokossa-neerchal",
    "robust": "robust",
}
NATIVE_SCALES: dict[str, Scale] = {
    "binomial": "log_odds_ratio",
    "poisson": "log_ratio",
    "gaussian": "difference",
}


def estimator(name: str) -> Callable[[TrialData], list[Estimated]]:
    """Return the estimator with the named variance correction."""
    correction = CORRECTIONS[name]

    def estimate(trial: TrialData) -> list[Estimated]:
        return _estimate(trial, f"gee-{name}", correction)

    return estimate


def _estimate(trial: TrialData, estimator_name: str, correction: Correction) -> list[Estimated]:
    if trial.plan.pairs is not None:
        message = (
            f"{estimator_name}: matched pairs would cost one parameter a pair; use matched-pairs "
            "or randomization"
        )
        raise AssumptionError(message)
    caveats = (*_count_caveat(trial), *unused_baseline(trial))
    trial, left_out = without_one_sided_levels(trial)
    patterns = centred_covariates(trial.patterns(block_dummies=trial.block is not None))
    fit = gee_model.fit_gee(patterns, family=trial.family)
    covariance = small_sample_covariance(fit, correction=correction)
    link = {"logit": "logit link", "log": "log link", "identity": "identity link"}[fit.link]
    results = []
    for arm in range(1, len(trial.arms)):
        found = coefficient_test(
            fit, trial.arms[arm], correction=correction, level=trial.plan.level
        )
        means = marginal_effects(
            patterns,
            coefficients=fit.coefficients,
            covariance=covariance,
            treatment=trial.arms[arm],
            other_arms=[label for label in trial.arms[1:] if label != trial.arms[arm]],
            link=fit.link,
            df=found.df,
            level=trial.plan.level,
        )
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=estimator_name,
                    estimand="unit",
                    warnings=(*left_out, *found.warnings, *caveats),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale=NATIVE_SCALES[trial.family],
                    method=f"{trial.family} GEE, {link}, {fit.working} working correlation "
                    f"{fit.alpha:.3f}, {correction} variance, t on clusters less cluster-level "
                    "columns",
                    reference=REFERENCE,
                    extra={"working_correlation": fit.alpha},
                ),
                arm_means=arm_means(
                    trial,
                    control=means.mean_control,
                    treated=means.mean_treated,
                    covariance=means.covariance,
                    df=found.df,
                ),
                covariance=covariance[arm, 1 : len(trial.arms)],
            )
        )
    return results


def _count_caveat(trial: TrialData) -> tuple[str, ...]:
    """Say what the effect is where an outcome may be a count and no family was asked for."""
    if trial.plan.family != "auto" or trial.family != "gaussian":
        return ()
    table = trial.table
    place = table.numeric.index(trial.outcome)
    sums, squares, centre = (
        table.sums[:, place],
        table.products[:, place, place],
        table.centre[place],
    )
    totals = sums + table.n * centre
    squares = squares + centre * (2 * sums + table.n * centre)
    if totals.min() < 0 or not all(
        np.allclose(x, np.rint(x), rtol=0, atol=1e-6) for x in (totals, squares)
    ):
        return ()
    return (
        f"'{trial.outcome}' holds whole numbers and the effect is a difference in means; if they "
        "are counts, --family poisson gives a ratio",
    )
