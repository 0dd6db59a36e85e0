"""Estimating equations of a GEE, cluster by cluster, without an n x n matrix."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.engine.covariate_patterns import Floats
from experiments.errors import AssumptionError, InputError

Ints = npt.NDArray[np.int64]

_SHARE_FLOOR = 1e-12
_CORRELATION_EDGE = 1 - 1e-6


def cluster_equations(
    *, design: Floats, start: Ints, n: Floats, residual: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """Information matrix and score of each cluster under an exchangeable working correlation.

    With ``R^-1 = (I - c 11') / (1 - alpha)``, ``c = alpha / (1 + (n_g - 1) alpha)``, both are
    sums over patterns: nothing of size n_g x n_g is formed.

    Parameters
    ----------
    design : ndarray
        ``D' A^-1/2``: columns of the design times d mu / d eta over the standard deviation,
        shape (p, R).
    start : ndarray
        First pattern of each cluster, shape (G,).
    n, residual : ndarray
        Units in each pattern, and their summed Pearson residuals, shape (R,).
    alpha : float
        Working correlation, inside its valid range.

    Returns
    -------
    information, scores : ndarray
        Shapes (G, p, p) and (G, p), at unit dispersion.
    """
    p, groups = len(design), len(start)
    size = np.add.reduceat(n, start)
    weight = alpha / (1 + (size - 1) * alpha)
    total = np.add.reduceat(residual, start)
    information = np.empty((groups, p, p))
    scores, sums = np.empty((groups, p)), np.empty((groups, p))
    for j in range(p):
        weighted = design[j] * n
        sums[:, j] = np.add.reduceat(weighted, start)
        scores[:, j] = np.add.reduceat(design[j] * residual, start)
        for k in range(j + 1):
            product = np.add.reduceat(weighted * design[k], start)
            product -= weight * sums[:, j] * sums[:, k]
            information[:, j, k] = information[:, k, j] = product
    scores -= (weight * total)[:, None] * sums
    return information / (1 - alpha), scores / (1 - alpha)


def inverse_link(link: str, eta: Floats) -> tuple[Floats, Floats]:
    """Mean at a linear predictor, and the derivative of the mean; logit means stay off 0 and 1."""
    if link == "identity":
        return eta, np.ones_like(eta)
    if link == "log":
        mu = np.exp(np.minimum(eta, 700.0))
        return mu, mu
    if link != "logit":
        message = f"link {link!r} is not offered; choose among identity, logit, log"
        raise InputError(message)
    mu = np.clip(special.expit(eta), _SHARE_FLOOR, 1 - _SHARE_FLOOR)
    return mu, mu * (1 - mu)


def pearson_moments(
    *, sizes: Floats, squares: float, totals: Floats, n_columns: int
) -> tuple[float, float]:
    """Scale and exchangeable correlation from Pearson residuals (Liang & Zeger 1986, sect. 4).

    Parameters
    ----------
    sizes, totals : ndarray
        Units and summed Pearson residuals of each cluster, shape (G,).
    squares : float
        Squared Pearson residuals summed over units.
    n_columns : int
        p.

    Returns
    -------
    scale, alpha : float
        Alpha is NaN where there are too few pairs, and may lie outside `correlation_range`.
    """
    scale = squares / (float(sizes.sum()) - n_columns)
    if scale <= 0:
        message = "the outcome does not vary around its fitted values; there is nothing to test"
        raise AssumptionError(message)
    pairs = float(np.sum(sizes * (sizes - 1)) / 2)
    if pairs <= n_columns:
        return scale, math.nan
    return scale, (float(totals @ totals) - squares) / 2 / scale / (pairs - n_columns)


def correlation_range(sizes: Floats) -> tuple[float, float]:
    """Alphas whose exchangeable matrix is positive definite, a millionth off either edge."""
    lowest = -1 / (float(sizes.max()) - 1) if sizes.max() > 1 else -1.0
    return lowest * _CORRELATION_EDGE, _CORRELATION_EDGE
