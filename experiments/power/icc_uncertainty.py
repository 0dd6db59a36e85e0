"""Power when the intraclass correlation is known with error only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from experiments.errors import InputError
from experiments.power.contrast import PowerDesign
from experiments.power.power_analysis import MOST_CLUSTERS, power_of
from experiments.power.root_finding import increasing_root

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerDistribution:
    """Power of one design over the plausible values of its intraclass correlation.

    Attributes
    ----------
    iccs, powers
        Equally likely values, ascending, and the power at each, shape (P,).
    expected
        Mean power, also called assurance (O'Hagan, Stevens & Campbell 2005).
    low, high
        Power that is exceeded with 97.5 % and with 2.5 % probability.
    reached
        Probability that the target power is reached.
    target
        Power asked for.
    """

    iccs: Floats
    powers: Floats
    expected: float
    low: float
    high: float
    reached: float
    target: float


def icc_quantiles(
    *,
    estimate: float,
    ci_low: float,
    ci_high: float,
    level: float = 0.95,
    cluster_size: float,
    points: int = 200,
) -> Floats:
    """Equally likely values of an intraclass correlation, from its estimate and interval.

    On Fisher's scale, ``log((1 + (m - 1) icc) / (1 - icc))`` (Donner 1986), the law is normal on
    each side of the estimate, with the spread that makes the interval's ends its quantiles;
    negative values are set to 0. An interval that starts at 0 lends its upper spread to both
    sides. This is the confidence distribution as a prior (Turner, Prevost & Thompson 2004 take
    the sampling law of the estimate in the same way).

    Parameters
    ----------
    level
        Coverage of the interval.
    cluster_size
        Mean number of units per cluster behind the estimate.
    points
        Number of values.

    Returns
    -------
    ndarray
        Ascending, shape (points,).

    Raises
    ------
    InputError
        The interval does not hold the estimate, or lies outside [0, 1).
    """
    if not 0 <= ci_low <= estimate <= ci_high < 1:
        message = (
            f"icc: estimate {estimate} and interval [{ci_low}, {ci_high}] must be in order and "
            "within [0, 1)"
        )
        raise InputError(message)
    centre, bottom, top = _fisher(np.array([estimate, ci_low, ci_high]), cluster_size)
    quantile = stats.norm.ppf((1 + level) / 2)
    above = (top - centre) / quantile
    below = (centre - bottom) / quantile if ci_low > 0 else above
    normal = stats.norm.ppf((np.arange(points) + 0.5) / points)
    scores = np.maximum(centre + normal * np.where(normal < 0, below, above), 0.0)
    ratio = np.exp(scores)
    return np.asarray((ratio - 1) / (ratio - 1 + cluster_size))


def power_distribution(
    design: PowerDesign, iccs: npt.ArrayLike, *, target: float = 0.8
) -> PowerDistribution:
    """Power of a design at each of some equally likely intraclass correlations.

    Parameters
    ----------
    iccs
        From :func:`icc_quantiles`, or draws of any prior, shape (P,).
    target
        Power whose probability is asked for.
    """
    values = np.sort(np.asarray(iccs, dtype=float))
    powers = np.array([power_of(design.vary(icc=float(icc))) for icc in values])
    low, high = np.quantile(powers, [0.025, 0.975])
    return PowerDistribution(
        iccs=values,
        powers=powers,
        expected=float(powers.mean()),
        low=float(low),
        high=float(high),
        reached=float(np.mean(powers >= target)),
        target=target,
    )


def clusters_for_expected_power(
    design: PowerDesign, iccs: npt.ArrayLike, *, target: float = 0.8
) -> float | None:
    """Clusters per arm at which power reaches the target on average over the ICC.

    More than at the estimated ICC, because power falls faster for a larger ICC than it rises
    for a smaller one once it is high.

    Returns
    -------
    float or None
        Exact value, to be rounded up; None where no number suffices.
    """

    def expected(clusters: float) -> float:
        return power_distribution(design.vary(clusters=clusters), iccs).expected

    fewest = design.fewest_clusters
    return increasing_root(
        expected, target=target, low=fewest, start=2 * fewest, high=MOST_CLUSTERS
    )


def _fisher(icc: Floats, size: float) -> Floats:
    return np.asarray(np.log((1 + (size - 1) * icc) / (1 - icc)))
