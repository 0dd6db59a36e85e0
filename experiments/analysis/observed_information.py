"""Observed information of a mixed logistic regression, and the covariance from it."""

import numpy as np

from experiments.analysis.gauss_hermite import (
    BinomialClusters,
    MarginalLikelihood,
    marginal_likelihood,
)
from experiments.engine.covariate_patterns import Floats
from experiments.errors import AssumptionError

# Fewest nodes with which Louis' formula leads Newton's method to the maximum.
_STEP_POINTS = 9
# With these nodes and up to this deviation Louis' formula is within 1e-6 of the standard errors;
# at a deviation of 3 it is off by as much as .3 %, at 6 by more than 10 %.
_EXACT_POINTS = 25
_EXACT_SD = 1.5
_STEP = 1e-4

LOUIS_USED = (
    "The second derivatives of the likelihood have no inverse at its maximum: standard errors are "
    "from Louis' formula and approximate; compare with a zone-level analysis."
)


def observed_information(
    blocks: tuple[BinomialClusters, ...],
    theta: Floats,
    current: MarginalLikelihood,
    points: int,
    *,
    louis: bool = True,
) -> Floats:
    """Information for a step of Newton's method: Louis' formula, or differences with few nodes.

    Parameters
    ----------
    blocks : tuple of BinomialClusters
        The data.
    theta : ndarray
        p coefficients, then the standard deviation.
    current : MarginalLikelihood
        At ``theta``, with its information.
    points : int
        Quadrature nodes.
    louis : bool
        Whether Louis' formula may serve.

    Returns
    -------
    ndarray
        Shape (p + 1, p + 1).
    """
    if louis and points >= _STEP_POINTS:
        return _louis(current)
    return _differences(blocks, theta, current, points)


def joint_covariance(
    blocks: tuple[BinomialClusters, ...], theta: Floats, best: MarginalLikelihood, points: int
) -> tuple[Floats, tuple[str, ...]]:
    """Inverse information of coefficients and deviation, from the likelihood that was maximised.

    The quadrature sum is what is maximised, so its own second derivatives are inverted, as
    lme4 does: Louis' identity holds for the integral and departs from them where the deviation
    is large and the nodes are coarse. It serves where the two agree, being free of charge.

    Parameters
    ----------
    blocks, theta, best, points
        As for `observed_information`, at the maximum.

    Returns
    -------
    tuple of ndarray and tuple of str
        Covariance, shape (p + 1, p + 1), zero in the last row and column when the deviation is
        0; and what a reader must know of it.

    Raises
    ------
    AssumptionError
        If the likelihood is flat or not concave at ``theta`` by either formula.
    """
    kept = len(theta) if theta[-1] > 0 else len(theta) - 1
    louis = _louis(best)
    if points >= _EXACT_POINTS and theta[-1] <= _EXACT_SD:
        candidates = [louis]
    else:
        candidates = [_differences(blocks, theta, best, points), louis]
    for place, information in enumerate(candidates):
        inner = information[:kept, :kept]
        if _positive_definite(inner):
            covariance = np.zeros_like(information)
            covariance[:kept, :kept] = np.linalg.inv(inner)
            return covariance, (LOUIS_USED,) if place else ()
    message = (
        f"the likelihood of the mixed logistic regression is flat at standard deviation "
        f"{theta[-1]:.3g}, so it gives no standard errors; drop covariates, or use a zone-level "
        "difference in means or randomisation inference"
    )
    raise AssumptionError(message)


def _louis(current: MarginalLikelihood) -> Floats:
    if current.information is None:
        message = "the information matrix was not computed"
        raise ValueError(message)
    return current.information


def _positive_definite(information: Floats) -> bool:
    """Whether the matrix has an inverse that is a covariance, whatever its columns' units."""
    diagonal = np.diag(information)
    if not np.all(np.isfinite(information)) or np.any(diagonal <= 0):
        return False
    root = np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(information / np.outer(root, root))[0] > 1e-13)


def _differences(
    blocks: tuple[BinomialClusters, ...], theta: Floats, current: MarginalLikelihood, points: int
) -> Floats:
    """Central differences of the exact gradient, by steps that are small in standard errors."""
    louis = _louis(current)
    steps = _STEP / np.sqrt(np.maximum(np.diag(louis), 1e-6))
    steps[-1] = min(steps[-1], theta[-1] / 2)
    rows = np.zeros_like(louis)
    for j, step in enumerate(steps):
        if step == 0:
            continue
        shift = np.zeros_like(theta)
        shift[j] = step
        ahead, behind = (
            marginal_likelihood(blocks, moved, points=points, modes=current.modes).gradient
            for moved in (theta + shift, theta - shift)
        )
        rows[j] = (behind - ahead) / (2 * step)
    information: Floats = (rows + rows.T) / 2
    return information
