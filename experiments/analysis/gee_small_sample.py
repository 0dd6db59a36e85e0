"""Sandwich covariances of GEE coefficients corrected for few clusters, and t tests with them."""

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.analysis.coefficient_test import CoefficientTest, wald_test
from experiments.analysis.contrast import contrast_weights
from experiments.analysis.gee import GeeFit
from experiments.engine.covariate_patterns import Floats
from experiments.errors import AssumptionError, InputError

Correction = Literal[
    "robust", "mancl-derouen", "kauermann-carroll", "fay-graubard", "morel-bokossa-neerchal"
]
DegreesOfFreedom = Literal["between-within", "g-p", "normal", "satterthwaite"]

FEWEST_CLUSTERS = 4
FEW_CLUSTERS = 10
MANY_CLUSTERS = 40
UNEVEN_SIZES = 0.6

_LEVERAGE = 1 - 1e-8


def small_sample_covariance(
    fit: GeeFit, *, correction: Correction = "mancl-derouen", bound: float = 0.75
) -> Floats:
    """Return a sandwich covariance of the coefficients, shape (p, p).

    With B the inverse of the summed information and ``s_g`` the cluster scores, the sandwich is
    ``B (sum K_g s_g s_g' K_g') B``. All corrections are p x p algebra, since
    ``D_g' V_g^-1 (I - H_g)^q = (I - M_g B)^q D_g' V_g^-1`` for the leverage
    ``H_g = D_g B D_g' V_g^-1`` and any power q:

    - ``"robust"``: ``K_g = I`` (Liang & Zeger 1986); too small with few clusters.
    - ``"mancl-derouen"``: ``K_g = (I - M_g B)^-1`` (Mancl & DeRouen 2001, eq. 4); statsmodels'
      ``bias_reduced``, geesmv's ``GEE.var.md``, SAS's ``EMPIRICAL=FIRORES``, geeCRT's BC2.
    - ``"kauermann-carroll"``: ``K_g = (I - M_g B)^-1/2``, the principal root of ``I - H_g``
      (Kauermann & Carroll 2001); geesmv's ``GEE.var.kc``, SAS's ``EMPIRICAL=ROOT``, geeCRT's BC1.
    - ``"fay-graubard"``: ``K_g`` diagonal, ``(1 - min(bound, [M_g B]_jj))^-1/2`` (Fay &
      Graubard 2001); saws, ``GEE.var.fg``, SAS's ``EMPIRICAL=FIROEEQ``, geeCRT's BC3. It depends
      on how the design is coded, unlike the others.
    - ``"morel-bokossa-neerchal"``: ``c * robust + delta * phi * model covariance`` (Morel et al.
      2003), with the defaults d = 2, r = 1 of SAS's ``EMPIRICAL=MBN`` and of R's ``geer``.

    Parameters
    ----------
    fit : GeeFit
        From `fit_gee` or `from_statsmodels`.
    correction : str
        One of the above.
    bound : float
        Largest leverage that Fay-Graubard corrects for, in [0, 1).

    Returns
    -------
    ndarray
        Covariance, shape (p, p).

    Raises
    ------
    AssumptionError
        One cluster alone determines a coefficient (Mancl-DeRouen, Kauermann-Carroll).
    """
    scores = fit.scores
    if correction in {"mancl-derouen", "kauermann-carroll", "fay-graubard"}:
        scores = np.einsum("gij,gj->gi", _adjustments(fit, correction, bound), scores)
    half = scores @ fit.bread
    covariance: Floats = half.T @ half
    if correction == "morel-bokossa-neerchal":
        return _morel(fit, covariance)
    return covariance


