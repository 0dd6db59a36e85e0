"""Romano-Wolf step-down: p adjusted for several outcomes and arms by joint randomisation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.analysis.randomisation_statistic import (
    arm_sums,
    batches,
    choose_studentiser,
    contrast,
    statistic_basis,
)
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDown:
    """Single and adjusted p of a family of hypotheses, in the order they were given.

    Attributes
    ----------
    p_values
        Of each hypothesis alone, shape (H,).
    p_adjusted
        Adjusted for the family, shape (H,); never below ``p_values``.
    n_allocations
        Allocations compared with the observed one.
    enumerated
        True when they are all the admissible ones.
    """

    p_values: Floats
    p_adjusted: Floats
    n_allocations: int
    enumerated: bool


def romano_wolf(observed: npt.ArrayLike, reference: npt.ArrayLike, *, enumerated: bool) -> StepDown:
    """Adjust p for a family of hypotheses by the step-down maximum of their statistics.

    Romano & Wolf (2005, Econometrica 73:1237-1282; 2016, Stat Probab Lett 113:38-40):
    hypotheses are taken from the largest statistic down, each compared with the maximum over
    those not yet rejected, and adjusted p made monotone. This is the closed test of maximum
    statistics. It controls the family-wise error, and unlike Holm's method uses that outcomes
    move together.

    Parameters
    ----------
    observed : array, shape (H,)
        Statistics; signs are ignored.
    reference : array, shape (A, H)
        The same statistics for each allocation.
    enumerated : bool
        True when the rows are all admissible allocations, the observed one included; else one is
        added to the count and to the draws.

    Raises
    ------
    InputError
        Shapes that do not match, or statistics that are not numbers.
    """
    seen, drawn = np.abs(np.asarray(observed, float)), np.abs(np.asarray(reference, float))
    if drawn.ndim != 2 or drawn.shape[1] != len(seen) or len(drawn) == 0:
        raise InputError(
            f"statistics of shape {drawn.shape} for {len(seen)} hypotheses: give one row an "
            "allocation, one column a hypothesis"
        )
    if np.isnan(seen).any() or np.isnan(drawn).any():
        raise InputError("a statistic is not a number: leave out hypotheses that cannot be tested")
    bar = seen * (1 - TIE) - TIE
    order = np.argsort(-seen, kind="stable")
    largest_left = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    adjusted = np.empty(len(seen))
    adjusted[order] = np.maximum.accumulate(
        _shares(largest_left >= bar[order], enumerated=enumerated)
    )
    return StepDown(
        p_values=_shares(drawn >= bar, enumerated=enumerated),
        p_adjusted=adjusted,
        n_allocations=len(drawn),
        enumerated=enumerated,
    )


def joint_statistics(
    values: npt.ArrayLike,
    observed: npt.ArrayLike,
    allocations: Codes | Iterable[Codes],
    *,
    arms: Sequence[int],
    control: int,
    stratum: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Studentised differences of every arm and outcome, observed and for each allocation.

    All arms are permuted at once, under the null that no arm changes any outcome. With more than
    one treated arm, a hypothesis about one arm is then tested as if the others had no effect
    either: exact for the complete null; where another arm has an effect, the studentised
    statistic keeps the level only as the number of clusters grows (Chung & Romano 2013).

    Parameters
    ----------
    values : array, shape (G, K)
        One column an outcome, one row a cluster.
    observed : array of int, shape (G,)
        Observed arm codes.
    allocations : array of int8, shape (A, G), or iterable of such blocks
        Equally likely admissible allocations of all arms.
    arms : sequence of int
        Codes of the treated arms.
    control : int
        Code of the control.
    stratum, weights : arrays, shape (G,), optional
        As in :func:`~experiments.analysis.randomisation_inference.randomisation_test`.

    Returns
    -------
    tuple of arrays
        Observed statistics, shape (H,), and those of the allocations, shape (A, H), with
        H = arms * K and the outcomes of one arm side by side.

    Raises
    ------
    InputError
        Values that are not finite, or arrays of unequal length.
    AssumptionError
        An arm with too few clusters for a standard error.
    """
    codes = np.asarray(observed)
    y = np.asarray(values, dtype=np.float64)
    y = y.reshape(len(y), -1)
    if len(y) != len(codes) or not np.isfinite(y).all():
        raise InputError(
            f"values of shape {y.shape} for {len(codes)} clusters: give one finite number for "
            "every cluster and outcome"
        )
    strata = np.zeros(len(codes), dtype=np.int64)
    if stratum is not None:
        strata = np.unique(np.asarray(stratum), return_inverse=True)[1].astype(np.int64)
    weight = np.ones(len(codes)) if weights is None else np.asarray(weights, dtype=np.float64)
    studentiser = choose_studentiser(
        [codes == arm for arm in (control, *arms)], stratum_codes=strata
    )
    if studentiser == "none":
        raise AssumptionError(
            "an arm has fewer than two clusters, so its difference has no standard error; "
            "correct single p values by Holm's method"
        )
    total = np.bincount(strata, weights=weight)
    centre = np.stack([np.bincount(strata, weights=weight * column) / total for column in y.T])
    basis = statistic_basis(
        y - centre[:, strata].T,
        pairs=[(outcome, outcome) for outcome in range(y.shape[1])],
        stratum_codes=strata,
        weights=weight,
        studentiser=studentiser,
    )

    def statistics(block: Codes) -> Floats:
        sums = arm_sums(basis, block == control)
        return np.concatenate(
            [_studentised(*contrast(basis, arm_sums(basis, block == arm), sums)) for arm in arms]
        ).T

    blocks = [statistics(block) for block in batches(allocations, size=basis.batch)]
    if not blocks:
        raise InputError("no allocation was given")
    return statistics(codes[None].astype(np.int8))[0], np.concatenate(blocks)


def _studentised(difference: Floats, variance: Floats) -> Floats:
    error = np.sqrt(np.maximum(variance, 0))
    infinite = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.divide(difference, error, out=infinite, where=error > 0)


def _shares(extreme: npt.NDArray[np.bool_], *, enumerated: bool) -> Floats:
    added = int(not enumerated)
    shares: Floats = (extreme.sum(axis=0) + added) / (len(extreme) + added)
    return shares
