"""One number per cluster: its mean, adjusted for covariates without looking at the arms."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.analysis.adjusted_means import adjusted_means
from experiments.analysis.trial_data import Ints, TrialData
from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneValues:
    """Cluster values and what adjusting them cost.

    Attributes
    ----------
    values
        Shape (G,).
    df_lost
        Degrees of freedom spent on covariates that are constant within clusters.
    adjustment
        How values were adjusted, in words; empty when they are plain means.
    warnings
        Caveats of the adjustment.
    """

    values: Floats
    df_lost: int
    adjustment: str
    warnings: tuple[str, ...] = ()


def zone_values(trial: TrialData) -> ZoneValues:
    """Cluster means, or residual means after a first stage on the covariates (Gail et al. 1996).

    The first stage leaves the arm out, so that under no effect the values of all arms have one
    distribution; a baseline is then taken out by regression of the values on it.
    """
    values, lost, steps = trial.clusters.means, 0, []
    warnings: tuple[str, ...] = ()
    if trial.covariates:
        adjusted = adjusted_means(
            without_arms(trial.patterns(), n_arms=len(trial.arms)), family=trial.family
        )
        overall = trial.clusters.sum_y.sum() / trial.clusters.n.sum() + trial.clusters.centre
        values, lost = adjusted.values + overall, len(adjusted.cluster_level)
        steps.append(", ".join(trial.covariates))
        warnings = adjusted.warnings
    if trial.baseline is not None:
        centred = trial.baseline - trial.baseline.mean()
        spread = float(centred @ centred)
        slope = float(centred @ values) / spread if spread > 0 else 0.0
        values, lost = values - slope * centred, lost + 1
        steps.append("the baseline")
    adjustment = f", adjusted for {' and '.join(steps)} in a first stage" if steps else ""
    return ZoneValues(values=values, df_lost=lost, adjustment=adjustment, warnings=warnings)


def without_arms(patterns: CovariatePatterns, *, n_arms: int) -> CovariatePatterns:
    """Drop the columns of the arms beside the control, which follow the intercept."""
    return replace(
        patterns,
        columns=(patterns.columns[0], *patterns.columns[n_arms:]),
        x=np.delete(patterns.x, np.s_[1:n_arms], axis=1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Clusters that inform the comparison of one arm with the control.

    Attributes
    ----------
    places
        Positions of the clusters, shape (C,).
    treated
        Which of them are in the arm, shape (C,).
    strata
        Their stratum labels, shape (C,), or None.
    warnings
        Names the strata that were left out because they hold only one of the two arms.
    """

    places: Ints
    treated: npt.NDArray[np.bool_]
    strata: npt.NDArray[np.object_] | None
    warnings: tuple[str, ...]


def in_contrast(trial: TrialData, arm: int) -> Contrast:
    """Clusters of an arm and of the control, in strata that hold both.

    Raises
    ------
    AssumptionError
        No stratum holds both.
    """
    member = (trial.arm == 0) | (trial.arm == arm)
    warnings: tuple[str, ...] = ()
    if trial.block is not None:
        both = np.intersect1d(trial.block[trial.arm == 0], trial.block[trial.arm == arm])
        if len(both) == 0:
            message = (
                f"no level of '{trial.plan.block}' holds both '{trial.arms[arm]}' and "
                f"'{trial.arms[0]}', so they cannot be compared inside levels; use ols-cr2, which "
                "compares them through the other arms, or leave out the strata"
            )
            raise AssumptionError(message)
        lone = np.setdiff1d(trial.block[member], both)
        member &= np.isin(trial.block, both)
        if len(lone):
            named = ", ".join(str(label) for label in trial.clusters.stratum_labels[lone[:5]])
            warnings = (
                f"{len(lone)} levels of '{trial.plan.block}' hold only one of the two arms and "
                f"were left out ({named})",
            )
    places = np.flatnonzero(member)
    strata = None
    if trial.block is not None:
        strata = trial.clusters.stratum_labels[trial.block[places]]
    return Contrast(
        places=places, treated=trial.arm[places] == arm, strata=strata, warnings=warnings
    )
