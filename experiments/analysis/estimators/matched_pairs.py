"""Estimator ``matched-pairs``: differences within pairs of clusters."""

import numpy as np

from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.zone_values import in_contrast, zone_values
from experiments.analysis.matched_pairs import paired_difference
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters
from experiments.errors import AssumptionError

REFERENCE = "Hayes & Moulton (2017), ch. 10; Imai, King & Nall (2009), Stat Sci 24:29-53"


def matched_pairs(trial: TrialData) -> list[Estimated]:
    """Paired t test on cluster means; pairs weighted by size for the unit estimand."""
    require_whole_clusters(trial, "matched-pairs")
    if trial.block is None:
        message = (
            "matched-pairs: the plan names no column of pairs; give pairs, or use zone-t or "
            "zone-welch"
        )
        raise AssumptionError(message)
    _require_pairs(trial)
    adjusted = zone_values(trial)
    by_size = trial.plan.estimand == "unit"
    results = []
    for arm in range(1, len(trial.arms)):
        chosen = in_contrast(trial, arm)
        assert chosen.strata is not None  # noqa: S101
        found = paired_difference(
            adjusted.values[chosen.places],
            chosen.treated,
            chosen.strata,
            sizes=trial.clusters.n[chosen.places] if by_size else None,
            level=trial.plan.level,
        )
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator="matched-pairs",
                    estimand=trial.plan.estimand,
                    used=chosen.places,
                    warnings=(*chosen.warnings, *adjusted.warnings, *found.warnings),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=found.df,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method="paired t test on cluster means"
                    + (" weighted by the pairs' sizes" if by_size else "")
                    + adjusted.adjustment,
                    reference=REFERENCE,
                    extra={"n_pairs": len(found.pairs)},
                )
            )
        )
    return results


def _require_pairs(trial: TrialData) -> None:
    """Refuse a column of pairs some of whose levels are not two clusters in two arms."""
    if trial.plan.pairs is None or trial.block is None:
        return
    held = np.zeros((trial.block.max() + 1, len(trial.arms)), dtype=np.int64)
    np.add.at(held, (trial.block, trial.arm), 1)
    clusters = held.sum(axis=1)
    broken = np.flatnonzero((clusters > 0) & ((clusters != 2) | (held.max(axis=1) != 1)))
    if len(broken):
        labels = trial.clusters.stratum_labels
        named = "; ".join(
            f"'{labels[pair]}' holds "
            + ", ".join(str(name) for name in trial.clusters.labels[trial.block == pair][:5])
            for pair in broken[:5]
        )
        message = (
            f"matched-pairs: {len(broken)} levels of '{trial.plan.pairs}' are not two clusters in "
            f"two arms ({named}); leave out whole pairs, or use randomization or zone-ancova"
        )
        raise AssumptionError(message)
