"""Least squares with cluster-robust variances and small-sample t tests, from cluster moments."""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from experiments.analysis.absorption import absorb_groups
from experiments.analysis.cluster_leverage import (
    ClusterLeverage,
    adjustments,
    cluster_leverage,
    working_moments,
)
from experiments.analysis.coefficient_test import CoefficientTest, wald_test
from experiments.analysis.contrast import check_identified, check_variation, contrast_weights
from experiments.analysis.least_squares import independent_columns, least_squares, select_columns
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Correction = Literal["CR0", "CR1", "CR1S", "CR2", "CR3", "CR3J"]
DegreesOfFreedom = Literal["satterthwaite", "g-1", "g-p", "normal"]

POWERS = {"CR2": -0.5, "CR3": -1.0, "CR3J": -1.0}

FEW_DF = 4
MANY_CLUSTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRobustFit:
    """Least-squares coefficients with their cluster-robust covariance.

    Attributes
    ----------
    columns
        Design columns fitted, length p: those of the moments less the absorbed intercept and
        columns collinear with earlier ones.
    dropped
        Columns left out as collinear.
    coefficients
        Shape (p,).
    covariance
        Shape (p, p).
    correction
        Name of the covariance.
    adjusted
        Factors by which it corrects scores in the coordinates of ``leverage``, shape (G, k, p).
    leverage
        Hat matrices and residual scores of the clusters.
    clusters
        Labels, shape (G,).
    n_units
        Units in all clusters.
    outcome_square
        Sum of squares of the outcome.
    rank
        Parameters estimated, absorbed effects included.
    warnings
        Caveats in words.
    """

    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    correction: Correction
    adjusted: Floats
    leverage: ClusterLeverage
    clusters: npt.NDArray[np.object_]
    n_units: float
    outcome_square: float
    rank: int
    warnings: tuple[str, ...] = ()

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.clusters)


def cluster_robust_fit(
    moments: ClusterMoments,
    *,
    correction: Correction = "CR2",
    absorbed: npt.ArrayLike | None = None,
    n_absorbed: int = 0,
) -> ClusterRobustFit:
    """Fit least squares and one cluster-robust covariance of its coefficients.

    With N units, K parameters (``rank``), H the hat matrix and G clusters, the scores of cluster
    g are ``X_g' A_g e_g`` and their crossproduct is multiplied by a constant:

    - ``"CR0"``: no correction (Liang & Zeger 1986); too small with few clusters.
    - ``"CR1"``: times ``G/(G-1)``.
    - ``"CR1S"``: times ``G/(G-1) * (N-1)/(N-K)``; Stata's ``vce(cluster)``, statsmodels'
      ``cov_type="cluster"``, pyfixest's and fixest's default. HC1 where every unit is a cluster.
    - ``"CR2"``: ``A_g = (I - H_gg)^-1/2``, unbiased under independent errors of one variance
      (Bell & McCaffrey 2002; clubSandwich, estimatr); HC2 where every unit is a cluster.
    - ``"CR3"``: ``A_g = (I - H_gg)^-1`` (clubSandwich).
    - ``"CR3J"``: ``CR3 * (G-1)/G``, the jackknife about the full estimate (Stata's CV3,
      pyfixest's CRV3; MacKinnon, Nielsen & Webb 2023, J Appl Econom 38:671-694).

    Weighted moments give weighted least squares. The working model of CR2, CR3 and Satterthwaite
    is then a variance inverse to the weight: results are those of unweighted least squares on
    rows multiplied by the root of their weight. With weights constant inside clusters that is
    clubSandwich's ``inverse_var = TRUE``; its default for ``lm`` and estimatr's suppose equal
    variances whatever the weights, which moments weighted once cannot give.

    Parameters
    ----------
    moments : ClusterMoments
        Cross-products by cluster.
    correction : str
        One of the above.
    absorbed : array_like, shape (G,), optional
        Block, stratum or school of each cluster, whose fixed effects are swept out; results
        equal those with one dummy per group.
    n_absorbed : int
        Effects swept out before the moments were taken (`absorb_within`) that CR1S counts as
        parameters: Stata's ``areg`` counts them, fixest and pyfixest do not.

    Returns
    -------
    ClusterRobustFit

    Raises
    ------
    InputError
        Unknown correction, moments that are not finite, or ``absorbed`` that does not fit.
    AssumptionError
        No column to fit, or fewer units than parameters.
    """
    _check(moments, correction)
    groups = None if absorbed is None else absorb_groups(moments, absorbed)
    swept, first = (moments, 0) if groups is None else (groups.moments, 1)
    kept = independent_columns(swept, squares=np.einsum("gii->i", moments.xx), first=first)
    dropped = tuple(name for j, name in enumerate(moments.columns) if j >= first and j not in kept)
    within = select_columns(swept, kept)
    if groups is not None:
        groups = replace(groups, moments=select_columns(swept, [0, *kept]))
    coefficients, whitening = least_squares(within)
    n_units = float(moments.n.sum())
    rank = len(coefficients) + n_absorbed + (0 if groups is None else groups.n_groups)
    if n_units <= rank:
        message = f"{n_units:.0f} units for {rank} parameters: leave columns out"
        raise AssumptionError(message)
    leverage = cluster_leverage(within, coefficients, whitening, groups)
    adjusted = adjustments(leverage, power=POWERS.get(correction, 0.0))
    factor = finite_sample_factor(
        correction, n_clusters=moments.n_clusters, n_units=n_units, rank=rank
    )
    return ClusterRobustFit(
        columns=within.columns,
        dropped=dropped,
        coefficients=coefficients,
        covariance=factor * _sandwich(leverage, adjusted),
        correction=correction,
        adjusted=adjusted,
        leverage=leverage,
        clusters=moments.clusters,
        n_units=n_units,
        outcome_square=float(moments.yy.sum()),
        rank=rank,
        warnings=_drop_warning(dropped),
    )


