"""Two-stage least squares with cluster-robust variance: effect of treatment received."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from experiments.analysis.absorption import absorb_groups
from experiments.analysis.cluster_robust import (
    ClusterRobustFit,
    cluster_robust_fit,
    finite_sample_factor,
)
from experiments.analysis.contrast import ROUNDING, check_identified, check_variation
from experiments.analysis.hotelling_t2 import hotelling_t2
from experiments.analysis.least_squares import least_squares, select_columns
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]

# Staiger & Stock (1997): below it the estimate leans towards least squares.
WEAK_F = 10.0
# First-stage coefficients below this, relative to the largest, are rounding.
UNMOVED = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentalVariables:
    """Effect of one endogenous column, by two-stage least squares.

    Attributes
    ----------
    columns
        Exogenous columns, then the endogenous one, length k.
    coefficients, covariance
        Shapes (k,) and (k, k).
    estimate, std_error, df, statistic, p_value, ci_low, ci_high, level
        Of the endogenous column; t on G - 1.
    first_stage
        Least squares of the endogenous column on exogenous columns and instruments.
    first_stage_f
        Cluster-robust F that no instrument moves the endogenous column, on as many and G - 1
        degrees of freedom.
    n_clusters, n_units
        Clusters and units.
    warnings
        Caveats in words.
    """

    columns: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    level: float
    first_stage: ClusterRobustFit
    first_stage_f: float
    n_clusters: int
    n_units: float
    warnings: tuple[str, ...] = ()


def two_stage_least_squares(
    moments: ClusterMoments,
    *,
    endogenous: str,
    instruments: Sequence[str],
    correction: Literal["CR0", "CR1", "CR1S"] = "CR1S",
    absorbed: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> InstrumentalVariables:
    """Estimate the effect of a column moved by instruments, such as a letter truly delivered.

    With the drawn arm as instrument and delivery as endogenous column this is the complier
    average causal effect, the intention-to-treat effect over the difference in delivery
    (Angrist, Imbens & Rubin 1996, JASA 91:444-455): it supposes that the draw acts through
    delivery alone and makes nobody less likely to receive. Moments with one unit a cluster give
    the Wald estimate on cluster means.

    The covariance is the sandwich of ``X_hat_g' e_g`` with residuals of the structural equation
    (Stata's ``ivregress, vce(cluster)`` is ``"CR1S"``'s G/(G-1) * (N-1)/(N-K)).

    Parameters
    ----------
    moments : ClusterMoments
        Of exogenous columns, instruments and the endogenous column together.
    endogenous : str
        Column whose effect is wanted.
    instruments : sequence of str
        Columns left out of the structural equation; all others are exogenous.
    correction : {"CR0", "CR1", "CR1S"}
        See `cluster_robust_fit`.
    absorbed : array_like, shape (G,), optional
        Group of each cluster, whose fixed effects are swept out of both stages.
    level : float
        Coverage of the interval.

    Returns
    -------
    InstrumentalVariables

    Raises
    ------
    InputError
        Unknown column.
    AssumptionError
        No instrument left beside the exogenous columns, an instrument carried by one cluster, an
        endogenous column that the instruments do not move, or no variation.
    """
    ordered = _ordered(moments, endogenous, instruments)
    first_stage = cluster_robust_fit(
        _first_stage_moments(ordered), correction=correction, absorbed=absorbed
    )
    left = [name for name in first_stage.columns if name in instruments]
    _check_instruments(first_stage, left, instruments, endogenous)
    strength, carried = _strength(first_stage, left)
    swept = ordered if absorbed is None else absorb_groups(ordered, absorbed).moments
    fitted = [*first_stage.columns, endogenous]
    within = select_columns(swept, [swept.columns.index(name) for name in fitted])
    coefficients, root, half = _second_stage(within, len(left))
    n_units = float(moments.n.sum())
    factor = finite_sample_factor(
        correction,
        n_clusters=moments.n_clusters,
        n_units=n_units,
        rank=first_stage.rank - len(left) + 1,
    )
    covariance = factor * half.T @ half
    std_error = math.sqrt(covariance[-1, -1])
    check_variation(std_error, root, outcome_square=float(moments.yy.sum()))
    estimate, df = float(coefficients[-1]), moments.n_clusters - 1.0
    margin = float(stats.t.ppf((1 + level) / 2, df)) * std_error
    return InstrumentalVariables(
        columns=(*fitted[: -1 - len(left)], endogenous),
        coefficients=coefficients,
        covariance=covariance,
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=estimate / std_error,
        p_value=float(2 * stats.t.sf(abs(estimate / std_error), df)),
        ci_low=estimate - margin,
        ci_high=estimate + margin,
        level=level,
        first_stage=first_stage,
        first_stage_f=strength,
        n_clusters=moments.n_clusters,
        n_units=n_units,
        warnings=first_stage.warnings + carried + _cautions(strength),
    )


def _ordered(
    moments: ClusterMoments, endogenous: str, instruments: Sequence[str]
) -> ClusterMoments:
    """Columns in the order exogenous, instruments, endogenous."""
    columns = moments.columns
    unknown = [name for name in (*instruments, endogenous) if name not in columns]
    if unknown or not instruments or endogenous in instruments:
        message = (
            f"endogenous '{endogenous}' with instruments {', '.join(instruments) or 'none'}: name "
            f"different columns among {', '.join(columns)}"
        )
        raise InputError(message)
    exogenous = [name for name in columns if name not in {*instruments, endogenous}]
    return select_columns(
        moments, [columns.index(name) for name in (*exogenous, *instruments, endogenous)]
    )


def _first_stage_moments(ordered: ClusterMoments) -> ClusterMoments:
    """Moments with the endogenous (last) column as outcome."""
    return replace(
        ordered,
        columns=ordered.columns[:-1],
        xx=ordered.xx[:, :-1, :-1],
        xy=ordered.xx[:, :-1, -1],
        yy=ordered.xx[:, -1, -1],
    )


def _check_instruments(
    first_stage: ClusterRobustFit,
    left: Sequence[str],
    instruments: Sequence[str],
    endogenous: str,
) -> None:
    if not left:
        message = (
            f"instruments {', '.join(instruments)} are collinear with the exogenous columns: drop "
            "the covariates or strata that determine them"
        )
        raise AssumptionError(message)
    moved = [first_stage.coefficients[first_stage.columns.index(name)] for name in left]
    if not np.abs(moved).max() > UNMOVED * max(1.0, np.abs(first_stage.coefficients).max()):
        message = (
            f"the instruments do not move '{endogenous}': report the intention-to-treat effect"
        )
        raise AssumptionError(message)


def _strength(first_stage: ClusterRobustFit, left: Sequence[str]) -> tuple[float, tuple[str, ...]]:
    """F of the instruments, and warnings of those that two clusters carry."""
    places = [first_stage.columns.index(name) for name in left]
    directions = first_stage.leverage.whitening[places]
    carried = [
        text
        for direction in directions
        for text in check_identified(first_stage.leverage, direction, clusters=first_stage.clusters)
    ]
    variances = np.diag(first_stage.covariance)[places]
    rounding = ROUNDING * first_stage.outcome_square * np.sum(directions**2, axis=1)
    if np.all(variances <= rounding):
        # Everyone drawn received, nobody else did.
        return math.inf, tuple(carried)
    return hotelling_t2(first_stage, left, test="naive").statistic, tuple(carried)


def _second_stage(moments: ClusterMoments, n_instruments: int) -> tuple[Floats, Floats, Floats]:
    """Coefficients (k,), weights of the last one on whitened sums, and scores times bread (G, k).

    Columns of the moments are the exogenous ones, the instruments, the endogenous one.
    """
    total = len(moments.columns)
    first = list(range(total - 1))
    second = [*range(total - 1 - n_instruments), total - 1]
    _, whitening = least_squares(select_columns(moments, first))
    pooled = moments.xx.sum(axis=0)
    # Instruments are made orthonormal, so that projections on them are plain sums.
    fitted = whitening.T @ pooled[np.ix_(first, second)]
    solve = np.linalg.inv(fitted.T @ fitted) @ fitted.T
    coefficients = solve @ (whitening.T @ moments.xy[:, first].sum(axis=0))
    residual = moments.xy[:, first] - moments.xx[:, first][:, :, second] @ coefficients
    return coefficients, solve[-1], residual @ whitening @ solve.T


def _cautions(strength: float) -> tuple[str, ...]:
    if strength >= WEAK_F:
        return ()
    text = (
        f"Weak instrument: the first-stage F is {strength:.1f}, under {WEAK_F:.0f}; the estimate "
        "is biased and its interval too short. Report the intention-to-treat effect."
    )
    return (text,)
