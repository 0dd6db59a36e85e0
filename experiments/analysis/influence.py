"""Leave-one-cluster-out estimates of a trial's primary contrast, with its own estimator."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.leave_one_out import (
    LeaveOneOut,
    leave_one_cluster_out,
    leave_one_out_cr2,
    leave_one_out_difference,
)
from experiments.analysis.trial_data import TrialData, trial_data
from experiments.engine.row_selection import select_rows
from experiments.errors import AssumptionError, InputError

MOST_CLUSTERS = 120
# The closed form of CR2 holds a number for each pair of clusters of an arm.
MOST_CLUSTERS_CR2 = 2_000
CLOSED_FORM = {"zone-t", "zone-welch", "randomization"}


def influence(trial: TrialData, estimator: str) -> dict[str, LeaveOneOut] | None:
    """Re-estimate without each cluster in turn, for every arm against the control.

    Cluster means without covariates have a closed form (Welch), and so has least squares with CR2
    without covariates and strata; other estimators are refitted when there are at most 120
    clusters.

    Returns
    -------
    dict or None
        By contrast; None where arms vary inside clusters or refitting would be too long. Of
        matched pairs, a cluster is left out with its partner.
    """
    if np.any(trial.arm < 0):
        return None
    plain = not trial.covariates and trial.baseline is None and trial.plan.estimand == "cluster"
    if estimator in CLOSED_FORM and plain and not trial.block_varies:
        found = _closed_form(trial)
        if found is not None:
            return found
    bare = not trial.covariates and trial.block is None and trial.baseline is None
    if estimator == "ols-cr2" and bare and trial.clusters.n_clusters <= MOST_CLUSTERS_CR2:
        return _closed_form_cr2(trial)
    if trial.clusters.n_clusters > MOST_CLUSTERS:
        return None
    return {
        f"{label} vs {trial.arms[0]}": _refitted(trial, arm, estimator)
        for arm, label in enumerate(trial.arms[1:], start=1)
    }


def _closed_form(trial: TrialData) -> dict[str, LeaveOneOut] | None:
    found = {}
    for arm, label in enumerate(trial.arms[1:], start=1):
        chosen = np.flatnonzero((trial.arm == 0) | (trial.arm == arm))
        if trial.block is not None and _has_singletons(trial, chosen):
            return None
        try:
            found[f"{label} vs {trial.arms[0]}"] = leave_one_out_difference(
                trial.clusters.means[chosen],
                trial.arm[chosen] == arm,
                clusters=[str(name) for name in trial.clusters.labels[chosen]],
                stratum=None if trial.block is None else trial.block[chosen],
                level=trial.plan.level,
            )
        except AssumptionError:
            # A randomisation test needs no variation within arms; Welch's standard error does.
            return None
    return found


def _closed_form_cr2(trial: TrialData) -> dict[str, LeaveOneOut]:
    found = {}
    for arm, label in enumerate(trial.arms[1:], start=1):
        chosen = np.flatnonzero((trial.arm == 0) | (trial.arm == arm))
        found[f"{label} vs {trial.arms[0]}"] = leave_one_out_cr2(
            trial.clusters.means[chosen],
            trial.arm[chosen] == arm,
            n=trial.clusters.n[chosen],
            clusters=[str(name) for name in trial.clusters.labels[chosen]],
            level=trial.plan.level,
        )
    return found


def _has_singletons(trial: TrialData, chosen: npt.NDArray[np.int64]) -> bool:
    assert trial.block is not None  # noqa: S101
    cells = np.unique(
        np.column_stack([trial.block[chosen], trial.arm[chosen]]), axis=0, return_counts=True
    )[1]
    return bool(cells.min() < 2)


def _refitted(trial: TrialData, arm: int, estimator: str) -> LeaveOneOut:
    estimate = CATALOGUE[estimator].estimate
    # Fewer draws: influence is read off the estimates, not off the third digit of p. The family
    # stays that of all clusters, even where the rest happen to hold only 0 and 1.
    draws = min(trial.plan.draws, 999)
    changes = {"draws": draws, "control": trial.arms[0], "family": trial.family, "baseline": ()}
    plan = trial.plan.model_copy(update=changes)

    def without(kept: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
        if plan.pairs is not None and trial.block is not None:
            # A cluster takes its partner with it: half a pair cannot be compared.
            kept = kept & ~np.isin(trial.block, trial.block[~kept])
        try:
            rest = trial_data(
                select_rows(trial.table, kept[trial.table.cluster]),
                plan,
                outcome=trial.outcome,
                factors=trial.factors,
                numeric=trial.numeric,
            )
            baseline = None if trial.baseline is None else trial.baseline[kept]
            found = estimate(replace(rest, baseline=baseline))[arm - 1].effect
        except InputError as error:
            # Such as a covariate that varies in no other cluster: collinear without this one.
            raise AssumptionError(str(error)) from None
        return found.estimate, found.std_error or np.nan, found.p_value

    return leave_one_cluster_out(
        without, clusters=[str(name) for name in trial.clusters.labels], level=plan.level
    )
