"""Estimators ``wild-webb`` and ``wild-rademacher``: the wild cluster bootstrap-t."""

from typing import Literal

import numpy as np

from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.ols import fit_trial
from experiments.analysis.trial_data import TrialData, effect, unused_baseline
from experiments.analysis.wild_cluster_bootstrap import wild_cluster_bootstrap

REFERENCE = (
    "Cameron, Gelbach & Miller (2008), REStat 90:414-427; Webb (2023), CJE 56:839-858; "
    "MacKinnon, Nielsen & Webb (2023), J Appl Econom 38:671-694"
)


def wild_webb(trial: TrialData) -> list[Estimated]:
    """Null imposed, Webb's six-point weights, studentised by CR1."""
    return _estimate(trial, "webb")


def wild_rademacher(trial: TrialData) -> list[Estimated]:
    """Null imposed, Rademacher weights, all sign changes where they are few."""
    return _estimate(trial, "rademacher")


def _estimate(trial: TrialData, weights: Literal["webb", "rademacher"]) -> list[Estimated]:
    fit = fit_trial(trial, "CR1")
    results = []
    for arm in range(1, len(trial.arms)):
        found = wild_cluster_bootstrap(
            fit,
            trial.arms[arm],
            weights=weights,
            draws=trial.plan.draws,
            level=trial.plan.level,
            rng=np.random.default_rng([trial.plan.seed, arm]),
        )
        how = f"all {found.n_draws}" if found.enumerated else f"{found.n_draws}"
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator=f"wild-{weights}",
                    estimand="unit",
                    warnings=(*found.warnings, *unused_baseline(trial)),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=None,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method=f"wild cluster bootstrap-t, null imposed, {how} {weights} draws, "
                    "interval by inversion",
                    reference=REFERENCE,
                    extra={"n_draws": found.n_draws, "enumerated": found.enumerated},
                )
            )
        )
    return results
