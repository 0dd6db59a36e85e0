"""A share corrected for the errors of those who measure it (Rogan & Gladen 1978)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from nudge.errors import CampaignError, Problem

LOW_SUM = "sensibilité + spécificité ≤ 1 : cette mesure ne vaut pas mieux que le hasard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often green bins are seen green, and others not.

    Attributes
    ----------
    sensitivity, specificity
        In [0, 1]: green bins seen green, other bins seen otherwise.
    n_green, n_other
        Bins that each was estimated from; None where they are given, without error.
    """

    sensitivity: float
    specificity: float
    n_green: int | None = None
    n_other: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedShare:
    """A share as it would be without errors of measurement.

    Attributes
    ----------
    observed, corrected
        Shares; the corrected one is cut to [0, 1].
    uncut
        Corrected share before it was cut.
    ci_low, ci_high
        Interval at ``level``, cut to [0, 1].
    level
        Coverage.
    warnings
        French sentences; empty where there is nothing to say.
    """

    observed: float
    corrected: float
    uncut: float
    ci_low: float
    ci_high: float
    level: float
    warnings: tuple[str, ...] = ()


def accuracy_against(pairs: pd.DataFrame, *, reference: str) -> Accuracy | None:
    """Estimate accuracy from bins that a reference assessor rated too.

    Parameters
    ----------
    pairs
        Rows of :func:`nudge.monitoring.agreement.double_ratings`.
    reference
        Assessor whose rating is taken as true.

    Returns
    -------
    Accuracy or None
        None where the reference assessor saw no green bin, or none but green ones.
    """
    truth = pairs["couleur_2"].where(pairs["controleur_2"] == reference)
    seen = pairs["couleur_1"].where(pairs["controleur_2"] == reference)
    swapped = (pairs["controleur_1"] == reference) & truth.isna()
    truth = truth.mask(swapped, pairs["couleur_1"])
    seen = seen.mask(swapped, pairs["couleur_2"])
    known = truth.notna()
    green, seen_green = (truth[known] == "vert"), (seen[known] == "vert")
    n_green, n_other = int(green.sum()), int((~green).sum())
    if not n_green or not n_other:
        return None
    return Accuracy(
        sensitivity=float(seen_green[green].mean()),
        specificity=float((~seen_green[~green]).mean()),
        n_green=n_green,
        n_other=n_other,
    )


def corrected_share(
    observed: float, *, std_error: float, accuracy: Accuracy, level: float = 0.95
) -> CorrectedShare:
    """Correct a share for misclassification.

    ``(q + Sp - 1) / (Se + Sp - 1)``, with the delta-method variance of Rogan & Gladen (1978),
    which counts the error of sensitivity and specificity where these were estimated.

    Parameters
    ----------
    observed
        Share ``q`` seen green, in [0, 1].
    std_error
        Its standard error, which should count the clustering of bins in zones.
    accuracy
        Sensitivity and specificity.
    level
        Coverage of the interval.

    Raises
    ------
    CampaignError
        Sensitivity and specificity sum to 1 or less: nothing can be corrected.
    """
    gain = accuracy.sensitivity + accuracy.specificity - 1
    if gain <= 0:
        raise CampaignError(
            Problem(what=LOW_SUM, mend="former les contrôleurs, puis refaire des doubles cotations")
        )
    uncut = (observed + accuracy.specificity - 1) / gain
    cut = float(np.clip(uncut, 0.0, 1.0))
    variance = std_error**2 / gain**2
    if accuracy.n_green:
        error = accuracy.sensitivity * (1 - accuracy.sensitivity) / accuracy.n_green
        variance += (cut / gain) ** 2 * error
    if accuracy.n_other:
        error = accuracy.specificity * (1 - accuracy.specificity) / accuracy.n_other
        variance += ((1 - cut) / gain) ** 2 * error
    half = float(stats.norm.isf((1 - level) / 2) * np.sqrt(variance))
    warnings = []
    if not 0 <= uncut <= 1:
        warnings.append(
            "La part corrigée sort de l'intervalle 0 % – 100 % : sensibilité ou spécificité ne "
            "conviennent pas à ces contrôleurs. Elle est ramenée à la borne."
        )
    return CorrectedShare(
        observed=observed,
        corrected=cut,
        uncut=uncut,
        ci_low=float(np.clip(uncut - half, 0.0, 1.0)),
        ci_high=float(np.clip(uncut + half, 0.0, 1.0)),
        level=level,
        warnings=tuple(warnings),
    )
