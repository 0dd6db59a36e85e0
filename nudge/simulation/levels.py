"""Shares that vary between clusters with a stated correlation, and shifts that keep them shares."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOWEST = 0.001


def spread(mean: Floats, icc: float, rng: np.random.Generator) -> Floats:
    """Draw shares around given means, as beta variables.

    Parameters
    ----------
    mean : array, shape (K,)
        Means, in [0, 1].
    icc
        Variance of each share over ``mean (1 - mean)``, in [0, 1).
    rng
        Source of randomness.

    Notes
    -----
    Drawn level after level (rounds, zones, households), each around the level above, the
    variances add up: the correlation of two 0/1 outcomes of one cluster is the sum of those of
    the levels that they share (beta-binomial model; Skellam 1948).
    """
    if icc == 0:
        return mean.copy()
    inside = np.clip(mean, LOWEST, 1 - LOWEST)
    size = (1 - icc) / icc
    return rng.beta(inside * size, (1 - inside) * size)


def shift(share: Floats, mean: Floats, change: Floats | float) -> tuple[Floats, Floats]:
    """Shift shares so that their mean moves by a stated change and none leaves [0, 1].

    A rise is taken from what is left above each share, a fall from the share itself, in
    proportion: the average over shares of mean ``mean`` moves by exactly ``change``.

    Parameters
    ----------
    share : array, shape (K,)
        Shares.
    mean : array, shape (K,)
        Mean of the distribution that each was drawn from.
    change : array, shape (K,), or float
        Change of the mean; cut where the mean would come within 0.001 of 0 or 1.

    Returns
    -------
    tuple of arrays
        Shifted shares and their means.
    """
    moved = np.clip(mean + change, LOWEST, 1 - LOWEST)
    change = moved - mean
    room = np.where(change > 0, (1 - share) / (1 - mean), share / mean)
    return np.clip(share + change * room, 0.0, 1.0), moved


def spread_within(mean: Floats, icc: float, above: float, rng: np.random.Generator) -> Floats:
    """Draw shares around those of the level above, ``icc`` being a share of the whole variance.

    Parameters
    ----------
    mean : array, shape (K,)
        Shares of the level above, in [0, 1].
    icc
        Share of the outcome's variance that lies between these clusters within those above.
    above
        Share of it that lies above; ``icc + above`` is below 1.
    rng
        Source of randomness.
    """
    return spread(mean, icc / (1 - above), rng)
