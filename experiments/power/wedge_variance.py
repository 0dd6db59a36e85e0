"""Variance of the treatment effect by generalised least squares on cluster-period means."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WedgeComponents:
    """Variances of the random effects of a stepped-wedge model, in the outcome's squared unit.

    The model is ``y = period + effect x treated + cluster + treatment slope x treated +
    cluster-period + individual + residual`` (Hussey & Hughes 2007; Hooper et al. 2016; Voldal
    et al. 2020).

    Attributes
    ----------
    cluster
        Variance of the cluster's level (tau squared).
    residual
        Variance of a unit about its cluster and period (sigma squared).
    treatment
        Variance of the effect between clusters (eta squared).
    correlation
        Correlation of the cluster's level and of its effect (rho).
    cluster_period
        Variance of a period's deviation within a cluster (gamma squared).
    individual
        Variance of a cohort member's level (zeta squared); 0 for repeated cross-sections.
    """

    cluster: float
    residual: float
    treatment: float = 0.0
    correlation: float = 0.0
    cluster_period: float = 0.0
    individual: float = 0.0

    def __post_init__(self) -> None:
        parts = (self.cluster, self.treatment, self.cluster_period, self.individual)
        if min(parts) < 0 or not self.residual > 0 or not -1 <= self.correlation <= 1:
            message = (
                "variance components must not be negative, the residual one must be positive "
                "and a correlation lies between -1 and 1"
            )
            raise InputError(message)


def components_from_correlations(
    *,
    between: float,
    within: float,
    cluster_autocorrelation: float = 1.0,
    individual_autocorrelation: float = 0.0,
    treatment_sd: float = 0.0,
    treatment_correlation: float = 0.0,
) -> WedgeComponents:
    """Random-effect variances from autocorrelations (Hooper et al. 2016).

    Parameters
    ----------
    between, within
        Variance of one unit's outcome between and within the clusters of one period; the
        intraclass correlation is ``between / (between + within)``.
    cluster_autocorrelation
        Share of ``between`` that stays with the cluster over the periods.
    individual_autocorrelation
        Share of ``within`` that stays with the individual; 0 for repeated cross-sections.
    treatment_sd, treatment_correlation
        Standard deviation of the effect between clusters, and its correlation with the level.
    """
    return WedgeComponents(
        cluster=between * cluster_autocorrelation,
        cluster_period=between * (1 - cluster_autocorrelation),
        individual=within * individual_autocorrelation,
        residual=within * (1 - individual_autocorrelation),
        treatment=treatment_sd**2,
        correlation=treatment_correlation,
    )


def cluster_period_covariance(
    schedule: Floats, sizes: Floats, components: WedgeComponents
) -> Floats:
    """Covariance of each cluster's period means, shape (R, J, J).

    Parameters
    ----------
    schedule
        Treatment of each row in each period, shape (R, J); NaN where not observed. Values
        between 0 and 1 are fractions of the effect.
    sizes
        Units behind each mean, shape (R, J); may be infinite.

    Notes
    -----
    A period that is not observed gets variance 1 and no covariance, so that it leaves the other
    periods' inverse untouched.
    """
    observed = ~np.isnan(schedule)
    treated = np.where(observed, schedule, 0.0)
    periods = schedule.shape[1]
    slope = components.correlation * np.sqrt(components.cluster * components.treatment)
    shared = components.cluster + components.treatment * treated[:, :, None] * treated[:, None, :]
    shared = shared + slope * (treated[:, :, None] + treated[:, None, :])
    # Cohort members are the same in all periods, so their number does not vary within a row.
    shared = shared + (components.individual / sizes[:, :1])[:, :, None]
    own = components.cluster_period + components.residual / sizes
    covariance = shared + own[:, :, None] * np.eye(periods)
    both = observed[:, :, None] & observed[:, None, :]
    return np.asarray(np.where(both, covariance, np.eye(periods)))


def effect_variance(
    schedule: npt.ArrayLike,
    sizes: npt.ArrayLike,
    components: WedgeComponents,
    *,
    weights: npt.ArrayLike = 1.0,
) -> float:
    """Variance of the generalised-least-squares effect, periods as fixed effects.

    Parameters
    ----------
    schedule
        Treatment of each row in each period, shape (R, J); NaN where not observed.
    sizes
        Units per cluster and period: one number, shape (R,), or shape (R, J).
    weights
        Clusters that follow each row, not necessarily whole, shape (R,) or one number.

    Raises
    ------
    InputError
        A size is below 1, or cohort sizes differ between periods.
    AssumptionError
        Treatment cannot be told from the periods in this schedule.
    """
    plan = np.asarray(schedule, dtype=float)
    units = _as_cells(np.asarray(sizes, dtype=float), plan)
    if components.individual > 0 and np.any(units != units[:, :1]):
        message = "sizes: a cohort has the same members, hence one size, in all periods"
        raise InputError(message)
    observed = ~np.isnan(plan)
    periods = observed.any(axis=0)
    plan, units, observed = plan[:, periods], units[:, periods], observed[:, periods]
    covariance = cluster_period_covariance(plan, units, components)
    count = plan.shape[1]
    design = np.concatenate(
        [
            observed[:, :, None] * np.eye(count),
            np.where(observed, plan, 0.0)[:, :, None],
        ],
        axis=2,
    )
    each = np.broadcast_to(np.asarray(weights, dtype=float), len(plan))
    information = np.einsum(
        "r,rji,rjk->ik", each, design, np.linalg.solve(covariance, design), optimize=True
    )
    return _last_variance(information)


def _as_cells(units: Floats, plan: Floats) -> Floats:
    if units.ndim == 1:
        units = units[:, None]
    try:
        cells = np.broadcast_to(units, plan.shape)
    except ValueError:
        message = (
            f"sizes: shape {units.shape} does not fit {plan.shape[0]} clusters "
            f"and {plan.shape[1]} periods"
        )
        raise InputError(message) from None
    if np.any(cells[~np.isnan(plan)] < 1):
        message = "sizes: every observed cluster-period needs at least one unit"
        raise InputError(message)
    return cells


def _last_variance(information: Floats) -> float:
    """Last diagonal element of the inverse, by elimination of the periods."""
    nuisance, cross = information[:-1, :-1], information[:-1, -1]
    left = information[-1, -1] - cross @ np.linalg.solve(nuisance, cross)
    if not left > 1e-9 * information[-1, -1]:
        message = (
            "the schedule never has treated and untreated clusters whose comparison is free of "
            "the period: change when clusters are treated"
        )
        raise AssumptionError(message)
    return float(1 / left)
