"""Meta-analysis of effects that share studies: nested variances, cluster-robust intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from experiments.analysis.nested_variance_components import (
    NestedFit,
    Nesting,
    fit_nested,
    group_codes,
    nesting,
)
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
VarianceEstimator = Literal["model", "CR0", "CR1", "CR2"]

REFERENCES = {
    "model": "Konstantopoulos 2011",
    "CR0": "Hedges, Tipton & Johnson 2010",
    "CR1": "Hedges, Tipton & Johnson 2010, factor C / (C - 1)",
    "CR2": "Pustejovsky & Tipton 2018",
}
MANY_CLUSTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class MultilevelMetaAnalysis:
    """Pooled effect of k effects nested in studies, on the scale of the effects.

    Attributes
    ----------
    k
        Number of effects.
    estimate, std_error, df
        Mean effect with the standard error of ``variance_estimator``.
    ci_low, ci_high, p_value
        t interval at ``level`` and two-sided test of zero.
    levels, n_groups
        Names of the levels, outermost first, and their numbers of groups.
    variance_components
        Variance of the true effects at each level, shape (L,).
    i2
        Percent of the variance at each level, for a typical sampling variance, shape (L,).
    q, q_df, q_p_value
        Cochran's test of one common effect.
    log_likelihood
        Restricted.
    variance_estimator, n_clusters
        Model-based or cluster-robust, and the number of clusters.
    level
        Coverage of the interval.
    reference
        Papers followed.
    warnings
        Caveats for the reader.
    """

    k: int
    estimate: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    levels: tuple[str, ...]
    n_groups: tuple[int, ...]
    variance_components: Floats
    i2: Floats
    q: float
    q_df: int
    q_p_value: float
    log_likelihood: float
    variance_estimator: VarianceEstimator
    n_clusters: int
    level: float
    reference: str
    warnings: tuple[str, ...]


def multilevel_meta_analyse(
    effects: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    levels: Mapping[str, npt.ArrayLike],
    cluster: npt.ArrayLike | None = None,
    variance_estimator: VarianceEstimator = "CR2",
    level: float = 0.95,
) -> MultilevelMetaAnalysis:
    """Pool effects that are nested in studies, by restricted maximum likelihood.

    Parameters
    ----------
    effects, variances
        Effects and their sampling variances, shape (N,).
    levels
        Labels of each random intercept, outermost first, each of shape (N,); ``{"study": s,
        "effect": e}`` is the three-level model (Konstantopoulos 2011). A label counts within its
        group of the level before.
    cluster
        Clusters of the robust variance, shape (N,); by default the outermost level. Effects of
        one cluster may have correlated sampling errors.
    variance_estimator
        ``"CR2"`` with Satterthwaite degrees of freedom holds with few clusters; ``"CR1"`` and
        ``"CR0"`` use t with C - 1; ``"model"`` trusts the variance model, t with the number of
        outermost groups less one.

    Raises
    ------
    InputError
        Shapes that differ, a value that is not finite, a variance that is not positive.
    AssumptionError
        Levels that coincide, one outermost group, one cluster, or CR2 with clusters that split an
        outermost group.
    """
    y, v = _checked(effects, variances, level)
    tree = nesting(levels, n=len(y))
    clusters = tree.members[0]
    if cluster is not None:
        clusters = group_codes(cluster, name="cluster", n=len(y))
    n_clusters = _check_clusters(clusters, tree, variance_estimator)
    fit = fit_nested(y, v, tree)
    error, df = _standard_error(y, v, tree, fit, clusters, variance_estimator)
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    weights = 1 / v
    q = float(weights @ (y - np.average(y, weights=weights)) ** 2)
    typical = (len(y) - 1) * weights.sum() / (weights.sum() ** 2 - weights @ weights)
    return MultilevelMetaAnalysis(
        k=len(y),
        estimate=fit.mean,
        std_error=error,
        df=df,
        ci_low=fit.mean - half,
        ci_high=fit.mean + half,
        p_value=2 * float(stats.t.sf(abs(fit.mean) / error, df)),
        levels=tree.names,
        n_groups=tree.sizes,
        variance_components=fit.components,
        i2=100 * fit.components / (fit.components.sum() + typical),
        q=q,
        q_df=len(y) - 1,
        q_p_value=float(stats.chi2.sf(q, len(y) - 1)),
        log_likelihood=fit.log_likelihood,
        variance_estimator=variance_estimator,
        n_clusters=n_clusters,
        level=level,
        reference=f"{REFERENCES['model']}; {REFERENCES[variance_estimator]}",
        warnings=_warnings(tree, fit, clusters, df, variance_estimator),
    )


def _standard_error(
    y: Floats, v: Floats, tree: Nesting, fit: NestedFit, clusters: Ints, estimator: str
) -> tuple[float, float]:
    if estimator == "model":
        return 1 / sqrt(fit.precision), tree.sizes[0] - 1
    count = int(clusters.max()) + 1
    if estimator == "CR2":
        scores, df = _cr2_scores(y, v, tree, fit, clusters)
        return sqrt(float(scores @ scores)) / fit.precision, df
    sums = np.bincount(clusters, fit.row_weights * (y - fit.mean))
    factor = count / (count - 1) if estimator == "CR1" else 1.0
    return sqrt(factor * float(sums @ sums)) / fit.precision, count - 1


def _cr2_scores(
    y: Floats, v: Floats, tree: Nesting, fit: NestedFit, clusters: Ints
) -> tuple[Floats, float]:
    """Adjusted score of each cluster and Satterthwaite df (Pustejovsky & Tipton 2018, eq. 5-9).

    For weights that invert the working covariance S, the residuals of a cluster have covariance
    S_c - 1 1' / precision. Clusters of one size are adjusted together.
    """
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    start = np.cumsum(sizes) - sizes
    scores, reach, spread = (np.empty(len(sizes)) for _ in range(3))
    for size in np.unique(sizes):
        same = np.flatnonzero(sizes == size)
        rows = order[start[same][:, None] + np.arange(size)]
        covariance = np.zeros((len(same), size, size))
        covariance[:, np.arange(size), np.arange(size)] = v[rows]
        for member, component in zip(tree.members, fit.components, strict=True):
            code = member[rows]
            covariance += component * (code[:, :, None] == code[:, None, :])
        adjusted = _adjusted_weights(covariance, fit.row_weights[rows], fit.precision)
        scores[same] = np.einsum("cs,cs->c", adjusted, y[rows] - fit.mean)
        reach[same] = adjusted.sum(axis=1)
        spread[same] = np.einsum("ci,cij,cj->c", adjusted, covariance, adjusted)
    first = spread - reach**2 / fit.precision
    second = (
        (spread**2).sum()
        - 2 * (spread @ reach**2) / fit.precision
        + (reach @ reach / fit.precision) ** 2
    )
    return scores, float(first.sum() ** 2 / second)


def _adjusted_weights(covariance: Floats, weights: Floats, precision: float) -> Floats:
    """A_c S_c^-1 1 for a stack of clusters of one size, shape (C, n)."""
    upper = np.linalg.cholesky(covariance).transpose(0, 2, 1)
    residual = covariance - 1 / precision
    middle = upper @ residual @ upper.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(middle)
    floor = 1e-12 * values[:, -1:]
    inverse_root = np.where(values > floor, 1 / np.sqrt(np.maximum(values, floor)), 0.0)
    turned = np.einsum("cij,cj->ci", upper, weights)
    turned = np.einsum("cji,cj->ci", vectors, turned) * inverse_root
    adjusted: Floats = np.einsum("cji,cj->ci", upper, np.einsum("cij,cj->ci", vectors, turned))
    return adjusted


def _splits_groups(clusters: Ints, tree: Nesting) -> bool:
    pairs = tree.members[0] * (int(clusters.max()) + 1) + clusters
    return len(np.unique(pairs)) > tree.sizes[0]


def _check_clusters(clusters: Ints, tree: Nesting, estimator: str) -> int:
    if estimator not in REFERENCES:
        message = f"variance_estimator '{estimator}': known are {', '.join(REFERENCES)}"
        raise InputError(message)
    count = int(clusters.max()) + 1
    if count < 2 and estimator != "model":
        message = f"{estimator}: a single cluster gives no robust variance; use 'model'"
        raise AssumptionError(message)
    if estimator == "CR2" and _splits_groups(clusters, tree):
        message = (
            f"CR2: clusters split groups of level '{tree.names[0]}'; cluster by that level, or "
            "use 'CR1', which then ignores what the split parts share"
        )
        raise AssumptionError(message)
    return count


def _checked(
    effects: npt.ArrayLike, variances: npt.ArrayLike, level: float
) -> tuple[Floats, Floats]:
    y = np.asarray(effects, dtype=np.float64)
    v = np.asarray(variances, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape or not 0 < level < 1:
        message = f"effects {y.shape}, variances {v.shape}, level {level}: one of each per effect"
        raise InputError(message)
    wrong = np.flatnonzero(~(np.isfinite(y) & np.isfinite(v) & (v > 0)))
    if len(wrong):
        row = wrong[0]
        message = (
            f"row {row + 1}: effect {y[row]} with variance {v[row]}; a finite effect and a "
            "positive variance are needed, leave the row out"
        )
        raise InputError(message)
    return y, v


def _warnings(
    tree: Nesting, fit: NestedFit, clusters: Ints, df: float, estimator: VarianceEstimator
) -> tuple[str, ...]:
    found = [
        f"variance of level '{name}' is estimated as 0"
        for name, component in zip(tree.names, fit.components, strict=True)
        if component == 0
    ]
    count = int(clusters.max()) + 1
    if estimator in {"CR0", "CR1"} and count < MANY_CLUSTERS:
        found.append(f"{estimator} with {count} clusters is too narrow; use CR2")
    if estimator in {"CR0", "CR1"} and _splits_groups(clusters, tree):
        found.append(
            f"clusters split groups of level '{tree.names[0]}': what their parts share is ignored"
        )
    if df < 4:
        found.append(f"{df:.1f} degrees of freedom: the p-value is rough, pool more studies")
    return tuple(found)
