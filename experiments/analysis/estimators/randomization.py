"""Estimator ``randomization``: the observed draw against all that the design admits."""

import numpy as np

from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.zone_values import in_contrast, zone_values
from experiments.analysis.randomisation_inference import randomisation_test
from experiments.analysis.trial_data import TrialData, effect, require_whole_clusters
from experiments.design.allocation_set import (
    AllocationSet,
    conditional_set,
    observed_allocations,
)

REFERENCE = "Gail et al. (1996), Stat Med 15:1069-1092; Wu & Ding (2021), JASA 116:1898-1913"
ENUMERATED_UP_TO = 50_000


def randomization(trial: TrialData) -> list[Estimated]:
    """Studentised randomisation test with its interval, over the declared allocation set."""
    require_whole_clusters(trial, "randomization")
    adjusted = zone_values(trial)
    whole = allocations(trial)
    by_size = trial.plan.estimand == "unit"
    results = []
    for arm in range(1, len(trial.arms)):
        chosen = in_contrast(trial, arm)
        allowed = conditional_set(
            whole,
            trial.arm,
            arm=trial.arms[arm],
            control=trial.arms[0],
            max_enumerated=ENUMERATED_UP_TO,
            n_sampled=trial.plan.draws,
            seed=trial.plan.seed + arm,
        )
        found = randomisation_test(
            adjusted.values[chosen.places],
            trial.arm[chosen.places],
            allowed.allocations[:, chosen.places],
            arm=arm,
            control=0,
            enumerated=allowed.enumerated,
            stratum=chosen.strata,
            weights=trial.clusters.n[chosen.places] if by_size else None,
            level=trial.plan.level,
            clusters=[str(label) for label in trial.clusters.labels[chosen.places]],
        )
        set_size = f"{found.n_allocations} sampled allocations"
        if found.enumerated:
            set_size = f"all {found.n_allocations} allocations"
        results.append(
            Estimated(
                effect=effect(
                    trial,
                    arm,
                    estimator="randomization",
                    estimand=trial.plan.estimand,
                    used=chosen.places,
                    warnings=(
                        *_undeclared(trial),
                        *chosen.warnings,
                        *adjusted.warnings,
                        *found.warnings,
                    ),
                    estimate=found.estimate,
                    std_error=found.std_error,
                    df=None,
                    ci_low=found.ci_low,
                    ci_high=found.ci_high,
                    p_value=found.p_value,
                    scale="difference",
                    method=f"studentised randomisation test over {set_size} of the draw"
                    + adjusted.adjustment,
                    reference=REFERENCE,
                    extra={
                        "p_value_unstudentised": found.p_value_unstudentised,
                        "n_allocations": found.n_allocations,
                        "enumerated": found.enumerated,
                        "smallest_p": found.smallest_p,
                        "p_monte_carlo_error": found.p_monte_carlo_error,
                        "studentiser": found.studentiser,
                    },
                )
            )
        )
    return results


def allocations(trial: TrialData) -> AllocationSet:
    """The declared draw's set, or complete randomisation within strata at the observed counts."""
    if trial.allocation_set is not None:
        return trial.allocation_set
    return observed_allocations(
        trial.arm,
        n_arms=len(trial.arms),
        stratum_codes=None if trial.block is None else np.asarray(trial.block),
        clusters=[str(label) for label in trial.clusters.labels],
        arms=trial.arms,
        max_enumerated=ENUMERATED_UP_TO,
        n_sampled=trial.plan.draws,
        seed=trial.plan.seed,
    )


def _undeclared(trial: TrialData) -> tuple[str, ...]:
    if trial.allocation_set is not None:
        return ()
    within = "" if trial.block is None else " within strata"
    return (
        f"no draw was declared: complete randomisation{within} at the observed numbers is assumed",
    )
