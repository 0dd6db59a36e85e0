"""Matched pairs of clusters: the paired t test, and the size-weighted estimator."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.analysis.cluster_means import checked_clusters, t_inference
from experiments.errors import AssumptionError

Floats = npt.NDArray[np.float64]

FEWEST_PAIRS = 3
FEW_PAIRS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """Effect estimated from the differences within pairs.

    Attributes
    ----------
    estimate, std_error
        Treated minus control, in the outcome's unit.
    df
        Pairs minus one.
    statistic, p_value
        t and its two-sided p.
    ci_low, ci_high
        Interval at ``level``.
    pairs
        Pair labels, length K.
    differences
        Treated minus control in each pair, length K.
    level
        Coverage of the interval.
    warnings
        Caveats in words.
    """

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    pairs: tuple[str, ...]
    differences: tuple[float, ...]
    level: float
    warnings: tuple[str, ...] = ()


def paired_difference(
    means: npt.ArrayLike,
    treated: npt.ArrayLike,
    pair: npt.ArrayLike,
    *,
    sizes: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> PairedDifference:
    r"""Estimate an effect from differences within matched pairs of clusters.

    Without sizes this is the paired t test: every pair counts the same, and the estimand is the
    effect on the average pair. With sizes it is the matched-pair estimator of Imai, King & Nall
    (2009, Statist Sci 24:29-53, eqs 2 and 6): pair k weighs by its units, :math:`w_k`, for the
    effect on the average unit, with variance :math:`\frac{K}{(K-1) n^2} \sum_k
    (w_k D_k - n \hat\tau / K)^2`, :math:`n = \sum_k w_k`. This is also what
    ``estimatr::difference_in_means`` gives for blocks of two clusters. Both take t with K - 1
    degrees of freedom. Blocks with several clusters in an arm are allowed: an arm's mean in the
    block is then taken first, weighted by the sizes where they are given.

    Parameters
    ----------
    means : array, shape (G,)
        Cluster means.
    treated : array of bool, shape (G,)
        True in the treated arm.
    pair : array, shape (G,)
        Pair labels.
    sizes : array, shape (G,), optional
        Units in each cluster.
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        Values that are not finite, arrays of unequal length, sizes that are not positive.
    AssumptionError
        A pair lacks an arm, there are fewer than three pairs, or all differences are equal.
    """
    values, in_arm, weight = checked_clusters(means, treated, sizes)
    labels, code = np.unique(np.asarray(pair), return_inverse=True)
    _check_complete(labels, code, in_arm)
    gaps, units = _pair_differences(values, in_arm, weight, code)
    n_pairs = len(labels)
    if sizes is None:
        units = np.ones(n_pairs)
    total = units.sum()
    estimate = float(units @ gaps / total)
    deviation = (units * gaps - units @ gaps / n_pairs) / total
    std_error = float(np.sqrt(n_pairs / (n_pairs - 1) * (deviation**2).sum()))
    if std_error <= 10 * np.finfo(float).eps * np.abs(values).max():
        message = (
            "the difference is the same in every pair, so no standard error exists; "
            "use randomisation inference"
        )
        raise AssumptionError(message)
    statistic, p_value, ci_low, ci_high = t_inference(
        estimate, std_error, df=n_pairs - 1, level=level
    )
    return PairedDifference(
        estimate=estimate,
        std_error=std_error,
        df=float(n_pairs - 1),
        statistic=statistic,
        p_value=p_value,
        ci_low=ci_low,
        ci_high=ci_high,
        pairs=tuple(str(label) for label in labels),
        differences=tuple(gaps.tolist()),
        level=level,
        warnings=_caveats(n_pairs, n_clusters=len(values)),
    )


def _check_complete(
    labels: npt.NDArray[np.generic], code: npt.NDArray[np.int64], in_arm: npt.NDArray[np.bool_]
) -> None:
    held = np.zeros((len(labels), 2), dtype=np.bool_)
    held[code, in_arm.astype(np.int64)] = True
    broken = labels[~held.all(axis=1)]
    if len(broken):
        named = ", ".join(f"'{label}'" for label in broken[:10])
        rest = f" and {len(broken) - 10} more" if len(broken) > 10 else ""
        message = (
            f"pair {named}{rest} lacks a treated or a control cluster; leave out whole pairs, or "
            "compare the arms without pairing"
        )
        raise AssumptionError(message)
    if len(labels) < FEWEST_PAIRS:
        message = (
            f"{len(labels)} pairs: at least {FEWEST_PAIRS} are needed to see how the effect "
            "varies; compare the arms without pairing, or draw more pairs"
        )
        raise AssumptionError(message)


def _pair_differences(
    values: Floats,
    in_arm: npt.NDArray[np.bool_],
    weight: Floats,
    code: npt.NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """Difference of the arms' means and total weight in each pair, both of shape (K,)."""
    cell = 2 * code + in_arm
    total = np.bincount(cell, weights=weight).astype(np.float64)
    mean = np.bincount(cell, weights=weight * values) / total
    return mean[1::2] - mean[0::2], total[0::2] + total[1::2]


def _caveats(n_pairs: int, *, n_clusters: int) -> tuple[str, ...]:
    notes = []
    if n_pairs < FEW_PAIRS:
        notes.append(
            f"{n_pairs} pairs leave {n_pairs - 1} degrees of freedom, and no permutation of them "
            f"can give p below {2 / 2**n_pairs:.3g}"
        )
    if n_clusters != 2 * n_pairs:
        notes.append(
            f"{n_clusters} clusters in {n_pairs} blocks: the arms' means within each block are "
            "compared, one block one difference"
        )
    return tuple(notes)
