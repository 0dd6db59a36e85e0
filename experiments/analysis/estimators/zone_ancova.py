"""Estimator ``zone-ancova``: analysis of covariance on cluster means, baseline included (CUPED)."""

import numpy as np
import numpy.typing as npt

from experiments.analysis.analysis_of_covariance import analysis_of_covariance
from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.zone_values import in_contrast
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters
from experiments.errors import AssumptionError

REFERENCE = (
    "Deng et al. (2013), CUPED; Lin (2013), Ann Appl Stat 7:295-318; Imbens & Kolesar (2016)"
)


def zone_ancova(trial: TrialData) -> list[Estimated]:
    """Least squares of cluster means on the arm, the baseline and the covariates' cluster means."""
    require_whole_clusters(trial, "zone-ancova")
    names, columns = _cluster_covariates(trial)
    if not names and trial.block is None:
        message = (
            "zone-ancova: the plan has neither covariates, a baseline nor strata to adjust for; "
            "use zone-t or zone-welch"
        )
        raise AssumptionError(message)
    by_size = trial.plan.estimand == "unit"
    results = []
    for arm in range(1, len(trial.arms)):
        chosen = in_contrast(trial, arm)
        found = analysis_of_covariance(
            trial.clusters.means[chosen.places],
            chosen.treated,
            covariates=columns[chosen.places] if names else None,
            names=names,
            stratum=chosen.strata,
            weights=trial.clusters.n[chosen.places] if by_size else None,
            level=trial.plan.level,
        )
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator="zone-ancova",
                    estimand=trial.plan.estimand,
                    used=chosen.places,
                    warnings=(*chosen.warnings, *found.warnings),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method=f"analysis of covariance on cluster means ({found.variance} variance)",
                    reference=REFERENCE,
                    extra={"theta": found.theta, "variance_reduction": found.variance_reduction},
                )
            )
        )
    return results


def _cluster_covariates(trial: TrialData) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    columns = {name: trial.clusters.covariates[name] for name in trial.numeric}
    for name in trial.factors:
        levels = trial.table.factor_levels[name]
        for code, label in enumerate(levels[1:], start=1):
            units = np.where(trial.table.factors[name] == code, trial.table.n, 0.0)
            share = np.bincount(trial.table.cluster, units, minlength=trial.clusters.n_clusters)
            columns[f"{name}[{label}]"] = share / trial.clusters.n
    if trial.baseline is not None:
        columns["(baseline)"] = trial.baseline
    if not columns:
        return (), np.empty((trial.clusters.n_clusters, 0))
    return tuple(columns), np.column_stack(list(columns.values()))
