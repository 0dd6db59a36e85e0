"""Covariance analysis of cluster means: arm, strata and covariates measured before the draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg

from experiments.analysis.cluster_means import checked_clusters, t_inference
from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Variance = Literal["auto", "classical", "hc2"]

FEWEST_DF = 2.0
FEW_DF = 4.0
MOST_STRATA = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedDifference:
    """Difference between arms at equal covariates.

    Attributes
    ----------
    estimate, std_error
        Treated minus control, in the outcome's unit.
    df
        Degrees of freedom: G minus the parameters, or Bell & McCaffrey's.
    statistic, p_value
        t and its two-sided p.
    ci_low, ci_high
        Interval at ``level``.
    variance
        ``"classical"`` or ``"hc2"``, as used.
    theta
        Slope of each covariate, as in CUPED; in the control arm when slopes differ by arm.
    variance_reduction
        Share of the residual variance, given arm and strata, that the covariates take away;
        negative when they cost more degrees of freedom than they explain.
    n_parameters
        Columns of the regression, the intercept included.
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
    variance: Literal["classical", "hc2"]
    theta: dict[str, float]
    variance_reduction: float
    n_parameters: int
    level: float
    warnings: tuple[str, ...] = ()


def analysis_of_covariance(
    means: npt.ArrayLike,
    treated: npt.ArrayLike,
    *,
    covariates: npt.ArrayLike | None = None,
    names: Sequence[str] = (),
    stratum: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    interacted: bool = False,
    variance: Variance = "auto",
    level: float = 0.95,
) -> AdjustedDifference:
    """Regress cluster means on the arm, strata and cluster-level covariates.

    Ordinary (or weighted) least squares, one row a cluster. The classical standard error takes
    t with G - k degrees of freedom. HC2 takes the degrees of freedom of Bell & McCaffrey (2002,
    Survey Methodology 28:169-181) under homoskedastic errors, as ``clubSandwich`` does for CR2
    with one row a cluster (weights taken for inverse variances); it holds up when the arms differ
    in size and variance. A baseline mean
    as the only covariate makes this CUPED (Deng et al. 2013) with ``theta`` estimated inside the
    regression. ``interacted`` lets every slope and stratum effect differ by arm, around weighted
    means (Lin 2013, Ann Appl Stat 7:295-318): the effect is then that on the average cluster even
    if it goes with the covariates.

    Parameters
    ----------
    means : array, shape (G,)
        Cluster means of the outcome.
    treated : array of bool, shape (G,)
        True in the treated arm.
    covariates : array, shape (G, p) or (G,), optional
        Measured before the draw.
    names : sequence of str
        Covariate names, length p; numbered by default.
    stratum : array, shape (G,), optional
        Labels of the strata, entered as indicator columns.
    weights : array, shape (G,), optional
        Positive regression weights.
    interacted : bool
        Slopes and stratum effects by arm.
    variance : {"auto", "classical", "hc2"}
        ``"auto"`` is HC2 when the arms have different numbers of clusters, else classical.
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        Wrong shapes, values that are not finite, or columns that repeat one another.
    AssumptionError
        Fewer than two degrees of freedom, more than a thousand strata, or a cluster that HC2
        cannot weigh.
    """
    values, in_arm, weight = checked_clusters(means, treated, weights)
    if len(np.unique(in_arm)) < 2:
        raise InputError("every cluster is in the same arm: give clusters of both")
    slopes, named = _covariate_columns(covariates, names, len(values))
    strata = _indicators(stratum, len(values))
    x = _design(in_arm, slopes, strata, weight, interacted=interacted)
    df = len(values) - x.shape[1]
    if df < FEWEST_DF:
        message = (
            f"{len(values)} clusters for {x.shape[1]} parameters leave {df} degrees of freedom; "
            "adjust for fewer covariates, or use the two-stage adjustment on units with "
            "randomisation inference"
        )
        raise AssumptionError(message)
    _check_rank(x, named, n_strata=strata.shape[1])
    root = np.sqrt(weight)
    fit = _least_squares(x * root[:, None], values * root)
    plain = _least_squares(np.column_stack([x[:, :2], strata]) * root[:, None], values * root)
    chosen = _chosen_variance(variance, in_arm)
    std_error, used_df = _classical(fit) if chosen == "classical" else _hc2_bell_mccaffrey(fit)
    if std_error <= 10 * np.finfo(float).eps * np.abs(values).max():
        message = (
            "the regression fits every cluster mean exactly, so no standard error exists; "
            "use randomisation inference"
        )
        raise AssumptionError(message)
    estimate = float(fit.coefficients[1])
    statistic, p_value, ci_low, ci_high = t_inference(estimate, std_error, df=used_df, level=level)
    return AdjustedDifference(
        estimate=estimate,
        std_error=std_error,
        df=used_df,
        statistic=statistic,
        p_value=p_value,
        ci_low=ci_low,
        ci_high=ci_high,
        variance=chosen,
        theta=dict(zip(named, fit.coefficients[2 : 2 + len(named)].tolist(), strict=True)),
        variance_reduction=float(1 - fit.mean_square / plain.mean_square),
        n_parameters=x.shape[1],
        level=level,
        warnings=_caveats(len(values), x.shape[1], used_df),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    x: Floats
    bread: Floats
    coefficients: Floats
    residuals: Floats

    @property
    def mean_square(self) -> float:
        return float(self.residuals @ self.residuals / (len(self.residuals) - self.x.shape[1]))


def _least_squares(x: Floats, y: Floats) -> _Fit:
    q, r = np.linalg.qr(x)
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ y)
    return _Fit(
        x=x, bread=inverse @ inverse.T, coefficients=coefficients, residuals=y - x @ coefficients
    )


