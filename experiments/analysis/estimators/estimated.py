"""What an estimator returns for one arm: the effect, and arm means from which scales follow."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.effect_scales import ArmMeans
from experiments.analysis.trial_data import TrialData


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """Effect of one arm with what further scales and comparisons need.

    Attributes
    ----------
    effect
        On the estimator's own scale.
    arm_means
        Arm means behind it, or None where the estimator has none.
    covariance
        Covariance of this effect with those of the arms of a joint model, the control left out,
        shape (K - 1,), or None where arms are compared one by one.
    """

    effect: EffectEstimate
    arm_means: ArmMeans | None = None
    covariance: npt.NDArray[np.float64] | None = None


def arm_means(
    trial: TrialData,
    *,
    control: float,
    treated: float,
    covariance: npt.ArrayLike,
    df: float,
) -> ArmMeans | None:
    """Arm means, or None where adjusting has pushed a share out of [0, 1]."""
    share = trial.family == "binomial"
    if share and not (0 <= control <= 1 and 0 <= treated <= 1):
        return None
    return ArmMeans(
        control=control,
        treated=treated,
        covariance=np.asarray(covariance, dtype=np.float64),
        df=df,
        share=share,
    )
