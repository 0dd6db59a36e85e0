"""Influence of each cluster: the estimate without it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.analysis.cluster_means import checked_clusters, difference_in_means
from experiments.errors import AssumptionError, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BLUE, ORANGE = "#0072B2", "#D55E00"
MOST_BARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOneOut:
    """What an estimate becomes when each cluster in turn is left out.

    Attributes
    ----------
    clusters
        Cluster labels, length G.
    full_estimate, full_std_error, full_p
        With all clusters.
    estimate, std_error, p_value
        Without each cluster, shape (G,); NaN where the rest cannot be analysed.
    change
        Change in the estimate, in standard errors of the full estimate, shape (G,).
    sign_flips
        True where the estimate changes sign, shape (G,).
    significance_flips
        True where p crosses ``1 - level``, shape (G,).
    level
        Coverage that goes with the significance level.
    warnings
        Caveats in words.
    """

    clusters: tuple[str, ...]
    full_estimate: float
    full_std_error: float
    full_p: float
    estimate: Floats
    std_error: Floats
    p_value: Floats
    change: Floats
    sign_flips: Bools
    significance_flips: Bools
    level: float
    warnings: tuple[str, ...] = ()


def leave_one_cluster_out(
    estimate: Callable[[Bools], tuple[float, float, float]],
    *,
    clusters: Sequence[str],
    level: float = 0.95,
) -> LeaveOneOut:
    """Recompute any estimator without each cluster in turn.

    Parameters
    ----------
    estimate : callable
        Takes the clusters to keep, a bool array of shape (G,), and returns estimate, standard
        error and p; it may raise AssumptionError where the rest cannot be analysed.
    clusters : sequence of str
        Cluster labels.
    level : float
        Coverage that goes with the significance level.
    """
    n_clusters = len(clusters)
    full = estimate(np.ones(n_clusters, dtype=np.bool_))
    rest = np.full((n_clusters, 3), np.nan)
    for place in range(n_clusters):
        kept = np.arange(n_clusters) != place
        try:
            rest[place] = estimate(kept)
        except AssumptionError:
            continue
    return _influence(full, rest.T, clusters=clusters, level=level)


def leave_one_out_difference(
    means: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    clusters: Sequence[str],
    stratum: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> LeaveOneOut:
    """Welch's difference in cluster means without each cluster, in closed form.

    Means and variances of the arm-by-stratum cell that loses a cluster are downdated, so that
    the whole costs one pass over the clusters; equals
    :func:`~experiments.analysis.cluster_means.difference_in_means` on the remaining ones.

    Parameters
    ----------
    means : array, shape (G,)
        Cluster means.
    treated : array of bool, shape (G,)
        True in the treated arm.
    clusters : sequence of str
        Cluster labels.
    stratum : array, shape (G,), optional
        Labels of the strata.
    level : float
        Coverage that goes with the significance level.

    Raises
    ------
    InputError, AssumptionError
        As ``difference_in_means``, for all clusters together.
    """
    full = difference_in_means(means, treated, stratum=stratum, level=level)
    y, in_arm, _ = checked_clusters(means, treated)
    codes = np.zeros(len(y), dtype=np.int64)
    if stratum is not None:
        codes = np.unique(np.asarray(stratum), return_inverse=True)[1].astype(np.int64)
    rest = _downdated(y - y.mean(), in_arm, codes)
    return _influence(
        (full.estimate, full.std_error, full.p_value), rest, clusters=clusters, level=level
    )


def _downdated(y: Floats, in_arm: Bools, stratum: npt.NDArray[np.int64]) -> Floats:
    """Estimate, standard error and p without each cluster, shape (3, G)."""
    cell = 2 * stratum + in_arm
    n = np.bincount(cell).astype(np.float64)
    mean = np.bincount(cell, weights=y) / n
    square = np.bincount(cell, weights=(y - mean[cell]) ** 2)
    size = np.bincount(stratum).astype(np.float64)

    variance = square / ((n - 1) * n)
    part = np.repeat(size, 2) ** 2 * variance
    partner = cell ^ 1
    own_n, left = n[cell], size[stratum] - 1
    off = y - mean[cell]
    gap = mean[1::2] - mean[0::2]
    new_gap = gap[stratum] - np.where(in_arm, 1, -1) * off / (own_n - 1)
    new_square = np.maximum(square[cell] - off**2 * own_n / (own_n - 1), 0)
    # A cell of two clusters has no variance left: NaN carries through to p.
    spare = np.where(own_n > 2, own_n - 2, np.nan)
    new_part = left**2 * new_square / (spare * (own_n - 1))
    partner_part = left**2 * variance[partner]
    total = size @ gap - (size * gap)[stratum] + left * new_gap
    spread = part.sum() - part[cell] - part[partner] + new_part + partner_part
    used = part**2 / (n - 1)
    quartic = used.sum() - used[cell] - used[partner]
    quartic = quartic + new_part**2 / spare + partner_part**2 / (n[partner] - 1)
    estimate = total / (len(y) - 1)
    std_error = np.sqrt(spread) / (len(y) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.stdtr(spread**2 / quartic, -np.abs(estimate / std_error))
    return np.stack([np.where(np.isnan(std_error), np.nan, estimate), std_error, p_value])


def leave_one_out_cr2(
    means: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    n: npt.ArrayLike,
    clusters: Sequence[str],
    level: float = 0.95,
) -> LeaveOneOut:
    """Least-squares difference between two arms without each cluster, CR2, in closed form.

    With arms as the only columns a cluster's leverage is its share of the arm's units, so that
    the variance and Satterthwaite's degrees of freedom are sums over each arm; equals
    :func:`~experiments.analysis.cluster_robust.coefficient_test` on the remaining clusters.

    Parameters
    ----------
    means : array, shape (G,)
        Cluster means.
    treated : array of bool, shape (G,)
        True in the treated arm.
    n : array, shape (G,)
        Units in each cluster.
    clusters : sequence of str
        Cluster labels.
    level : float
        Coverage that goes with the significance level.

    Raises
    ------
    InputError
        Arrays of unequal length, means that are not finite or sizes that are not positive.
    """
    y, in_arm, size = checked_clusters(means, treated, n)
    arms = []
    for side in (~in_arm, in_arm):
        # Where the cluster left out is in the other arm, this arm is whole: its last column.
        place = np.full(len(y) + 1, -1)
        place[:-1][side] = np.arange(side.sum())
        arms.append(_arm_without_each(y[side] - y.mean(), size[side])[:, place])
    estimate = arms[1][0] - arms[0][0]
    variance, inverse, products = arms[0][1:] + arms[1][1:]
    std_error = np.sqrt(np.where(variance > 0, variance, np.nan))
    p_value = 2 * special.stdtr(inverse**2 / products, -np.abs(estimate / std_error))
    found = np.stack([np.where(np.isnan(std_error), np.nan, estimate), std_error, p_value])
    full = (float(found[0, -1]), float(found[1, -1]), float(found[2, -1]))
    return _influence(full, found[:, :-1], clusters=clusters, level=level)


def _arm_without_each(y: Floats, size: Floats) -> Floats:
    """Parts of one arm's mean by least squares without each of its m clusters, then with all.

    Mean, its CR2 variance (NaN for a lone cluster), and the mean and the squared variation of
    that variance under independent errors of variance 1 (Pustejovsky & Tipton 2018, sect. 2.3),
    shape (4, m + 1).
    """
    count = len(y)
    left = np.tile(size, (count + 1, 1))
    np.fill_diagonal(left, 0.0)
    total = left.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        leverage = left / total[:, None]
        mean = leverage @ y
        own = leverage / (1 - leverage) / total[:, None]
        variance = (leverage**2 / (1 - leverage) * (y - mean[:, None]) ** 2).sum(axis=1)
        shared = leverage * own
        products = (own**2 - 2 * own * shared).sum(axis=1) + shared.sum(axis=1) ** 2
        return np.stack([mean, variance, 1 / total, products])


def _influence(
    full: tuple[float, float, float],
    rest: Floats,
    *,
    clusters: Sequence[str],
    level: float,
) -> LeaveOneOut:
    estimate, std_error, p_value = rest
    if len(clusters) != len(estimate):
        raise InputError(f"{len(clusters)} cluster labels for {len(estimate)} clusters")
    known = np.isfinite(estimate)
    sign = known & (np.sign(estimate) != np.sign(full[0]))
    # An exact p may equal the level, which floating point puts on either side.
    alpha = (1 - level) * (1 + 1e-9)
    crossing = known & ((p_value <= alpha) != (full[2] <= alpha))
    labels = tuple(str(label) for label in clusters)
    return LeaveOneOut(
        clusters=labels,
        full_estimate=full[0],
        full_std_error=full[1],
        full_p=full[2],
        estimate=estimate,
        std_error=std_error,
        p_value=p_value,
        change=(estimate - full[0]) / full[1],
        sign_flips=sign,
        significance_flips=crossing,
        level=level,
        warnings=_caveats(labels, known, sign, crossing, level=level),
    )


def _caveats(
    labels: tuple[str, ...], known: Bools, sign: Bools, crossing: Bools, *, level: float
) -> tuple[str, ...]:
    found = (
        (sign, "the estimate changes sign without"),
        (crossing, f"significance at {1 - level:.3g} turns on"),
        (~known, "the rest cannot be analysed without"),
    )
    notes = []
    for flags, words in found:
        names = [labels[place] for place in np.flatnonzero(flags)]
        if names:
            rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
            notes.append(f"{words} cluster {', '.join(names[:5])}{rest}")
    return tuple(notes)


def influence_figure(result: LeaveOneOut) -> "Figure":
    """Estimate without each cluster, the most influential on top.

    Clusters without which the sign or the significance changes are orange diamonds, the others
    blue dots; at most forty are drawn.

    Parameters
    ----------
    result : LeaveOneOut
        From either function of this module.
    """
    from matplotlib.figure import Figure

    strength = np.where(np.isfinite(result.change), np.abs(result.change), -np.inf)
    order = np.argsort(-strength, kind="stable")[:MOST_BARS]
    order = order[np.isfinite(strength[order])][::-1]
    flips = (result.sign_flips | result.significance_flips)[order]
    rows = np.arange(len(order))
    figure = Figure(figsize=(6, 1.6 + 0.22 * len(order)), layout="constrained")
    axes = figure.subplots()
    low, high = (result.full_estimate + sign * result.full_std_error for sign in (-1, 1))
    axes.axvspan(low, high, color="0.9", zorder=0, label="all clusters, one standard error")
    axes.axvline(result.full_estimate, color="0.4", linewidth=1, label="all clusters")
    axes.axvline(0, color="black", linewidth=0.8, linestyle=":", label="zero")
    styles = ((~flips, BLUE, "o", "same conclusion"), (flips, ORANGE, "D", "conclusion changes"))
    for chosen, colour, marker, label in styles:
        if chosen.any():
            axes.plot(
                result.estimate[order][chosen], rows[chosen], marker, color=colour, label=label
            )
    axes.set_yticks(rows, [result.clusters[place] for place in order])
    axes.set_xlabel("Estimated effect without the cluster (unit of the outcome)")
    axes.set_ylabel("Cluster left out")
    hidden = len(result.clusters) - len(order)
    axes.set_title(
        f"Influence of each cluster{f' ({len(order)} most influential)' if hidden else ''}"
    )
    figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    return figure
