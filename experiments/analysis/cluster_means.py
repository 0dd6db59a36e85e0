"""Student and Welch t tests on cluster means: one number for each cluster, one cluster one vote."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEW_CLUSTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDifference:
    """Difference between two arms' means over clusters, with its t test.

    Attributes
    ----------
    estimate, std_error
        Treated minus control, in the outcome's unit.
    df
        Degrees of freedom of the t distribution.
    statistic, p_value
        t and its two-sided p.
    ci_low, ci_high
        Interval at ``level``.
    mean_treated, mean_control
        Arm means, with their standard errors ``se_treated`` and ``se_control``.
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
    mean_treated: float
    mean_control: float
    se_treated: float
    se_control: float
    level: float
    warnings: tuple[str, ...] = ()


def difference_in_means(
    means: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    equal_variance: bool = False,
    df_lost: int = 0,
    level: float = 0.95,
) -> MeanDifference:
    r"""Compare arms on cluster means by Welch's or Student's t test.

    Without weights every cluster counts the same: the estimand is the effect on the average
    cluster. With cluster sizes as weights it is the effect on the average unit. The two differ
    when effects go with cluster size (Kahan et al. 2023, Int J Epidemiol 52:107-118). The
    weights of :func:`minimum_variance_weights` give the smallest variance and target neither,
    unless the effect is unrelated to size.

    With strata the estimate is :math:`\sum_s w_s (\bar y_{1s} - \bar y_{0s})`, where ``w_s`` is
    the stratum's share of the clusters (or of the weights), and its variance
    :math:`\sum_s w_s^2 (v_{1s} + v_{0s})`. Welch takes each arm's own variance,
    ``v = s^2 / n``, or with weights the linearised variance of a ratio of sums,
    ``n / (n - 1) * sum(w^2 (y - ybar)^2) / sum(w)^2``, and Satterthwaite's degrees of freedom
    over all arm-by-stratum cells. Student pools the (weighted) residual variance over all cells,
    on G - 2S degrees of freedom for S strata.

    Parameters
    ----------
    means : array, shape (G,)
        Cluster means, or any one number for each cluster.
    treated : array of bool, shape (G,)
        True in the treated arm.
    stratum : array, shape (G,), optional
        Labels of the strata within which clusters were drawn.
    weights : array, shape (G,), optional
        Positive; only ratios matter.
    equal_variance : bool
        Student's test instead of Welch's.
    df_lost : int
        Degrees of freedom spent on cluster-level covariates in an earlier stage
        (Hayes & Moulton 2017, ch. 11).
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        Values that are not finite, arrays of unequal length, weights that are not positive.
    AssumptionError
        Fewer than two clusters in an arm (of a stratum), no variation within arms, or no
        degrees of freedom left.
    """
    values, in_arm, weight = checked_clusters(means, treated, weights)
    strata, cell = _cells(in_arm, stratum)
    mean, variance, count, total = _cell_moments(
        values, weight, cell, 2 * len(strata), equal_variance=equal_variance
    )
    share = np.repeat((total[0::2] + total[1::2]) / total.sum(), 2)
    parts = share**2 * variance
    spread = parts.sum()
    if spread <= (10 * np.finfo(float).eps * np.abs(mean).max()) ** 2:
        message = (
            "cluster means do not vary within arms, so no standard error exists; "
            "use randomisation inference"
        )
        raise AssumptionError(message)
    df = _degrees_of_freedom(parts, count, equal_variance=equal_variance, df_lost=df_lost)
    arm_means = [float((share * mean)[side::2].sum()) for side in (0, 1)]
    arm_errors = [float(np.sqrt(parts[side::2].sum())) for side in (0, 1)]
    estimate, std_error = arm_means[1] - arm_means[0], float(np.sqrt(spread))
    statistic, p_value, ci_low, ci_high = t_inference(estimate, std_error, df=df, level=level)
    return MeanDifference(
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=p_value,
        ci_low=ci_low,
        ci_high=ci_high,
        mean_treated=arm_means[1],
        mean_control=arm_means[0],
        se_treated=arm_errors[1],
        se_control=arm_errors[0],
        level=level,
        warnings=_caveats(in_arm, weight, equal_variance=equal_variance),
    )


def minimum_variance_weights(sizes: npt.ArrayLike, *, icc: float) -> Floats:
    """Weights n / (1 + (n - 1) ICC), inverse to the variance of a cluster mean.

    Between size weights (ICC 0) and equal weights (ICC 1); Donner & Klar 2000, section 6.

    Parameters
    ----------
    sizes : array, shape (G,)
        Units in each cluster.
    icc : float
        Intraclass correlation, 0 to 1.
    """
    if not 0 <= icc <= 1:
        raise InputError(f"the intraclass correlation is {icc:g}: give a value between 0 and 1")
    n = np.asarray(sizes, dtype=np.float64)
    return n / (1 + (n - 1) * icc)


