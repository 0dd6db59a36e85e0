"""Joint test of several linear combinations: approximate Hotelling's T-squared, or naive F."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from experiments.analysis.cluster_leverage import working_moments
from experiments.analysis.cluster_robust import ClusterRobustFit
from experiments.analysis.contrast import check_identified, contrast_weights
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]

FEW_DF = 4
# Constraints whose covariance has a smaller reciprocal condition than this are not independent.
SINGULAR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """F test that several linear combinations of coefficients are all zero.

    Attributes
    ----------
    statistic
        F, after the factor ``scale``.
    scale
        Factor on ``Q / q``, with Q the Wald statistic and q the number of constraints.
    df_num, df_denom
        Degrees of freedom of the F distribution.
    p_value
        Upper tail.
    test
        ``"AHT"`` or ``"naive"``.
    warnings
        Caveats in words, those of the fit included.
    """

    statistic: float
    scale: float
    df_num: float
    df_denom: float
    p_value: float
    test: Literal["AHT", "naive"]
    warnings: tuple[str, ...] = ()


def hotelling_t2(
    fit: ClusterRobustFit,
    contrasts: Sequence[str] | Sequence[Sequence[float]] | Floats,
    *,
    test: Literal["AHT", "naive"] = "AHT",
) -> JointTest:
    """Test several constraints at once, as that no arm differs from the control.

    ``"AHT"`` takes the covariance of q constraints as Wishart with the degrees of freedom eta
    that match its total variance under independent errors, so that
    ``(eta - q + 1) / (eta q) * Q`` is F on q and eta - q + 1 (Tipton & Pustejovsky 2015, J Educ
    Behav Stat 40:604-634; Pustejovsky & Tipton 2018, JBES 36:672-683, sect. 3.2; clubSandwich's
    ``HTZ``). ``"naive"`` is ``Q / q`` on q and G - 1: it rejects far too often with few clusters.

    Parameters
    ----------
    fit : ClusterRobustFit
        From `cluster_robust_fit`; CR2 is what AHT was derived for.
    contrasts : sequence of str, or array of shape (q, p)
        Columns tested, or weights on ``fit.columns``.
    test : {"AHT", "naive"}
        Reference distribution.

    Returns
    -------
    JointTest

    Raises
    ------
    InputError
        Unknown column or test, or constraints that are not independent.
    AssumptionError
        One cluster alone carries a constraint, or too few degrees of freedom for q constraints.
    """
    if test not in {"AHT", "naive"}:
        message = f"test '{test}': choose among AHT, naive"
        raise InputError(message)
    weights = np.array(
        [contrast_weights(one, columns=fit.columns, dropped=fit.dropped) for one in contrasts]
    )
    directions = fit.leverage.whitening.T @ weights.T
    carried = [
        text
        for direction in directions.T
        for text in check_identified(fit.leverage, direction, clusters=fit.clusters)
    ]
    q, wald = len(weights), _wald(fit, weights, directions)
    eta = _wishart_df(fit, directions) if test == "AHT" else fit.n_clusters - 1.0
    scale = (eta - q + 1) / eta if test == "AHT" else 1.0
    denominator = eta - q + 1 if test == "AHT" else eta
    if denominator <= 0:
        message = (
            f"{q} constraints on {eta:.1f} degrees of freedom: test fewer at once, or use "
            "randomisation inference"
        )
        raise AssumptionError(message)
    statistic = scale * wald / q
    return JointTest(
        statistic=statistic,
        scale=scale,
        df_num=float(q),
        df_denom=denominator,
        p_value=float(stats.f.sf(statistic, q, denominator)),
        test=test,
        warnings=fit.warnings + tuple(dict.fromkeys(carried)) + _cautions(test, denominator),
    )


def _wald(fit: ClusterRobustFit, weights: Floats, directions: Floats) -> float:
    covariance = weights @ fit.covariance @ weights.T
    scale = np.linalg.norm(directions, axis=0)
    relative = covariance / np.outer(scale, scale)
    spread = np.linalg.eigvalsh(relative)
    if spread[0] <= SINGULAR * spread[-1]:
        message = (
            "the constraints are not independent, or there are more of them than clusters can "
            "tell apart: leave some out"
        )
        raise InputError(message)
    distance = weights @ fit.coefficients / scale
    return float(distance @ np.linalg.solve(relative, distance))


def _wishart_df(fit: ClusterRobustFit, directions: Floats) -> float:
    """Degrees of freedom eta of the Wishart distribution with the same mean and total variance."""
    q = directions.shape[1]
    start, _ = np.linalg.qr(directions)
    mean, _ = working_moments(fit.leverage, fit.adjusted, start)
    # Constraints are turned so that their mean covariance is the identity; with CR2 it is already.
    turned = start @ np.linalg.inv(np.linalg.cholesky(mean)).T
    _, products = working_moments(fit.leverage, fit.adjusted, turned)
    variance = np.einsum("sstt->", products) + np.einsum("stts->", products)
    return float(q * (q + 1) / variance)


def _cautions(test: str, df: float) -> tuple[str, ...]:
    if test == "naive":
        return ("Naive F rejects too often with few clusters; prefer AHT.",)
    if df < FEW_DF:
        text = (
            f"{df:.1f} denominator degrees of freedom, under {FEW_DF}: the F approximation is "
            "poor; use randomisation inference."
        )
        return (text,)
    return ()
