"""Intraclass correlation of a 0/1 outcome on the logit scale and on the scale of shares.

A mixed logistic model gives the variance of the clusters' log odds. Divided by itself plus pi^2/3,
the variance of a standard logistic law, it is the correlation of a latent continuous outcome, which
does not depend on the level. Power formulas need the correlation of the 0/1 outcomes themselves,
which is smaller and depends on the level (Eldridge, Ukoumunne & Carlin 2009).
"""

import math

import numpy as np
from scipy import optimize, special

from experiments.errors import InputError

NODES = 60


def latent_icc(logit_variance: float) -> float:
    """Intraclass correlation on the latent logistic scale, ``v / (v + pi^2 / 3)``."""
    _check(logit_variance)
    return logit_variance / (logit_variance + math.pi**2 / 3)


def logit_variance(icc: float) -> float:
    """Variance of the clusters' log odds from the latent correlation."""
    if not 0 <= icc < 1:
        message = f"icc: {icc} is outside [0, 1)"
        raise InputError(message)
    return icc / (1 - icc) * math.pi**2 / 3


def share_scale_icc(*, logit_variance: float, level: float) -> float:
    """Intraclass correlation of 0/1 outcomes under normal log odds.

    Parameters
    ----------
    logit_variance
        Variance of the clusters' log odds, the random-intercept variance of a mixed logit.
    level
        Mean share over clusters (not the share of a typical cluster), in (0, 1).
    """
    _check(logit_variance)
    if not 0 < level < 1:
        message = f"level: a share lies between 0 and 1, not at {level}"
        raise InputError(message)
    if logit_variance == 0:
        return 0.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    spread = math.sqrt(logit_variance) * nodes

    def mean(centre: float) -> float:
        return float(weights @ special.expit(centre + spread))

    reach = 40 + 10 * math.sqrt(logit_variance)
    centre = optimize.brentq(lambda value: mean(value) - level, -reach, reach)
    shares = special.expit(centre + spread)
    return float(weights @ (shares - level) ** 2 / (level * (1 - level)))


def _check(variance: float) -> None:
    if not variance >= 0:
        message = f"logit variance: {variance} is negative"
        raise InputError(message)