def checked_clusters(
    means: npt.ArrayLike, treated: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> tuple[Floats, Bools, Floats]:
    """Cluster values, treatment and weights (ones by default) as checked arrays.

    Raises
    ------
    InputError
        Values that are not finite, arrays of unequal length, weights that are not positive.
    """
    values = np.asarray(means, dtype=np.float64)
    in_arm = np.asarray(treated, dtype=np.bool_)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(values) == len(in_arm) == len(weight):
        message = (
            f"{len(values)} cluster means, {len(in_arm)} arms and {len(weight)} weights: "
            "give one of each for every cluster"
        )
        raise InputError(message)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(f"cluster {bad[0] + 1} has no finite mean: leave it out or complete it")
    if not (np.isfinite(weight) & (weight > 0)).all():
        worst = int(np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))[0])
        raise InputError(f"cluster {worst + 1} has weight {weight[worst]:g}: it must be positive")
    return values, in_arm, weight


def t_inference(
    estimate: float, std_error: float, *, df: float, level: float
) -> tuple[float, float, float, float]:
    """t, its two-sided p, and the ends of the interval at ``level``."""
    if not 0 < level < 1:
        raise InputError(f"level is {level:g}: give a coverage between 0 and 1, such as 0.95")
    statistic = estimate / std_error
    margin = -float(special.stdtrit(df, (1 - level) / 2)) * std_error
    p_value = float(2 * special.stdtr(df, -abs(statistic)))
    return statistic, p_value, estimate - margin, estimate + margin


def _cells(in_arm: Bools, stratum: npt.ArrayLike | None) -> tuple[npt.NDArray[Any], Ints]:
    """Stratum labels, and the code 2 * stratum + treated of each cluster."""
    labels: npt.NDArray[Any] = np.zeros(1)
    codes = np.zeros(len(in_arm), dtype=np.int64)
    if stratum is not None:
        labels, codes = np.unique(np.asarray(stratum), return_inverse=True)
    cell = 2 * codes + in_arm
    few = np.flatnonzero(np.bincount(cell, minlength=2 * len(labels)) < 2)
    if len(few) and stratum is None:
        message = (
            f"{len(in_arm) - in_arm.sum()} control and {in_arm.sum()} treated clusters: each arm "
            "needs at least two; use randomisation inference, or draw more clusters"
        )
        raise AssumptionError(message)
    if len(few):
        named = ", ".join(dict.fromkeys(f"'{labels[place // 2]}'" for place in few[:5]))
        message = (
            f"{len(few)} cells of arm and stratum hold fewer than two clusters (strata {named}"
            f"{'…' if len(few) > 5 else ''}), so their variance cannot be estimated; use matched "
            "pairs, covariance analysis with strata, or randomisation inference"
        )
        raise AssumptionError(message)
    return labels, cell


def _cell_moments(
    values: Floats, weight: Floats, cell: Ints, n_cells: int, *, equal_variance: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Weighted mean, variance of it, clusters and total weight in each cell, shape (2S,)."""

    def cell_sums(column: Floats) -> Floats:
        return np.bincount(cell, weights=column, minlength=n_cells).astype(np.float64)

    count, total = cell_sums(np.ones(len(values))), cell_sums(weight)
    mean = cell_sums(weight * values) / total
    residual = values - mean[cell]
    if equal_variance:
        variance = (weight * residual**2).sum() / (len(values) - n_cells) / total
    else:
        variance = count / (count - 1) * cell_sums((weight * residual) ** 2) / total**2
    return mean, variance, count, total


def _degrees_of_freedom(
    parts: Floats, count: Floats, *, equal_variance: bool, df_lost: int
) -> float:
    """G - 2S, or Satterthwaite's over the cells' parts of the variance, less what was spent."""
    df = (count - 1).sum() if equal_variance else parts.sum() ** 2 / (parts**2 / (count - 1)).sum()
    left = float(df) - df_lost
    if left < 1:
        message = (
            f"{left:.3g} degrees of freedom are left after {df_lost} cluster-level covariates; "
            "adjust for fewer, or use randomisation inference"
        )
        raise AssumptionError(message)
    return left


def _caveats(in_arm: Bools, weight: Floats, *, equal_variance: bool) -> tuple[str, ...]:
    treated, control = int(in_arm.sum()), int((~in_arm).sum())
    notes = []
    if min(treated, control) < FEW_CLUSTERS:
        notes.append(
            f"{treated} treated and {control} control clusters: the t test leans on cluster means "
            "being close to normal; read randomisation inference beside it"
        )
    if equal_variance and treated != control:
        notes.append(
            f"Student's test with {treated} against {control} clusters errs when the arms' "
            "variances differ; Welch's does not assume them equal"
        )
    effective = [float(w.sum() ** 2 / (w**2).sum()) for w in (weight[in_arm], weight[~in_arm])]
    if min(effective) < FEW_CLUSTERS <= min(treated, control):
        notes.append(
            f"a few clusters hold most of the weight: the smaller arm counts as "
            f"{min(effective):.1f} clusters, and the test then rejects too often"
        )
    return tuple(notes)
