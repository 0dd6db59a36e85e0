"""Randomisation inference: the observed difference against every allocation of the design."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.analysis.cluster_means import checked_clusters
from experiments.analysis.p_value_function import ROUNDING, TIE, PValueFunction, reach
from experiments.analysis.randomisation_statistic import (
    StatisticBasis,
    Studentiser,
    arm_sums,
    batches,
    choose_studentiser,
    contrast,
    statistic_basis,
)
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationTest:
    """Randomisation test of one arm against the control, with the interval that inverts it.

    Attributes
    ----------
    estimate
        Difference in (stratum-weighted) means over clusters, treated minus control.
    std_error
        The standard error that studentises it; None where none exists.
    statistic
        ``(estimate - null) / std_error``, or the difference itself when not studentised.
    p_value
        Two-sided, of the statistic asked for.
    p_value_unstudentised
        Two-sided, of the plain difference in means.
    ci_low, ci_high
        Constant additive effects that are not rejected at ``1 - level``; NaN when not asked for,
        infinite when no effect however large could be rejected on that side.
    studentiser
        ``"welch"``, ``"between_strata"`` or ``"none"``.
    n_allocations
        Allocations compared with the observed one.
    enumerated
        True when they are all the admissible ones, so that p is exact.
    smallest_p
        Smallest p that any outcome could give with these allocations.
    p_monte_carlo_error
        Standard error of ``p_value`` from sampling allocations; 0 when enumerated.
    level
        Coverage of the interval.
    warnings
        Caveats in words.
    """

    estimate: float
    std_error: float | None
    statistic: float
    p_value: float
    p_value_unstudentised: float
    ci_low: float
    ci_high: float
    studentiser: Studentiser
    n_allocations: int
    enumerated: bool
    smallest_p: float
    p_monte_carlo_error: float
    level: float
    warnings: tuple[str, ...] = ()


def randomisation_test(
    values: npt.ArrayLike,
    observed: npt.ArrayLike,
    allocations: Codes | Iterable[Codes],
    *,
    arm: int,
    control: int,
    enumerated: bool,
    stratum: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    studentised: bool = True,
    null_value: float = 0.0,
    level: float = 0.95,
    interval: bool = True,
    clusters: Sequence[str] | None = None,
) -> RandomisationTest:
    r"""Test a constant effect by comparing the observed draw with the others the design allows.

    Under a constant additive effect :math:`\tau` every cluster's value in either arm is known, so
    the statistic can be recomputed for every allocation: p is the share of allocations whose
    statistic is at least as large, the observed one included (``(1 + count) / (1 + draws)`` for
    sampled allocations; Phipson & Smyth 2010). This is exact for the sharp null at any number of
    clusters. The studentised difference keeps the level asymptotically for the weak null too, of
    no effect on average (Chung & Romano 2013, Ann Stat 41:484-507; Wu & Ding 2021, JASA
    116:1898-1913); the plain difference does not when arms differ in size and variance. The
    interval is the hull of the :math:`\tau` that the test does not reject; it assumes the effect
    constant and additive. The difference is linear and its variance quadratic in :math:`\tau`, so
    that each allocation costs five numbers and p at any :math:`\tau` one pass over them.

    Parameters
    ----------
    values : array, shape (G,)
        One number for each cluster, such as its mean or covariate-adjusted mean.
    observed : array of int, shape (G,)
        Observed arm codes. Clusters in arms other than the two are left out.
    allocations : array of int8, shape (A, G), or iterable of such blocks
        Equally likely admissible allocations, conditional on the clusters of other arms. Blocks
        are read once, so that large sets need not be held in memory.
    arm, control : int
        Codes of the two arms.
    enumerated : bool
        True when ``allocations`` is the whole set, False when it is a uniform sample.
    stratum : array, shape (G,), optional
        Strata or pairs, whose differences are averaged by their share of clusters (or weights).
        Where an arm has a single cluster in a stratum, as in pairs, the standard error is that
        of the differences between strata.
    weights : array, shape (G,), optional
        Cluster weights; sizes give the effect on the average unit.
    studentised : bool
        Whether ``p_value`` and the interval use the studentised difference.
    null_value : float
        Effect under the null.
    level : float
        Coverage of the interval.
    interval : bool
        Whether to invert the test.
    clusters : sequence of str, optional
        Labels for messages.

    Raises
    ------
    InputError
        Wrong shapes, values that are not finite, an empty arm, or allocations that move clusters
        to arms outside the contrast.
    AssumptionError
        Values that do not vary, an observed draw outside the enumerated set, or allocations for
        which the statistic does not exist.
    """
    if not 0 < level < 1:
        raise InputError(f"level is {level:g}: give a coverage between 0 and 1, such as 0.95")
    trial = _observed_contrast(values, observed, stratum, weights, arm=arm, control=control)
    p_function, differing = _p_value_function(
        trial, allocations, arm=arm, control=control, enumerated=enumerated
    )
    if enumerated and differing.any():
        _refuse_inadmissible(np.flatnonzero(trial.keep)[differing], clusters)
    use = studentised and trial.basis.studentiser != "none"
    shift = null_value - trial.estimate
    p_plain = p_function.p_value(shift, studentised=False)
    p_value = p_function.p_value(shift, studentised=True) if use else p_plain
    smallest, alpha = p_function.smallest_p, 1 - level
    low, high = np.nan, np.nan
    if interval:
        reaches = [reach(p_function, side=side, alpha=alpha, studentised=use) for side in (-1, 1)]
        low, high = trial.estimate - reaches[0], trial.estimate + reaches[1]
    n_draws = len(p_function.gap)
    monte_carlo = 0.0 if enumerated else float(np.sqrt(p_value * (1 - p_value) / (n_draws + 1)))
    return RandomisationTest(
        estimate=trial.estimate,
        std_error=None if trial.basis.studentiser == "none" else trial.std_error,
        statistic=_ratio(-shift, trial.std_error) if use else -shift,
        p_value=p_value,
        p_value_unstudentised=p_plain,
        ci_low=low,
        ci_high=high,
        studentiser=trial.basis.studentiser if use else "none",
        n_allocations=n_draws,
        enumerated=enumerated,
        smallest_p=smallest,
        p_monte_carlo_error=monte_carlo,
        level=level,
        warnings=(
            *_statistic_caveats(trial, studentised=studentised),
            *_p_caveats(p_value, smallest=smallest, error=monte_carlo, alpha=alpha),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contrast:
    """Clusters of the two arms, and the statistic that was observed."""

    keep: Bools
    treated: Bools
    basis: StatisticBasis
    estimate: float
    std_error: float
    scale: float


def _observed_contrast(
    values: npt.ArrayLike,
    observed: npt.ArrayLike,
    stratum: npt.ArrayLike | None,
    weights: npt.ArrayLike | None,
    *,
    arm: int,
    control: int,
) -> _Contrast:
    codes = np.asarray(observed)
    y, treated, weight = checked_clusters(values, codes == arm, weights)
    keep = treated | (codes == control)
    y, treated, weight = y[keep], treated[keep], weight[keep]
    if treated.all() or not treated.any():
        raise InputError(f"no cluster is in arm {control if treated.any() else arm}")
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        raise AssumptionError("every cluster has the same value: there is nothing to test")
    strata = _stratum_codes(stratum, keep, treated)
    studentiser = choose_studentiser((treated, ~treated), stratum_codes=strata)
    estimate = _weighted_difference(y, treated, strata, weight)
    # Residuals under the estimated effect keep precision when it is large beside the noise.
    basis = _basis(y - estimate * treated, treated, strata, weight, studentiser)
    scale = float(np.std(y) * np.sqrt(1 / treated.sum() + 1 / (~treated).sum()))
    variance = float(_differences(basis, treated[None])[1][0, 0])
    none = studentiser == "none" or variance <= ROUNDING * scale**2
    return _Contrast(
        keep=keep,
        treated=treated,
        basis=basis,
        estimate=estimate,
        std_error=0.0 if none else float(np.sqrt(variance)),
        scale=scale,
    )


def _weighted_difference(
    y: Floats, treated: Bools, strata: npt.NDArray[np.int64], weight: Floats
) -> float:
    """Difference in weighted means within strata, averaged by the strata's weights."""
    centre = y.mean()
    means = [
        np.bincount(strata[arm], weights=(weight * (y - centre))[arm])
        / np.bincount(strata[arm], weights=weight[arm])
        for arm in (treated, ~treated)
    ]
    share = np.bincount(strata, weights=weight) / weight.sum()
    return float(share @ (means[0] - means[1]))


