"""P values of a trial's estimates corrected for the several arms and outcomes it declares."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from experiments.analysis.dunnett import dunnett
from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.estimators.randomization import allocations
from experiments.analysis.estimators.zone_values import zone_values
from experiments.analysis.multiplicity import adjust_p_values
from experiments.analysis.romano_wolf import joint_statistics, romano_wolf
from experiments.analysis.trial_data import TrialData
from experiments.errors import AssumptionError


def adjust_comparisons(
    estimated: Sequence[Estimated], trials: Sequence[TrialData], *, method: str
) -> list[Estimated]:
    """Add adjusted p values, within families that are never pooled.

    The primary outcome's contrasts are one family and those of the other outcomes a second one,
    for each estimator apart. Dunnett adjusts over the arms of one outcome; Romano-Wolf over all
    arms and outcomes, for the randomisation test only.

    Parameters
    ----------
    method
        ``"none"``, ``"holm"``, ``"dunnett"`` or ``"romano-wolf"``.

    Raises
    ------
    AssumptionError
        Romano-Wolf without the estimator ``randomization`` or a stratum that holds every arm, or
        Dunnett without any estimator that knows the arms' covariance.
    """
    if method == "holm":
        return _holm(estimated, trials[0].outcome)
    if method == "dunnett":
        return _dunnett(estimated, trials)
    if method == "romano-wolf":
        return _romano_wolf(estimated, trials)
    return list(estimated)


def _holm(estimated: Sequence[Estimated], primary: str) -> list[Estimated]:
    family = [
        f"{one.effect.estimator}, {'primary' if one.effect.outcome == primary else 'secondary'}"
        for one in estimated
    ]
    found = adjust_p_values([one.effect.p_value for one in estimated], family=family, method="holm")
    return [
        _with_p(one, float(p), "Holm") for one, p in zip(estimated, found.adjusted, strict=True)
    ]


def _dunnett(estimated: Sequence[Estimated], trials: Sequence[TrialData]) -> list[Estimated]:
    found = list(estimated)
    keys = [(one.effect.outcome, one.effect.estimator) for one in found]
    for key in dict.fromkeys(keys):
        places = [place for place, other in enumerate(keys) if other == key]
        group = [found[place] for place in places]
        covariance = _joint_covariance(group)
        if covariance is None:
            for place in places:
                found[place] = _unadjusted(found[place], "Dunnett", "holm or romano-wolf")
            continue
        comparison = dunnett(
            labels=[one.effect.contrast for one in group],
            estimates=[one.effect.estimate for one in group],
            covariance=covariance,
            # The smallest degrees of freedom keep the joint level (Hasler & Hothorn 2008).
            df=min(one.effect.df or np.inf for one in group),
            level=group[0].effect.level,
        )
        for place, p in zip(places, comparison.p_values, strict=True):
            found[place] = _with_p(found[place], float(p), "Dunnett")
    if all(one.effect.p_adjusted is None for one in found):
        message = (
            "multiplicity dunnett needs the arms' joint distribution: add zone-t, zone-welch or "
            "ols-cr2 to the estimators, or choose holm"
        )
        raise AssumptionError(message)
    return found


def _joint_covariance(group: Sequence[Estimated]) -> npt.NDArray[np.float64] | None:
    if all(one.covariance is not None for one in group):
        return np.array([one.covariance for one in group])
    means = [one.arm_means for one in group]
    if any(mean is None for mean in means):
        return None
    errors = np.array([one.effect.std_error for one in group], dtype=np.float64)
    # Arms of separate clusters are independent; they share the control's variance.
    shared = np.array([0.0 if mean is None else mean.covariance[0, 0] for mean in means])
    covariance: npt.NDArray[np.float64] = np.minimum.outer(shared, shared)
    np.fill_diagonal(covariance, errors**2)
    return covariance


def _romano_wolf(estimated: Sequence[Estimated], trials: Sequence[TrialData]) -> list[Estimated]:
    places = [
        place for place, one in enumerate(estimated) if one.effect.estimator == "randomization"
    ]
    if not places:
        message = (
            "multiplicity romano-wolf works on the randomisation test: add randomization to the "
            "estimators, or choose holm"
        )
        raise AssumptionError(message)
    first = trials[0]
    whole = allocations(first)
    values = np.column_stack([zone_values(trial).values for trial in trials])
    kept = _in_complete_blocks(first)
    if len(kept) == 0:
        message = (
            f"multiplicity romano-wolf: no level of '{first.plan.block}' holds every arm, so no "
            "cluster can be compared jointly; choose holm"
        )
        raise AssumptionError(message)
    observed, reference = joint_statistics(
        values[kept],
        first.arm[kept],
        whole.allocations[:, kept],
        arms=range(1, len(first.arms)),
        control=0,
        stratum=None if first.block is None else first.block[kept],
        weights=first.clusters.n[kept] if first.plan.estimand == "unit" else None,
    )
    adjusted = romano_wolf(observed, reference, enumerated=whole.enumerated)
    # Hypotheses run over arms, then outcomes; estimates over outcomes, then arms.
    by_arm = adjusted.p_adjusted.reshape(len(first.arms) - 1, len(trials))
    found = [
        one if place in places else _unadjusted(one, "Romano-Wolf", "holm")
        for place, one in enumerate(estimated)
    ]
    for place, p in zip(places, by_arm.T.ravel(), strict=True):
        # Single p values hold the other arms fixed, so that sampling may put them above.
        adjusted_p = max(float(p), found[place].effect.p_value)
        found[place] = _with_p(found[place], adjusted_p, "Romano-Wolf")
    return found


def _in_complete_blocks(trial: TrialData) -> npt.NDArray[np.int64]:
    """Positions of the clusters in strata that hold every arm."""
    if trial.block is None:
        return np.arange(len(trial.arm))
    complete = [
        code
        for code in np.unique(trial.block)
        if len(np.unique(trial.arm[trial.block == code])) == len(trial.arms)
    ]
    return np.flatnonzero(np.isin(trial.block, complete))


def _unadjusted(one: Estimated, adjustment: str, instead: str) -> Estimated:
    warning = f"no {adjustment} adjustment for this method: its p is for one comparison ({instead})"
    effect = replace(one.effect, warnings=(*one.effect.warnings, warning))
    return replace(one, effect=effect)


def _with_p(one: Estimated, p: float, adjustment: str) -> Estimated:
    return replace(one, effect=replace(one.effect, p_adjusted=p, adjustment=adjustment))
