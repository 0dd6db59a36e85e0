"""A statsmodels GEE result, taken over for few-cluster covariances and t tests."""

from typing import Any

import numpy as np

from experiments.analysis.estimating_equations import cluster_equations, pearson_moments
from experiments.analysis.gee import GeeFit, Working
from experiments.errors import AssumptionError, InputError


def from_statsmodels(results: Any) -> GeeFit:
    """Take over a fitted statsmodels GEE, so that a formula written there keeps its place.

    ``from_statsmodels(smf.gee(...).fit())`` then serves `small_sample_covariance` and
    `coefficient_test`: Kauermann-Carroll, Fay-Graubard and Morel-Bokossa-Neerchal covariances
    and t distributions, which statsmodels 0.15 does not have, and Mancl-DeRouen
    (``cov_type="bias_reduced"``) without its n_g x n_g matrices.

    Parameters
    ----------
    results : GEEResults
        With ``Exchangeable`` or ``Independence`` working covariance; any family and link.

    Returns
    -------
    GeeFit
        Coefficients, correlation and dispersion are those of ``results``.

    Raises
    ------
    InputError
        Not a GEE result, weights, a constraint, or another working covariance.
    AssumptionError
        The fit did not converge, or its correlation is outside the valid range.
    """
    if not hasattr(getattr(results, "model", None), "cov_struct"):
        message = f"from_statsmodels takes a fitted GEE, not {type(results).__name__}"
        raise InputError(message)
    model = results.model
    working = _working(model)
    if not (results.converged and np.all(np.isfinite(results.cov_naive))):
        message = "the statsmodels fit did not converge: raise maxiter or drop covariates"
        raise AssumptionError(message)
    beta = np.asarray(results.params, dtype=float)
    sizes = np.array([len(y) for y in model.endog_li], dtype=float)
    alpha = float(model.cov_struct.dep_params) if working == "exchangeable" else 0.0
    if not -1 / max(sizes.max() - 1, 1) < alpha < 1:
        message = f"working correlation {alpha:.3g} is outside its valid range; use Independence"
        raise AssumptionError(message)
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    x = np.concatenate(model.exog_li)
    eta = x @ beta + (0.0 if model.offset_li is None else np.concatenate(model.offset_li))
    mu = model.family.link.inverse(eta)
    deviation = np.sqrt(model.family.variance(mu))
    residual = (np.concatenate(model.endog_li) - mu) / deviation
    rows = x * (model.family.link.inverse_deriv(eta) / deviation)[:, None]
    information, scores = cluster_equations(
        design=np.ascontiguousarray(rows.T),
        start=start,
        n=np.ones(len(eta)),
        residual=residual,
        alpha=alpha,
    )
    scale, _ = pearson_moments(
        sizes=sizes,
        squares=float(residual @ residual),
        totals=np.add.reduceat(residual, start),
        n_columns=len(beta),
    )
    constant = np.minimum.reduceat(x, start, axis=0) == np.maximum.reduceat(x, start, axis=0)
    return GeeFit(
        columns=tuple(model.exog_names),
        clusters=np.array(list(model.group_labels), dtype=np.object_),
        sizes=sizes,
        between=constant.all(axis=0),
        coefficients=beta,
        information=information,
        scores=scores,
        alpha=alpha,
        scale=scale,
        dispersion=float(results.scale),
        family=type(model.family).__name__.lower(),
        link=type(model.family.link).__name__.lower(),
        working=working,
        iterations=len(results.fit_history["params"]),
        converged=True,
    )


def _working(model: Any) -> Working:
    if model.weights is not None:
        message = "a weighted GEE is not supported: repeat rows, or use fit_gee on counts"
        raise InputError(message)
    if model.constraint is not None:
        message = "a constrained GEE is not supported: refit without the constraint"
        raise InputError(message)
    name = type(model.cov_struct).__name__
    if name == "Exchangeable":
        return "exchangeable"
    if name == "Independence":
        return "independence"
    message = f"working covariance {name} is not supported; use Exchangeable or Independence"
    raise InputError(message)