def coefficient_test(
    fit: GeeFit,
    contrast: str | npt.ArrayLike,
    *,
    correction: Correction = "mancl-derouen",
    df: DegreesOfFreedom = "between-within",
    level: float = 0.95,
    bound: float = 0.75,
) -> CoefficientTest:
    """Test one coefficient, or a linear combination of them, against zero.

    Parameters
    ----------
    fit : GeeFit
        From `fit_gee` or `from_statsmodels`.
    contrast : str or array_like
        Name of a design column, or p weights.
    correction : str
        Covariance, see `small_sample_covariance`.
    df : {"between-within", "g-p", "normal", "satterthwaite"}
        Reference distribution. ``"between-within"``: t on G minus the number of columns constant
        inside every cluster, the intercept among them (12 zones in two arms: 10), Li & Redden
        (2015); it is kept for columns that vary inside clusters, where it errs on the safe side.
        ``"g-p"``: t on G - p. ``"satterthwaite"``: the d-tilde of Fay & Graubard (2001, sect.
        2.4), their test 5 when the correction is theirs.
    level : float
        Coverage of the interval.
    bound : float
        See `small_sample_covariance`.

    Returns
    -------
    CoefficientTest

    Raises
    ------
    InputError
        Unknown column, or Satterthwaite with Morel-Bokossa-Neerchal.
    AssumptionError
        Fewer than four clusters, one cluster in an arm, or no degrees of freedom.

    References
    ----------
    Li & Redden (2015), Statistics in Medicine 34, 281-296.
    """
    weights = contrast_weights(contrast, columns=fit.columns)
    if fit.n_clusters < FEWEST_CLUSTERS:
        message = (
            f"{fit.n_clusters} clusters: a sandwich covariance needs {FEWEST_CLUSTERS}; "
            "use randomisation inference or draw more clusters"
        )
        raise AssumptionError(message)
    _refuse_leverage(fit, _leverages(fit)[0])
    covariance = small_sample_covariance(fit, correction=correction, bound=bound)
    if df == "satterthwaite":
        freedom = _satterthwaite(fit, weights, correction, bound)
    else:
        freedom = _counted_df(fit, df)
    return wald_test(
        estimate=float(weights @ fit.coefficients),
        std_error=math.sqrt(float(weights @ covariance @ weights)),
        df=freedom,
        level=level,
        warnings=fit.warnings + _cautions(fit, correction, df),
    )


def between_within_df(n_clusters: int, between: npt.NDArray[np.bool_]) -> float:
    """Clusters less the columns constant inside every cluster; refuses when none is left."""
    freedom = n_clusters - int(between.sum())
    if freedom < 1:
        message = (
            f"{n_clusters} clusters and {int(between.sum())} cluster-level columns leave no "
            "degrees of freedom; drop cluster-level covariates or use randomisation inference"
        )
        raise AssumptionError(message)
    return float(freedom)


def _leverages(fit: GeeFit) -> tuple[Floats, Floats, Floats]:
    """Eigenvalues (G, p) and vectors (G, p, p) of ``L' M_g L`` where ``B = L L'``, and L.

    ``I - M_g B = L'^-1 (I - L' M_g L) L'``: the symmetric middle has the powers the corrections
    need, real because the eigenvalues lie in [0, 1].
    """
    root = np.linalg.cholesky(fit.bread).astype(np.float64)
    values, vectors = np.linalg.eigh(root.T @ fit.information @ root)
    return np.asarray(values), vectors, root


def _adjustments(fit: GeeFit, correction: Correction, bound: float) -> Floats:
    """Matrices ``K_g`` by which a correction multiplies the scores, shape (G, p, p)."""
    identity = np.eye(len(fit.coefficients))
    if correction == "fay-graubard":
        diagonal = np.einsum("gij,ji->gi", fit.information, fit.bread)
        inflation = 1 / np.sqrt(1 - np.minimum(bound, diagonal))
        diagonals: Floats = inflation[:, :, None] * identity
        return diagonals
    if correction == "robust":
        return np.broadcast_to(identity, fit.information.shape)
    values, vectors, root = _leverages(fit)
    _refuse_leverage(fit, values)
    power = (1 - values) ** (-1.0 if correction == "mancl-derouen" else -0.5)
    middle = (vectors * power[:, None, :]) @ vectors.transpose(0, 2, 1)
    adjustment: Floats = np.linalg.inv(root.T) @ middle @ root.T
    return adjustment