def _basis(
    y: Floats,
    treated: Bools,
    strata: npt.NDArray[np.int64],
    weight: Floats,
    studentiser: Studentiser,
) -> StatisticBasis:
    centre = np.bincount(strata, weights=weight * y) / np.bincount(strata, weights=weight)
    return statistic_basis(
        np.column_stack([y - centre[strata], treated]),
        pairs=((0, 0), (0, 1), (1, 1)),
        stratum_codes=strata,
        weights=weight,
        studentiser=studentiser,
    )


def _stratum_codes(
    stratum: npt.ArrayLike | None, keep: Bools, treated: Bools
) -> npt.NDArray[np.int64]:
    if stratum is None:
        return np.zeros(len(treated), dtype=np.int64)
    labels, codes = np.unique(np.asarray(stratum)[keep], return_inverse=True)
    held = [np.bincount(codes[side], minlength=len(labels)) for side in (treated, ~treated)]
    lacking = labels[np.minimum(*held) == 0]
    if len(lacking):
        raise AssumptionError(
            f"stratum '{lacking[0]}' has no cluster of one of the two arms: leave it out, or "
            "compare the arms without strata"
        )
    return codes.astype(np.int64)


def _differences(basis: StatisticBasis, members: Bools) -> tuple[Floats, Floats]:
    """Differences of the value columns, shape (2, a), and covariances, shape (3, a)."""
    treated = arm_sums(basis, members)
    return contrast(basis, treated, basis.everyone - treated)


