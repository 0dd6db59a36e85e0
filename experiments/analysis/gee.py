"""Generalised estimating equations from grouped counts, exchangeable or independence working."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from experiments.analysis.estimating_equations import (
    cluster_equations,
    correlation_range,
    inverse_link,
    pearson_moments,
)
from experiments.analysis.separation import Family, refuse_separation
from experiments.engine.covariate_patterns import (
    CovariatePatterns,
    Floats,
    constant_within_clusters,
)
from experiments.errors import AssumptionError, InputError

Link = Literal["identity", "logit", "log"]
Working = Literal["exchangeable", "independence"]
Ints = npt.NDArray[np.int64]

CANONICAL: dict[Family, Link] = {"gaussian": "identity", "binomial": "logit", "poisson": "log"}
PERMITTED = frozenset(CANONICAL.items()) | {("binomial", "identity"), ("binomial", "log")}

_ROUNDING = 1e-9
_COLLINEAR = 1e-11
_SEPARATED = 1e-9
_HALVINGS = 40
_TINY = 1e-300

NO_VALID_CORRELATION = (
    "The working correlation has no stable estimate inside its valid range; independence was "
    "used instead, which leaves the coefficients consistent."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeeFit:
    """A fitted GEE with what every sandwich covariance of its coefficients needs.

    Attributes
    ----------
    columns
        Names of the p design columns.
    clusters, sizes
        Labels of the G clusters and their numbers of units, shape (G,).
    between
        Which columns are constant inside every cluster, shape (p,).
    coefficients
        On the scale of the link, shape (p,).
    information
        ``M_g = D_g' V_g^-1 D_g`` at unit dispersion, shape (G, p, p).
    scores
        ``s_g = D_g' V_g^-1 (y_g - mu_g)`` at unit dispersion, shape (G, p).
    alpha
        Working correlation between two units of a cluster; 0 under independence.
    scale
        Pearson estimate: squared Pearson residuals over N - p.
    dispersion
        Factor of the model covariance: ``scale`` for a gaussian outcome, else 1.
    family, link, working
        The model; ``working`` is what was used in the end.
    iterations, converged
        Updates of the coefficients; always converged when made by `fit_gee`.
    warnings
        What a reader must know before using the fit.
    """

    columns: tuple[str, ...]
    clusters: npt.NDArray[np.object_]
    sizes: Floats
    between: npt.NDArray[np.bool_]
    coefficients: Floats
    information: Floats
    scores: Floats
    alpha: float
    scale: float
    dispersion: float
    family: str
    link: str
    working: Working
    iterations: int
    converged: bool
    warnings: tuple[str, ...] = ()

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.sizes)

    @property
    def n_units(self) -> float:
        """Number of units N."""
        return float(self.sizes.sum())

    @property
    def bread(self) -> Floats:
        """Inverse of the summed information at unit dispersion, shape (p, p)."""
        inverse: Floats = np.linalg.inv(self.information.sum(axis=0))
        return inverse

    @property
    def model_covariance(self) -> Floats:
        """Covariance of the coefficients if the working covariance is right, shape (p, p)."""
        return self.bread * self.dispersion


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """Patterns laid out by column, with the family, link and offset.

    ``within`` is the sum of squares of the outcome about its mean inside each pattern, ``gram``
    the cross-products of the design over units. ``sum_y`` is about ``centre``, which a gaussian
    model gives back to the intercept, so that no mean drowns the residuals in its rounding.
    """

    design: Floats
    start: Ints
    n: Floats
    sum_y: Floats
    within: Floats
    gram: Floats
    centre: float
    offset: Floats
    family: Family
    link: Link


def fit_gee(
    patterns: CovariatePatterns,
    *,
    family: Family,
    link: Link | None = None,
    working: Working = "exchangeable",
    offset: npt.ArrayLike | None = None,
    max_iterations: int = 100,
    tolerance: float = 1e-8,
) -> GeeFit:
    """Fit a GEE by Fisher scoring, alternating with moment estimates of scale and correlation.

    Costs O(R p^2) time and O(R p) memory for R patterns: the exchangeable correlation matrix is
    inverted in closed form, so no n_g x n_g matrix is built. Moments are those of Liang & Zeger
    (1986): scale ``sum r^2 / (N - p)``, correlation the sum of products of Pearson residuals
    over pairs of units of a cluster, over ``(pairs - p) * scale``, as in statsmodels'
    ``Exchangeable``, R's ``gee`` and SAS. (R's ``geepack`` does not subtract p, hence differs
    in the third or fourth digit.)

    Parameters
    ----------
    patterns : CovariatePatterns
        Grouped rows; for ``"binomial"`` the outcome is a 0/1 event or a share.
    family : {"gaussian", "binomial", "poisson"}
        Variance function.
    link : {"identity", "logit", "log"}, optional
        The canonical one by default; ``"identity"`` and ``"log"`` also serve a binomial outcome
        and make its coefficients differences and log ratios of risks.
    working : {"exchangeable", "independence"}
        Working correlation. Where its estimate has no fixed point inside
        ``(-1 / (largest cluster - 1), 1)``, in which the exchangeable matrix is positive
        definite, independence is used with a warning.
    offset : array_like, optional
        Added to the linear predictor (log of exposure for rates), shape (R,).
    max_iterations : int
        Updates of the coefficients allowed in each of the two stages.
    tolerance : float
        Largest last step, in model-based standard errors.

    Returns
    -------
    GeeFit

    Raises
    ------
    InputError
        Outcome outside the family's range, collinear columns, more columns than units.
    AssumptionError
        Fit does not exist (separation, no variation) or does not converge.

    References
    ----------
    Liang & Zeger (1986), Biometrika 73, 13-22.
    """
    model = _laid_out(patterns, family=family, link=link, offset=offset)
    _refuse_collinear(model, patterns.columns)
    refuse_separation(patterns, family=family)
    limits = (max_iterations, tolerance)
    beta, alpha, steps = _iterate(model, _starting_values(model), "independence", *limits)
    warnings: tuple[str, ...] = ()
    if working == "exchangeable":
        joint = _iterate(model, beta, working, *limits)
        if math.isnan(joint[1]):
            working, warnings = "independence", (NO_VALID_CORRELATION,)
        else:
            beta, alpha, steps = joint[0], joint[1], steps + joint[2]
    at = _Residuals.at(model, beta)
    beta[0] += model.centre
    information, scores = at.equations(alpha)
    scale, _ = at.moments()
    return GeeFit(
        columns=patterns.columns,
        clusters=patterns.clusters,
        sizes=np.add.reduceat(model.n, model.start),
        between=constant_within_clusters(patterns),
        coefficients=beta,
        information=information,
        scores=scores,
        alpha=alpha,
        scale=scale,
        dispersion=scale if family == "gaussian" else 1.0,
        family=family,
        link=model.link,
        working=working,
        iterations=steps,
        converged=True,
        warnings=warnings,
    )


def _laid_out(
    patterns: CovariatePatterns, *, family: Family, link: Link | None, offset: npt.ArrayLike | None
) -> _Model:
    chosen = CANONICAL[family] if link is None else link
    if (family, chosen) not in PERMITTED:
        pairs = ", ".join(f"{one}/{other}" for one, other in sorted(PERMITTED))
        message = f"family {family} with link {chosen} is not offered; choose among {pairs}"
        raise InputError(message)
    n, sum_y = patterns.n, patterns.sum_y
    slack = _ROUNDING * n
    if family == "binomial" and (np.any(sum_y < -slack) or np.any(sum_y > n + slack)):
        message = "binomial outcome: values outside 0-1; use family gaussian or poisson"
        raise InputError(message)
    if family == "poisson" and np.any(sum_y < -slack):
        message = "poisson outcome: negative values; use family gaussian"
        raise InputError(message)
    shift = np.zeros(len(n)) if offset is None else np.asarray(offset, dtype=float)
    if shift.shape != n.shape or not np.all(np.isfinite(shift)):
        message = f"offset: one finite number for each of the {len(n)} patterns is needed"
        raise InputError(message)
    design = np.ascontiguousarray(patterns.x.T, dtype=float)
    within = patterns.sum_yy - sum_y**2 / n if patterns.within is None else patterns.within
    centre = float(sum_y.sum() / n.sum()) if family == "gaussian" else 0.0
    return _Model(
        design=design,
        start=patterns.start[:-1],
        n=n,
        sum_y=sum_y - n * centre,
        within=np.maximum(within, 0.0),
        gram=(design * n) @ design.T,
        centre=centre,
        offset=shift,
        family=family,
        link=chosen,
    )


def _refuse_collinear(model: _Model, columns: tuple[str, ...]) -> None:
    if model.n.sum() <= len(columns):
        message = "fewer units than design columns: drop covariates or merge levels"
        raise InputError(message)
    lengths = np.sqrt(np.diag(model.gram))
    lengths[lengths == 0] = 1.0
    # Pivots of the scaled Gram matrix are squared distances from the columns already taken.
    pivots, order = linalg.qr(model.gram / np.outer(lengths, lengths), mode="r", pivoting=True)
    low = np.abs(np.diag(pivots)) < _COLLINEAR
    if low.any():
        names = ", ".join(columns[j] for j in sorted(order[low]))
        message = f"design columns are collinear: drop or merge {names}"
        raise InputError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Residuals:
    """Pearson residuals summed by pattern, and the rows that multiply them, at one beta."""

    model: _Model
    rows: Floats
    deviation: Floats
    residual: Floats

    @classmethod
    def at(cls, model: _Model, beta: Floats) -> "_Residuals":
        mu, slope = inverse_link(model.link, beta @ model.design + model.offset)
        variance = np.ones_like(mu)
        if model.family != "gaussian":
            variance = mu * (1 - mu) if model.family == "binomial" else np.maximum(mu, _TINY)
        deviation = np.sqrt(variance)
        return cls(
            model=model,
            rows=model.design * (slope / deviation),
            deviation=deviation,
            residual=(model.sum_y - model.n * mu) / deviation,
        )

    def equations(self, alpha: float) -> tuple[Floats, Floats]:
        return cluster_equations(
            design=self.rows,
            start=self.model.start,
            n=self.model.n,
            residual=self.residual,
            alpha=alpha,
        )

    def moments(self) -> tuple[float, float]:
        squares = self.model.within / self.deviation**2 + self.residual**2 / self.model.n
        return pearson_moments(
            sizes=np.add.reduceat(self.model.n, self.model.start),
            squares=float(squares.sum()),
            totals=np.add.reduceat(self.residual, self.model.start),
            n_columns=len(self.rows),
        )


def _starting_values(model: _Model) -> Floats:
    """One weighted least-squares fit to the linked pattern means, shrunken off the edges."""
    centre = float(model.sum_y.sum() / model.n.sum())
    mean, weight = model.sum_y / model.n, model.n
    if model.family != "gaussian":
        mean = (model.sum_y + centre) / (model.n + 1)
    target: Floats = mean
    if model.link == "logit":
        target, weight = special.logit(mean), model.n * mean * (1 - mean)
    elif model.link == "log":
        target, weight = np.log(mean), model.n * mean
    weighted = model.design * weight
    normal, moment = weighted @ model.design.T, weighted @ (target - model.offset)
    beta = np.linalg.solve(normal, moment).astype(np.float64)
    if not _inside(model, beta):
        beta[:] = 0
        beta[0] = math.log(centre) if model.link == "log" else centre
    return beta


def _inside(model: _Model, beta: Floats) -> bool:
    """Whether fitted binomial shares stay strictly between 0 and 1 on a link that allows others."""
    if model.family != "binomial" or model.link == "logit":
        return True
    mu, _ = inverse_link(model.link, beta @ model.design + model.offset)
    return bool(mu.min() > 0 and mu.max() < 1)


def _iterate(
    model: _Model, beta: Floats, working: Working, max_iterations: int, tolerance: float
) -> tuple[Floats, float, int]:
    """Fisher scoring, alternated with the moment estimate of alpha, NaN where it has none.

    On the way, alpha is kept inside its range, outside of which only the fixed point is judged.
    Near the lower end its moment can overshoot by more each time: its steps are then halved.
    """
    alpha = change = found = 0.0
    size, damping = math.inf, 1.0
    low, high = correlation_range(np.add.reduceat(model.n, model.start))
    for iteration in range(1, max_iterations + 1):
        at, previous = _Residuals.at(model, beta), change
        if working == "exchangeable":
            found = at.moments()[1]
            if math.isnan(found):
                return beta, found, iteration
            change = min(max(found, low), high) - alpha
            if change * previous < 0 and abs(change) > abs(previous) / 2:
                damping /= 2
            alpha += damping * change
        information, scores = at.equations(alpha)
        if working == "independence":
            _refuse_flat(model, information.sum(axis=0))
        beta, size = _step(at, beta, information, scores)
        if max(size, abs(change)) < tolerance:
            return beta, alpha if low < found < high else math.nan, iteration
    if working == "exchangeable":
        return beta, math.nan, max_iterations
    message = (
        f"the GEE did not converge in {max_iterations} iterations (last step {size:.2g} standard "
        "errors); use fewer covariates, the canonical link, or a zone-level analysis"
    )
    raise AssumptionError(message)


def _step(
    at: _Residuals, beta: Floats, information: Floats, scores: Floats
) -> tuple[Floats, float]:
    """One scoring step, halved until fitted shares are shares, and its size in standard errors."""
    total, score = information.sum(axis=0), scores.sum(axis=0)
    step = np.linalg.solve(total, score)
    scale = at.moments()[0] if at.model.family == "gaussian" else 1.0
    size = float(np.sqrt(max(score @ step, 0.0) / scale))
    for halving in range(_HALVINGS):
        candidate: Floats = beta + step / 2**halving
        if _inside(at.model, candidate):
            return candidate, size
    message = (
        f"the {at.model.link} link gives fitted shares outside 0-1; use the logit link and "
        "standardised effects (marginal_effects) for a risk difference or ratio"
    )
    raise AssumptionError(message)


def _refuse_flat(model: _Model, total: Floats) -> None:
    """Raise where the information has vanished in some direction: fitted values at the edge."""
    if model.family == "gaussian":
        return
    if linalg.eigh(total, model.gram, eigvals_only=True, subset_by_index=[0, 0])[0] < _SEPARATED:
        message = (
            "the covariates separate the outcomes, so some coefficient is infinite; merge or "
            "drop levels, or use a zone-level difference in means or randomisation inference"
        )
        raise AssumptionError(message)