def _refuse_leverage(fit: GeeFit, leverages: Floats) -> None:
    alone = leverages.max(axis=1) > _LEVERAGE
    if alone.any():
        name = fit.clusters[np.argmax(alone)]
        message = (
            f"cluster {name!r} alone determines a coefficient (leverage 1), as when an arm or a "
            "level has one cluster: no variance can be estimated there; merge the level, drop "
            "the column, or use an arm with at least two clusters"
        )
        raise AssumptionError(message)


def _morel(fit: GeeFit, robust: Floats) -> Floats:
    groups, p, units = fit.n_clusters, len(fit.coefficients), fit.n_units
    model = fit.model_covariance
    design_effect = float(np.trace(robust @ np.linalg.inv(model))) / min(p, groups)
    inflation = (units - 1) / (units - p) * groups / (groups - 1)
    delta = p / (groups - p) if groups > 3 * p else 0.5
    return inflation * robust + delta * max(1.0, design_effect) * model


def _counted_df(fit: GeeFit, df: DegreesOfFreedom) -> float:
    if df == "normal":
        return math.inf
    if df == "g-p":
        return between_within_df(fit.n_clusters, np.ones(len(fit.coefficients), dtype=bool))
    return between_within_df(fit.n_clusters, fit.between)


def _satterthwaite(fit: GeeFit, weights: Floats, correction: Correction, bound: float) -> float:
    """Fay & Graubard's d-tilde: ``tr(Psi B1)^2 / tr(Psi B1 Psi B1)`` without (G p)^2 matrices.

    ``tr(Psi B1)`` is the trace of the G x G matrix ``T_ik = g_i' Psi g_k`` and the denominator
    its squared norm, where T is a diagonal plus a product of G x 3p matrices.
    """
    if correction == "morel-bokossa-neerchal":
        message = "Satterthwaite degrees of freedom need a multiplicative correction, not MBN"
        raise InputError(message)
    adjustments, bread = _adjustments(fit, correction, bound), fit.bread
    scores = np.einsum("gij,gj->gi", adjustments, fit.scores)
    pooled = scores.T @ scores
    without = np.linalg.inv(fit.information.sum(axis=0) - fit.information)
    share = np.einsum("i,gij,j->g", weights, without - bread, weights)
    share = share / share.sum()
    a = np.einsum("gji,j->gi", adjustments, bread @ weights)
    b = np.einsum("gij,gj->gi", fit.information, a) @ bread
    c = share[:, None] * (a @ pooled)
    diagonal = np.einsum("gi,gi->g", c, a)
    left = np.hstack([-b, -c, b @ pooled])
    right = np.hstack([c, b, b])
    cross = np.einsum("gi,gi->g", left, right)
    trace = float(np.sum(diagonal + cross))
    square = (
        diagonal @ diagonal + 2 * diagonal @ cross + np.sum((left.T @ left) * (right.T @ right))
    )
    return trace**2 / float(square)


def _cautions(fit: GeeFit, correction: Correction, df: DegreesOfFreedom) -> tuple[str, ...]:
    groups = fit.n_clusters
    said = []
    if groups < FEW_CLUSTERS:
        said.append(
            f"{groups} clusters: below the {FEW_CLUSTERS} studied for corrected GEE t tests; "
            "compare with randomisation inference."
        )
    if groups < MANY_CLUSTERS and correction == "robust":
        said.append(f"{groups} clusters: the uncorrected sandwich is too small; use a correction.")
    if groups < MANY_CLUSTERS and df == "normal":
        said.append(f"{groups} clusters: normal critical values reject too often; use t.")
    spread = float(fit.sizes.std(ddof=1) / fit.sizes.mean())
    if groups < MANY_CLUSTERS and correction == "kauermann-carroll" and spread > UNEVEN_SIZES:
        said.append(
            f"Cluster sizes vary much (CV {spread:.2f}): Kauermann-Carroll may reject too often; "
            "Li & Redden (2015) advise Fay-Graubard."
        )
    return tuple(said)
