"""Standard normal effects of clusters in each period, with autocorrelation and covariates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSettings:
    """How cluster effects correlate over periods and with covariates.

    Attributes
    ----------
    autocorrelation
        Correlation of a cluster's effects in two periods.
    treated_spreads
        Standard deviations between treated clusters of their level and of the treatment's effect,
        in any unit.
    treatment_correlation
        Correlation of that effect with the part of the level that stays with the cluster.
    covariates, explained
        Number of cluster-level covariates, and the shares of the effects' variance that they
        explain without and with the treatment.
    """

    autocorrelation: float = 1.0
    treated_spreads: tuple[float, float] = (1.0, 0.0)
    treatment_correlation: float = 0.0
    covariates: int = 0
    explained: tuple[float, float] = (0.0, 0.0)


def cluster_effects(
    treated: npt.NDArray[np.bool_], settings: EffectSettings, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw the effects of clusters in periods and the covariates that explain part of them.

    Effects split into a part that stays with the cluster and one of the period (Hooper et al.
    2016); in treated periods the cluster's own treatment effect is added (Voldal et al. 2020)
    and the sum brought back to unit variance. Covariates are constant in time, and
    autocorrelation is that of what they leave, as in the closed form.

    Parameters
    ----------
    treated
        Whether a cluster is treated in a period, shape (S, G, T).

    Returns
    -------
    effects, covariates
        Shapes (S, G, T) and (S, G, q); all are standard normal.
    """
    kept = settings.autocorrelation
    clusters = treated.shape[:2]
    level = rng.standard_normal((*clusters, 1))
    effects = np.sqrt(kept) * level + np.sqrt(1 - kept) * rng.standard_normal(treated.shape)
    base, extra = settings.treated_spreads
    if extra > 0:
        correlation = settings.treatment_correlation
        own = correlation * level + np.sqrt(1 - correlation**2) * rng.standard_normal(level.shape)
        spread = np.sqrt(base**2 + extra**2 + 2 * correlation * base * extra * np.sqrt(kept))
        effects = np.where(treated, (base * effects + extra * own) / spread, effects)
    covariates = rng.standard_normal((*clusters, settings.covariates))
    if max(settings.explained) > 0:
        index = covariates.sum(axis=-1, keepdims=True) / np.sqrt(settings.covariates)
        share = np.where(treated, settings.explained[1], settings.explained[0])
        effects = np.sqrt(share) * index + np.sqrt(1 - share) * effects
    return effects, covariates