def _p_value_function(
    trial: _Contrast,
    allocations: Codes | Iterable[Codes],
    *,
    arm: int,
    control: int,
    enumerated: bool,
) -> tuple[PValueFunction, Bools]:
    """Coefficients of every allocation, and where the nearest allocation differs."""
    parts: list[Floats] = []
    differing = np.ones(len(trial.treated), dtype=np.bool_)
    everyone = bool(trial.keep.all())
    for block in batches(allocations, size=trial.basis.batch):
        if block.shape[1] != len(trial.keep):
            raise InputError(
                f"allocations have {block.shape[1]} columns for {len(trial.keep)} clusters: "
                "give one column a cluster, in the same order"
            )
        rows = block if everyone else block[:, trial.keep]
        members = rows == arm
        if not (members | (rows == control)).all():
            raise InputError(
                "an allocation moves a cluster of the two arms to another arm: give allocations "
                "conditional on the clusters of the other arms"
            )
        if enumerated and differing.any():
            unlike = members != trial.treated
            nearest = int(unlike.sum(axis=1).argmin())
            if unlike[nearest].sum() < differing.sum():
                differing = unlike[nearest]
        parts.append(np.concatenate(_differences(trial.basis, members)))
    if not parts:
        raise InputError("no allocation was given")
    gap, slope, constant, linear, square = np.concatenate(parts, axis=1)
    return (
        PValueFunction(
            gap=gap,
            slope=slope,
            constant=constant,
            linear=linear,
            square=square,
            std_error=trial.std_error,
            scale=trial.scale,
            enumerated=enumerated,
        ),
        differing,
    )


def _ratio(shift: float, std_error: float) -> float:
    if std_error > 0:
        return shift / std_error
    return float(np.copysign(np.inf, shift)) if shift else 0.0


def _refuse_inadmissible(differing: npt.NDArray[np.int64], clusters: Sequence[str] | None) -> None:
    labels = [str(place + 1) if clusters is None else clusters[place] for place in differing]
    rest = f" and {len(labels) - 10} more" if len(labels) > 10 else ""
    raise AssumptionError(
        "the arms in the data are not an admissible allocation of the declared design; the "
        f"nearest admissible one differs at clusters {', '.join(labels[:10])}{rest}: correct the "
        "arms, or declare the design that was used"
    )


def _statistic_caveats(trial: _Contrast, *, studentised: bool) -> list[str]:
    notes = []
    studentiser = trial.basis.studentiser
    if not studentised or studentiser == "none":
        notes.append(
            "the plain difference in means tests the sharp null of no effect on any cluster; it "
            "may reject too often when the effect is null only on average and arms differ in size"
        )
    if studentised and studentiser == "none":
        notes.append(
            "an arm has a single cluster, so no standard error exists: the plain difference is used"
        )
    if studentised and studentiser != "none" and trial.std_error == 0:
        notes.append(
            "cluster values do not vary within arms: the interval has no width and must not be read"
        )
    return notes


def _p_caveats(p_value: float, *, smallest: float, error: float, alpha: float) -> list[str]:
    notes = []
    if smallest > alpha * (1 + TIE):
        notes.append(
            f"the smallest p these allocations can give is {smallest:.3g}: no result can be "
            f"significant at {alpha:.3g}, and the interval has no bounds"
        )
    if abs(p_value - alpha) < 2 * error:
        notes.append(
            f"p is within two Monte Carlo standard errors ({error:.2g}) of {alpha:.3g}: "
            "draw more allocations"
        )
    return notes