def coefficient_test(
    fit: ClusterRobustFit,
    contrast: str | npt.ArrayLike,
    *,
    df: DegreesOfFreedom | None = None,
    null: float = 0.0,
    level: float = 0.95,
) -> CoefficientTest:
    """Test one coefficient, or a linear combination of them.

    Parameters
    ----------
    fit : ClusterRobustFit
        From `cluster_robust_fit`.
    contrast : str or array_like
        Name of a design column, or one weight for each of ``fit.columns``.
    df : {"satterthwaite", "g-1", "g-p", "normal"}, optional
        Reference distribution. ``"satterthwaite"``: t with the degrees of freedom that match
        two moments of the variance under independent errors (Bell & McCaffrey 2002), the
        default of CR2, CR3 and CR3J. ``"g-1"``: t on G - 1, the default of the others.
        ``"g-p"``: t on G less the parameters.
    null : float
        Value tested.
    level : float
        Coverage of the interval.

    Returns
    -------
    CoefficientTest

    Raises
    ------
    InputError
        Unknown column or unusable contrast.
    AssumptionError
        The column was dropped, there are two clusters or fewer, one cluster alone carries the
        contrast, the outcome does not vary, or no degrees of freedom are left.
    """
    weights = contrast_weights(contrast, columns=fit.columns, dropped=fit.dropped)
    direction = fit.leverage.whitening.T @ weights
    carried = check_identified(fit.leverage, direction, clusters=fit.clusters)
    estimate = float(weights @ fit.coefficients)
    std_error = math.sqrt(float(weights @ fit.covariance @ weights))
    check_variation(std_error, direction, outcome_square=fit.outcome_square)
    freedom = _degrees_of_freedom(fit, direction, df)
    return wald_test(
        estimate=estimate,
        std_error=std_error,
        df=freedom,
        level=level,
        null=null,
        warnings=fit.warnings + carried + _cautions(fit, freedom),
    )


def finite_sample_factor(
    correction: Correction, *, n_clusters: int, n_units: float, rank: int
) -> float:
    """Constant by which a correction multiplies the sandwich, see `cluster_robust_fit`."""
    if n_clusters == 1 or correction in {"CR0", "CR2", "CR3"}:
        return 1.0
    if correction == "CR3J":
        return (n_clusters - 1) / n_clusters
    stata = (n_units - 1) / (n_units - rank) if correction == "CR1S" else 1.0
    return n_clusters / (n_clusters - 1) * stata


def _check(moments: ClusterMoments, correction: str) -> None:
    if correction not in get_args(Correction):
        message = f"correction '{correction}': choose among {', '.join(get_args(Correction))}"
        raise InputError(message)
    finite = np.isfinite(moments.xx).all(axis=(1, 2)) & np.isfinite(moments.xy).all(axis=1)
    if not finite.all():
        name = moments.clusters[int(np.argmin(finite))]
        message = f"cluster {name}: moments are not finite; drop rows with missing values"
        raise InputError(message)


def _sandwich(leverage: ClusterLeverage, adjusted: Floats) -> Floats:
    scores = np.einsum("gki,gk->gi", adjusted, leverage.scores) @ leverage.whitening.T
    covariance: Floats = scores.T @ scores
    return covariance


def _degrees_of_freedom(
    fit: ClusterRobustFit, direction: Floats, df: DegreesOfFreedom | None
) -> float:
    kind = df or ("satterthwaite" if fit.correction in POWERS else "g-1")
    if kind not in get_args(DegreesOfFreedom):
        message = f"df '{kind}': choose among {', '.join(get_args(DegreesOfFreedom))}"
        raise InputError(message)
    if kind == "normal":
        return math.inf
    if kind == "satterthwaite":
        mean, products = working_moments(fit.leverage, fit.adjusted, direction[:, None])
        return float(mean[0, 0] ** 2 / products[0, 0, 0, 0])
    freedom = fit.n_clusters - (1 if kind == "g-1" else fit.rank)
    if freedom < 1:
        message = (
            f"{fit.n_clusters} clusters and {fit.rank} parameters leave no degrees of freedom; "
            "use df='satterthwaite' or randomisation inference"
        )
        raise AssumptionError(message)
    return float(freedom)


def _cautions(fit: ClusterRobustFit, df: float) -> tuple[str, ...]:
    said = []
    if df < FEW_DF:
        said.append(
            f"{df:.1f} degrees of freedom, under {FEW_DF}: the t approximation is poor; use "
            "randomisation inference."
        )
    if fit.n_clusters < MANY_CLUSTERS and fit.correction not in POWERS:
        said.append(
            f"{fit.correction} with {fit.n_clusters} clusters rejects too often; prefer CR2 with "
            "Satterthwaite degrees of freedom."
        )
    return tuple(said)


def _drop_warning(dropped: tuple[str, ...]) -> tuple[str, ...]:
    if not dropped:
        return ()
    return (f"Left out as collinear with earlier columns: {', '.join(dropped)}.",)
