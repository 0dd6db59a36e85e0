"""Least squares from pooled moments: which columns to keep, coefficients and whitening."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError

Floats = npt.NDArray[np.float64]

# A column whose variation left over by earlier ones is below this share of its own is dropped.
COLLINEAR = 1e-10


def independent_columns(
    moments: ClusterMoments, *, squares: Floats | None = None, first: int = 0
) -> list[int]:
    """Places of the columns that earlier ones do not determine, by Cholesky steps.

    Parameters
    ----------
    moments : ClusterMoments
        By cluster.
    squares : array, shape (p,), optional
        Sums of squares with which what is left of a column is compared; those before effects
        were swept out, where some were.
    first : int
        Place of the first column looked at.

    Raises
    ------
    AssumptionError
        No column is left.
    """
    left = moments.xx.sum(axis=0)
    scale = np.diag(left).copy() if squares is None else squares
    kept = []
    for j in range(first, len(left)):
        if left[j, j] > COLLINEAR * scale[j]:
            kept.append(j)
            left -= np.outer(left[:, j], left[j]) / left[j, j]
    if not kept:
        message = "no column varies: there is nothing to fit; check the arms and covariates"
        raise AssumptionError(message)
    return kept


def select_columns(moments: ClusterMoments, kept: Sequence[int]) -> ClusterMoments:
    """Return the moments of some columns, in the order given."""
    places = list(kept)
    if places == list(range(len(moments.columns))):
        return moments
    return replace(
        moments,
        columns=tuple(moments.columns[j] for j in places),
        xx=moments.xx[:, places][:, :, places],
        xy=moments.xy[:, places],
    )


def least_squares(moments: ClusterMoments) -> tuple[Floats, Floats]:
    """Coefficients of linearly independent columns, and L with ``L L' = (X'X)^-1``.

    Parameters
    ----------
    moments : ClusterMoments
        By cluster.

    Returns
    -------
    coefficients : array, shape (p,)
    whitening : array, shape (p, p)
    """
    xx, xy = moments.xx.sum(axis=0), moments.xy.sum(axis=0)
    scale = 1 / np.sqrt(np.diag(xx))
    root = np.linalg.cholesky(scale[:, None] * xx * scale)
    whitening = scale[:, None] * np.linalg.inv(root).T
    return whitening @ (whitening.T @ xy), whitening
