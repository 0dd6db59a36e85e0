"""Link-scale parameters that give an outcome its means, its ICC and its covariates' R squared.

Outcomes of a generalised linear mixed model: identity link for continuous outcomes, log for
counts, logit of the cumulative shares (proportional odds) for binary and ordinal ones. A power
calculation states moments on the outcome's own scale; this module finds the model that has them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Link = Literal["identity", "log", "logit"]

# Trapezoids over a standard normal: exact to rounding for the smooth functions met here.
NODES = np.linspace(-9.0, 9.0, 361)
WEIGHTS = stats.norm.pdf(NODES) / stats.norm.pdf(NODES).sum()
# Beyond these a share is 0 or 1 to machine precision.
FURTHEST_LOGIT = 120.0
LARGEST_SLOPE = 30.0
HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCovariate:
    """Covariate of units with two values, mean 0 and variance 1.

    Attributes
    ----------
    chance
        Of the higher value, in (0, 1).
    """

    chance: float = 0.5

    @property
    def levels(self) -> Floats:
        """The two values, shape (2,)."""
        odds = self.chance / (1 - self.chance)
        return np.array([-np.sqrt(odds), 1 / np.sqrt(odds)])

    @property
    def weights(self) -> Floats:
        """Their chances, shape (2,)."""
        return np.array([1 - self.chance, self.chance])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearPredictor:
    """Link-scale model of one arm: ``location + sd x cluster effect + slope x covariate``.

    Attributes
    ----------
    locations
        Shape (C,): one number, or for K ordered categories the K - 1 logits of reaching
        category 1, 2…
    sd
        Standard deviation of the cluster effect.
    slope
        Effect of one standard deviation of the unit-level covariate.
    """

    locations: Floats
    sd: float
    slope: float = 0.0

    def values(self, effect: Floats, covariate: Floats) -> Floats:
        """Linear predictor, shape (..., X, C), of effects (...) and covariate levels (X,)."""
        inner = self.sd * effect[..., None] + self.slope * covariate
        return np.asarray(self.locations + inner[..., None])


def identity_predictor(
    *, mean: float, between: float, within: float, unit_r2: float
) -> LinearPredictor:
    """Predictor of a continuous outcome; arguments as in :func:`log_predictor`."""
    return LinearPredictor(
        locations=np.array([mean]),
        sd=float(np.sqrt(between)),
        slope=float(np.sqrt(within * unit_r2)),
    )


def log_predictor(*, mean: float, between: float, within: float, unit_r2: float) -> LinearPredictor:
    """Predictor of a count with log-normal cluster means and a covariate of even chances.

    Parameters
    ----------
    mean, between, within
        Mean of one unit's count and its variances between and within clusters.
    unit_r2
        Share of the variance within clusters that the covariate explains with one slope.

    Raises
    ------
    InputError
        The mean is not positive, or no covariate explains that much.
    """
    if not mean > 0:
        message = f"level and effect give a rate of {mean:g}: a simulated rate must be positive"
        raise InputError(message)
    spread = float(np.sqrt(np.log1p(between / mean**2)))
    # The mean slope over clusters, which a common slope estimates, is mean x tanh(slope).
    explained = unit_r2 * within / mean**2
    if explained >= 1:
        message = f"unit_r2: {unit_r2:g} cannot be reached by counts with a mean of {mean:g}"
        raise InputError(message)
    slope = float(np.arctanh(np.sqrt(explained)))
    location = np.log(mean) - spread**2 / 2 - np.log(np.cosh(slope))
    return LinearPredictor(locations=np.array([location]), sd=spread, slope=slope)


def logit_predictor(
    *, shares: Floats, between: float, unit_r2: float, covariate: UnitCovariate
) -> LinearPredictor:
    """Proportional-odds predictor of ordered categories whose scores are 0, 1, 2 and so on.

    Parameters
    ----------
    shares
        Share of each category over all clusters, lowest first, shape (K,).
    between
        Variance between clusters of their mean score.
    unit_r2
        Share of the scores' variance within clusters that the covariate explains with one slope.

    Raises
    ------
    InputError
        No logit-normal law has these moments.
    """
    scores = np.arange(len(shares))
    total = float(shares @ scores**2 - (shares @ scores) ** 2)
    above = 1 - np.cumsum(shares)[:-1]

    def spread_at(slope: float) -> float:
        if between == 0:
            return 0.0
        return _root(
            lambda sd: _score_variances(above, sd, slope, covariate)[0] - between,
            high=LARGEST_SLOPE,
            name="icc",
        )

    def surplus(slope: float) -> float:
        explained = _score_variances(above, spread_at(slope), slope, covariate)[1]
        return explained - unit_r2 * (total - between)

    slope = _root(surplus, high=LARGEST_SLOPE / 3, name="unit_r2") if unit_r2 > 0 else 0.0
    return with_spread(shares=shares, sd=spread_at(slope), slope=slope, covariate=covariate)


def with_spread(
    *, shares: Floats, sd: float, slope: float, covariate: UnitCovariate
) -> LinearPredictor:
    """Proportional-odds predictor of given spread whose categories have these shares, (K,)."""
    above = 1 - np.cumsum(shares)[:-1]
    locations = _locations(above, sd, slope, covariate)
    return LinearPredictor(locations=locations, sd=sd, slope=slope)


def latent_autocorrelation(
    predictor: LinearPredictor, link: Link, covariate: UnitCovariate, target: float
) -> float:
    """Correlation of two normal cluster effects whose cluster means correlate by ``target``.

    The link bends the means, which lowers their correlation. With Hermite coefficients h_k of
    the mean as a function of the effect, effects of correlation r give means of correlation
    ``sum h_k^2 r^k / sum h_k^2`` (Mehler's formula).
    """
    if link == "identity" or predictor.sd == 0 or target in {0.0, 1.0}:
        return target
    if link == "log":
        return float(np.log1p(target * np.expm1(predictor.sd**2)) / predictor.sd**2)
    means = _mean_scores(predictor.locations, predictor.sd, predictor.slope, covariate)
    powers = _hermite_powers(means @ covariate.weights)
    order = np.arange(1, len(powers) + 1)
    found: float = optimize.brentq(lambda r: powers @ r**order / powers.sum() - target, 0.0, 1.0)
    return found


def linear_share(predictor: LinearPredictor, link: Link, covariate: UnitCovariate) -> float:
    """Share of the variance of cluster means that is linear in the normal cluster effect.

    A normal covariate that explains a share r of the effect explains r times this of the means:
    the first term of Mehler's formula.
    """
    if link == "identity" or predictor.sd == 0:
        return 1.0
    if link == "log":
        return float(predictor.sd**2 / np.expm1(predictor.sd**2))
    means = _mean_scores(predictor.locations, predictor.sd, predictor.slope, covariate)
    powers = _hermite_powers(means @ covariate.weights)
    return float(powers[0] / powers.sum())


def _hermite_powers(means: Floats, most: int = 12) -> Floats:
    """Squared coefficients on normalised Hermite polynomials 1 to ``most``."""
    values = np.polynomial.hermite_e.hermevander(NODES, most)[:, 1:]
    norms = special.factorial(np.arange(1, most + 1))
    return np.asarray((WEIGHTS * means @ values) ** 2 / norms)


def _score_variances(
    above: Floats, sd: float, slope: float, covariate: UnitCovariate
) -> tuple[float, float]:
    """Variance of the scores between clusters, and that which a common slope explains within."""
    means = _mean_scores(_locations(above, sd, slope, covariate), sd, slope, covariate)
    cluster = means @ covariate.weights
    between = float(WEIGHTS @ cluster**2 - (WEIGHTS @ cluster) ** 2)
    gap = float(WEIGHTS @ (means[:, 1] - means[:, 0]))
    return between, gap**2 * covariate.chance * (1 - covariate.chance)


def _mean_scores(locations: Floats, sd: float, slope: float, covariate: UnitCovariate) -> Floats:
    """Mean score at each node and covariate level, shape (nodes, 2)."""
    inner = sd * NODES[:, None] + slope * covariate.levels
    return np.asarray(special.expit(locations + inner[..., None]).sum(axis=-1))


def _locations(above: Floats, sd: float, slope: float, covariate: UnitCovariate) -> Floats:
    """Logits of reaching each category that give the shares ``above``, by bisection."""
    inner = (sd * NODES[:, None] + slope * covariate.levels).ravel()
    weights = np.outer(WEIGHTS, covariate.weights).ravel()
    low, high = np.full(len(above), -FURTHEST_LOGIT), np.full(len(above), FURTHEST_LOGIT)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        under = special.expit(middle[:, None] + inner) @ weights < above
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray((low + high) / 2)


def _root(function: Callable[[float], float], *, high: float, name: str) -> float:
    if function(0.0) >= 0:
        return 0.0
    if function(high) < 0:
        message = (
            f"{name}: no simulated outcome of this kind and level has so large a value; "
            f"lower {name}, or use the closed form"
        )
        raise InputError(message)
    root: float = optimize.brentq(function, 0.0, high, xtol=1e-8)
    return root
