"""A statsmodels least-squares result, taken over for few-cluster variances and bootstrap tests."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from experiments.analysis.cluster_robust import ClusterRobustFit, Correction, cluster_robust_fit
from experiments.analysis.wild_cluster_bootstrap import (
    Weights,
    WildClusterBootstrap,
    wild_cluster_bootstrap,
)
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]


def cluster_robust_from_statsmodels(
    results: Any, groups: npt.ArrayLike, *, correction: Correction = "CR2"
) -> ClusterRobustFit:
    """Cluster-robust covariance of a fitted statsmodels OLS or WLS.

    ``cluster_robust_from_statsmodels(smf.ols("y ~ arm", rows).fit(), rows["zone"])`` then serves
    `coefficient_test` and `hotelling_t2`: CR2, Satterthwaite degrees of freedom and AHT tests,
    which statsmodels 0.15 does not have. Its ``cov_type="cluster"`` is CR1S here.

    Parameters
    ----------
    results : RegressionResults
        Of ``OLS`` or ``WLS``, fitted with any ``cov_type``.
    groups : array_like, shape (n,)
        Cluster of each row used in the fit; a pandas series may hold rows that statsmodels
        dropped as missing, and is then matched by index.
    correction : str
        See `cluster_robust_fit`.

    Returns
    -------
    ClusterRobustFit
        Columns are statsmodels' names.

    Raises
    ------
    InputError
        Another model, or labels that do not match the rows.
    """
    return cluster_robust_fit(_moments(results, groups), correction=correction)


def wild_bootstrap_from_statsmodels(
    results: Any,
    groups: npt.ArrayLike,
    contrast: str | npt.ArrayLike,
    *,
    rng: np.random.Generator,
    null: float = 0.0,
    weights: Weights = "webb",
    scores: Literal["plain", "jackknife"] = "plain",
    impose_null: bool = True,
    draws: int = 9999,
    level: float = 0.95,
    interval: bool = True,
) -> WildClusterBootstrap:
    """Wild cluster bootstrap of a fitted statsmodels OLS or WLS.

    Parameters
    ----------
    results, groups
        See `cluster_robust_from_statsmodels`.
    contrast, rng, null, weights, scores, impose_null, draws, level, interval
        See `wild_cluster_bootstrap`.

    Returns
    -------
    WildClusterBootstrap

    Raises
    ------
    InputError
        Another model, or labels that do not match the rows.
    AssumptionError
        See `wild_cluster_bootstrap`.
    """
    return wild_cluster_bootstrap(
        cluster_robust_fit(_moments(results, groups), correction="CR1"),
        contrast,
        rng=rng,
        null=null,
        weights=weights,
        scores=scores,
        impose_null=impose_null,
        draws=draws,
        level=level,
        interval=interval,
    )


def row_moments(
    design: npt.ArrayLike,
    outcome: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    columns: Sequence[str],
    weights: npt.ArrayLike | None = None,
) -> ClusterMoments:
    """Cross-products by cluster of rows held in arrays.

    Parameters
    ----------
    design : array_like, shape (n, p)
        Design columns, the intercept first where there is one.
    outcome : array_like, shape (n,)
        Dependent variable.
    groups : array_like, shape (n,)
        Cluster of each row.
    columns : sequence of str
        Names of the p columns.
    weights : array_like, shape (n,), optional
        Weights of the rows, not negative.

    Returns
    -------
    ClusterMoments
        Clusters in the order of their labels.

    Raises
    ------
    InputError
        Lengths differ, a cluster label is missing, or a weight is negative or missing.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    labels = np.asarray(groups)
    if x.shape != (len(labels), len(columns)) or y.shape != labels.shape:
        message = (
            f"{len(labels)} cluster labels and {len(columns)} column names for a design of shape "
            f"{x.shape} and {len(y)} outcomes: give one label a row and one name a column"
        )
        raise InputError(message)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    if pd.isna(labels).any() or not (w >= 0).all():
        place = int(np.argmax(pd.isna(labels) | ~(w >= 0)))
        message = (
            f"row {place}: cluster {labels[place]}, weight {w[place]:g}: every row needs a cluster "
            "and a weight that is not negative; drop it or mend it"
        )
        raise InputError(message)
    names, codes = np.unique(labels, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    start = np.searchsorted(codes[order], np.arange(len(names)))
    x, y, w = x[order], y[order], w[order]
    xx = np.empty((len(names), x.shape[1], x.shape[1]))
    # A column at a time: outer products of all rows at once would fill the memory.
    for j in range(x.shape[1]):
        xx[:, j, :] = np.add.reduceat(x * (w * x[:, j])[:, None], start)
    return ClusterMoments(
        clusters=names.astype(object),
        columns=tuple(columns),
        xx=xx,
        xy=np.add.reduceat(x * (w * y)[:, None], start),
        yy=np.add.reduceat(w * y**2, start),
        n=np.diff(start, append=len(y)).astype(np.float64),
    )


def _moments(results: Any, groups: npt.ArrayLike) -> ClusterMoments:
    model: Any = getattr(results, "model", None)
    kind = type(model).__name__
    if kind not in {"OLS", "WLS"}:
        message = f"a fitted statsmodels OLS or WLS is needed, not {kind}"
        raise InputError(message)
    return row_moments(
        model.exog,
        model.endog,
        _labels(model, groups),
        columns=model.exog_names,
        weights=model.weights if kind == "WLS" else None,
    )


def _labels(model: Any, groups: npt.ArrayLike) -> npt.NDArray[Any]:
    rows = model.data.row_labels
    if len(np.asarray(groups)) != len(model.endog) and rows is not None and hasattr(groups, "loc"):
        groups = groups.loc[rows]
    labels = np.asarray(groups)
    if labels.shape != model.endog.shape:
        message = f"groups: {len(labels)} cluster labels for {len(model.endog)} rows fitted"
        raise InputError(message)
    return labels
