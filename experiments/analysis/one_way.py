"""One-way analysis of variance of clusters nested in arms, from the sums of each cluster."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWay:
    """Sums of squares between clusters of an arm, and within clusters.

    Attributes
    ----------
    n, sum_y, mean
        Units, sum and mean of the outcome in each cluster, shape (G,).
    arm
        Code of each cluster's arm, shape (G,).
    within, between
        Sums of squares of units about their cluster, and of clusters about their arm.
    size
        Effective cluster size, n0 of Donner (1986).
    df_between, df_within
        Degrees of freedom.
    arms
        Number of arms.
    """

    n: Floats
    sum_y: Floats
    mean: Floats
    arm: npt.NDArray[np.int64]
    within: float
    between: float
    size: float
    df_between: int
    df_within: float
    arms: int

    @property
    def variance_ratio(self) -> float:
        """Mean square between over mean square within."""
        return (self.between / self.df_between) / (self.within / self.df_within)


def one_way(
    n: npt.ArrayLike, sum_y: npt.ArrayLike, sum_yy: npt.ArrayLike, arm: npt.ArrayLike | None
) -> OneWay:
    """Split the outcome's variation into that between and within clusters (Donner 1986).

    Parameters
    ----------
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome in each cluster, shape (G,).
    arm
        Group of each cluster, shape (G,), whose mean is taken out; None for one group.

    Raises
    ------
    InputError
        The arrays do not fit together, or the outcome does not vary.
    AssumptionError
        No arm holds two clusters, or no cluster holds two units.
    """
    size, total, square = (np.asarray(values, dtype=float) for values in (n, sum_y, sum_yy))
    groups = np.zeros(size.shape) if arm is None else np.asarray(arm)
    if not size.shape == total.shape == square.shape == groups.shape or size.ndim != 1:
        message = "n, sum_y, sum_yy and arm: one value for each cluster is expected in each"
        raise InputError(message)
    if np.any(size < 1) or not np.all(np.isfinite(total) & np.isfinite(square)):
        message = "n, sum_y, sum_yy: every cluster needs at least one unit and finite sums"
        raise InputError(message)
    labels, code = np.unique(groups, return_inverse=True)
    units = np.bincount(code, size)
    df_between, df_within = len(size) - len(labels), size.sum() - len(size)
    if df_between < 1:
        message = "the intraclass correlation needs two clusters or more in one arm"
        raise AssumptionError(message)
    if df_within < 1:
        message = (
            "every cluster holds one unit, so that units and clusters cannot be told apart; "
            "take an intraclass correlation from a comparable study"
        )
        raise AssumptionError(message)
    mean = total / size
    centred = mean - (np.bincount(code, total) / units)[code]
    within = float(np.sum(square - total * mean))
    between = float(np.sum(size * centred**2))
    # What subtraction leaves of sums that are equal is rounding, not variation.
    rounding = 1e-13 * float(square.sum())
    within, between = (0.0 if part <= rounding else part for part in (within, between))
    if within + between == 0:
        message = "the outcome takes one value only: no correlation can be estimated"
        raise InputError(message)
    return OneWay(
        n=size,
        sum_y=total,
        mean=mean,
        arm=code,
        within=within,
        between=between,
        size=float((size.sum() - np.sum(size**2 / units[code])) / df_between),
        df_between=df_between,
        df_within=float(df_within),
        arms=len(labels),
    )