def _classical(fit: _Fit) -> tuple[float, float]:
    """Homoskedastic standard error of the arm, and residual degrees of freedom."""
    df = float(fit.x.shape[0] - fit.x.shape[1])
    return float(np.sqrt(fit.mean_square * fit.bread[1, 1])), df


def _hc2_bell_mccaffrey(fit: _Fit) -> tuple[float, float]:
    """HC2 standard error of the arm and its degrees of freedom (Imbens & Kolesár 2016, eq. 10)."""
    leverage = np.einsum("ij,jk,ik->i", fit.x, fit.bread, fit.x)
    alone = np.flatnonzero(leverage > 1 - 1e-10)
    if len(alone):
        message = (
            f"cluster {alone[0] + 1} is fitted exactly by its own parameter, so HC2 has no "
            "variance for it; merge strata or covariate levels, or use variance='classical'"
        )
        raise AssumptionError(message)
    influence = fit.x @ fit.bread[1]
    share = influence**2 / (1 - leverage)
    # Sum over i, j of share_i share_j (I - H)_ij^2, without the G x G hat matrix.
    crossed = (fit.x * share[:, None]).T @ fit.x @ fit.bread
    squared = share**2 @ (1 - 2 * leverage) + np.trace(crossed @ crossed)
    df = float((influence @ influence) ** 2 / squared)
    if df < FEWEST_DF:
        message = (
            f"{df:.2g} effective degrees of freedom: one arm has too few clusters for HC2; "
            "use randomisation inference"
        )
        raise AssumptionError(message)
    return float(np.sqrt(share @ fit.residuals**2)), df


def _chosen_variance(
    variance: Variance, in_arm: npt.NDArray[np.bool_]
) -> Literal["classical", "hc2"]:
    if variance != "auto":
        return variance
    return "classical" if 2 * int(in_arm.sum()) == len(in_arm) else "hc2"


def _covariate_columns(
    covariates: npt.ArrayLike | None, names: Sequence[str], n_clusters: int
) -> tuple[Floats, tuple[str, ...]]:
    if covariates is None:
        return np.empty((n_clusters, 0)), ()
    columns = np.asarray(covariates, dtype=np.float64)
    columns = columns.reshape(len(columns), -1)
    if len(columns) != n_clusters:
        raise InputError(f"{len(columns)} rows of covariates for {n_clusters} clusters")
    named = tuple(names) or tuple(f"covariate {place + 1}" for place in range(columns.shape[1]))
    if len(named) != columns.shape[1]:
        raise InputError(f"{len(named)} covariate names for {columns.shape[1]} columns")
    missing = ~np.isfinite(columns)
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise InputError(
            f"covariate '{named[column]}' has no finite value for cluster {row + 1}: complete it"
        )
    return columns, named


def _indicators(stratum: npt.ArrayLike | None, n_clusters: int) -> Floats:
    if stratum is None:
        return np.empty((n_clusters, 0))
    labels, codes = np.unique(np.asarray(stratum), return_inverse=True)
    if len(labels) > MOST_STRATA:
        message = (
            f"{len(labels)} strata are too many for a regression with one column each; compare "
            "within strata by Welch's test, matched pairs or randomisation inference"
        )
        raise AssumptionError(message)
    indicators: Floats = (codes[:, None] == np.arange(1, len(labels))).astype(np.float64)
    return indicators


def _design(
    in_arm: npt.NDArray[np.bool_],
    slopes: Floats,
    strata: Floats,
    weight: Floats,
    *,
    interacted: bool,
) -> Floats:
    """Columns: intercept, arm, covariates, strata, then their products with the arm."""
    arm = in_arm.astype(np.float64)
    others = np.column_stack([slopes, strata])
    others = others - np.average(others, axis=0, weights=weight) if others.shape[1] else others
    products = others * arm[:, None] if interacted else others[:, :0]
    return np.column_stack([np.ones(len(arm)), arm, others, products])


def _check_rank(x: Floats, named: tuple[str, ...], *, n_strata: int) -> None:
    scaled = x / np.maximum(np.abs(x).max(axis=0), np.finfo(float).tiny)
    r, order = linalg.qr(scaled, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(r))
    surplus = order[diagonal < 1e-10 * diagonal[0]]
    if len(surplus) == 0:
        return
    columns = ["the intercept", "the arm", *(f"covariate '{name}'" for name in named)]
    columns += ["a stratum"] * n_strata
    columns += [f"{label} by arm" for label in columns[2:]]
    label = columns[int(surplus[0])]
    raise InputError(
        f"{label} is a combination of the other columns: leave out a covariate that is constant, "
        "repeats another, or follows the strata or the arm"
    )


def _caveats(n_clusters: int, n_parameters: int, df: float) -> tuple[str, ...]:
    if df >= FEW_DF:
        return ()
    return (
        f"{n_parameters} parameters on {n_clusters} clusters leave {df:.1f} degrees of freedom: "
        "the interval is wide and leans on normal residuals",
    )
