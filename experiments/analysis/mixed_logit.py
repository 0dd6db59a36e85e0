"""Logistic regression with a random intercept for each cluster, by maximum likelihood."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, special, stats

from experiments.analysis.coefficient_test import CoefficientTest, wald_test
from experiments.analysis.contrast import contrast_weights
from experiments.analysis.gauss_hermite import (
    BinomialClusters,
    MarginalLikelihood,
    binomial_blocks,
    marginal_likelihood,
)
from experiments.analysis.gee import fit_gee
from experiments.analysis.gee_small_sample import between_within_df
from experiments.analysis.observed_information import joint_covariance, observed_information
from experiments.analysis.standardised_covariates import standardise_covariates
from experiments.engine.covariate_patterns import (
    CovariatePatterns,
    Floats,
    constant_within_clusters,
)
from experiments.errors import AssumptionError, InputError

FEWEST_CLUSTERS = 4
FEW_CLUSTERS = 10

_MAX_STEPS = 60
_LOUIS_STEPS = 20
_HALVINGS = 30
_TOLERANCE = 1e-7
_BOUNDARY = 1e-4
# Against dense integration, 25 nodes move the arm's coefficient by about 1 % of its standard
# error here, by up to 10 % at 8 and 30 % beyond 10.
_COARSE_SD = 6.0
_PROFILE_RISE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedLogitFit:
    """A fitted random-intercept logistic regression.

    Attributes
    ----------
    columns
        Names of the p design columns.
    n_clusters
        G.
    between
        Which columns are constant inside every cluster, shape (p,).
    coefficients
        Log odds given the cluster's random intercept, shape (p,).
    joint_covariance
        Of the coefficients and the standard deviation, from their observed information, shape
        (p + 1, p + 1); zero in the last row and column when the deviation is estimated as 0.
    sd_random_intercept
        Standard deviation of the intercepts between clusters, on the logit scale.
    sd_interval
        Profile-likelihood interval of it at ``level``; None when not asked for.
    log_likelihood
        Of the 0/1 outcomes, without binomial coefficients.
    points
        Quadrature nodes.
    converged
        Always true: a fit that does not converge raises.
    level
        Coverage of ``sd_interval``.
    warnings
        What a reader must know before using the fit.
    """

    columns: tuple[str, ...]
    n_clusters: int
    between: npt.NDArray[np.bool_]
    coefficients: Floats
    joint_covariance: Floats
    sd_random_intercept: float
    sd_interval: tuple[float, float] | None
    log_likelihood: float
    points: int
    converged: bool
    level: float
    warnings: tuple[str, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, shape (p, p)."""
        return self.joint_covariance[:-1, :-1]

    @property
    def icc(self) -> float:
        """Share of the latent logistic variance that lies between clusters."""
        variance = self.sd_random_intercept**2
        return variance / (variance + math.pi**2 / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodRatioTest:
    """Fit with and without one column.

    Attributes
    ----------
    statistic
        Twice the difference in log-likelihood.
    df
        Of its chi-squared distribution under the null.
    p_value
        Upper tail.
    """

    statistic: float
    df: int
    p_value: float


def fit_mixed_logit(
    patterns: CovariatePatterns,
    *,
    points: int = 25,
    profile: bool = True,
    level: float = 0.95,
) -> MixedLogitFit:
    """Maximise the likelihood with the intercepts integrated out by adaptive quadrature.

    The model is lme4's ``glmer(y ~ x + (1 | cluster), family = binomial, nAGQ = points)``: same
    likelihood, and standard errors from the joint observed information of coefficients and
    standard deviation. Each evaluation costs O(R p points) for R patterns.

    Parameters
    ----------
    patterns : CovariatePatterns
        Grouped rows of a 0/1 outcome.
    points : int
        Quadrature nodes, 1 (Laplace) to 100.
    profile : bool
        Whether to compute ``sd_interval``, which takes some twenty further fits.
    level : float
        Coverage of ``sd_interval``.

    Returns
    -------
    MixedLogitFit

    Raises
    ------
    InputError
        Values outside 0-1, collinear columns.
    AssumptionError
        Separation (an arm or level, or every cluster, with only 0 or only 1), fewer than four
        clusters, or no convergence.
    """
    if patterns.n_clusters < FEWEST_CLUSTERS:
        message = (
            f"{patterns.n_clusters} clusters: a random intercept needs {FEWEST_CLUSTERS}; use "
            "randomisation inference or draw more clusters"
        )
        raise AssumptionError(message)
    blocks, first, back = _starting_values(patterns)
    theta, best = _maximise(blocks, first, points=points)
    warnings = []
    if patterns.n_clusters < FEW_CLUSTERS:
        warnings.append(
            f"{patterns.n_clusters} clusters: the variance between clusters is hardly estimable; "
            "prefer zone-level or randomisation inference."
        )
    flat_theta = np.append(first[:-1], 0.0)
    flat = marginal_likelihood(blocks, flat_theta, points=points, information=True)
    if theta[-1] < _BOUNDARY or best.value <= flat.value:
        theta, best = flat_theta, flat
        warnings.append(
            "The variance between clusters is estimated as 0: standard errors are those of "
            "independent units and are likely too small."
        )
    if theta[-1] > _COARSE_SD:
        warnings.append(
            f"The standard deviation between clusters is {theta[-1]:.1f} on the logit scale, where "
            f"quadrature with {points} points is coarse: compare with a zone-level analysis."
        )
    covariance, approximate = joint_covariance(blocks, theta, best, points)
    interval = None
    if profile:
        interval = _profile_interval(
            blocks, theta, best, flat=flat.value, points=points, level=level
        )
    return MixedLogitFit(
        columns=patterns.columns,
        n_clusters=patterns.n_clusters,
        between=constant_within_clusters(patterns),
        coefficients=(back @ theta)[:-1],
        joint_covariance=back @ covariance @ back.T,
        sd_random_intercept=float(theta[-1]),
        sd_interval=interval,
        log_likelihood=best.value,
        points=points,
        converged=True,
        level=level,
        warnings=(*warnings, *approximate),
    )


def coefficient_test(
    fit: MixedLogitFit, contrast: str | npt.ArrayLike, *, level: float = 0.95
) -> CoefficientTest:
    """Test a combination of coefficients by t on the between-within degrees of freedom.

    These are G minus the number of columns constant inside every cluster, the intercept among
    them (12 zones in two arms: 10), which Li & Redden (2015, BMC Medical Research Methodology
    15, 38) find to hold the level with few clusters where the z test of ``glmer`` does not.

    Parameters
    ----------
    fit : MixedLogitFit
        From `fit_mixed_logit`.
    contrast : str or array_like
        Name of a design column, or p weights.
    level : float
        Coverage of the interval.

    Returns
    -------
    CoefficientTest
    """
    weights = contrast_weights(contrast, columns=fit.columns)
    return wald_test(
        estimate=float(weights @ fit.coefficients),
        std_error=math.sqrt(float(weights @ fit.covariance @ weights)),
        df=between_within_df(fit.n_clusters, fit.between),
        level=level,
        warnings=fit.warnings,
    )


def likelihood_ratio_test(
    patterns: CovariatePatterns, fit: MixedLogitFit, column: str
) -> LikelihoodRatioTest:
    """Compare a fit with the fit without one column; chi-squared, hence for many clusters.

    Parameters
    ----------
    patterns : CovariatePatterns
        Those of ``fit``.
    fit : MixedLogitFit
        With the column.
    column : str
        Left out under the null; not the intercept.

    Returns
    -------
    LikelihoodRatioTest
    """
    place = int(np.argmax(contrast_weights(column, columns=fit.columns)))
    if place == 0:
        message = f"{column!r} is the intercept; test another column"
        raise InputError(message)
    reduced = CovariatePatterns(
        clusters=patterns.clusters,
        columns=tuple(name for name in patterns.columns if name != column),
        start=patterns.start,
        x=np.delete(patterns.x, place, axis=1),
        n=patterns.n,
        sum_y=patterns.sum_y,
        sum_yy=patterns.sum_yy,
    )
    null = fit_mixed_logit(reduced, points=fit.points, profile=False)
    statistic = max(2 * (fit.log_likelihood - null.log_likelihood), 0.0)
    return LikelihoodRatioTest(
        statistic=statistic, df=1, p_value=float(stats.chi2.sf(statistic, 1))
    )


def _starting_values(
    patterns: CovariatePatterns,
) -> tuple[tuple[BinomialClusters, ...], Floats, Floats]:
    """Data with standardised covariates, where to start, and the way back to the given units."""
    standard, back = standardise_covariates(patterns)
    marginal = fit_gee(standard, family="binomial", working="independence").coefficients
    _refuse_uniform_clusters(patterns)
    theta = np.append(marginal, _moment_sd(standard, marginal))
    return binomial_blocks(standard), theta, linalg.block_diag(back, 1.0)


def _refuse_uniform_clusters(patterns: CovariatePatterns) -> None:
    """Raise where no cluster has both outcomes: the likelihood rises with the deviation for ever.

    Clusters of one unit say nothing on it either way.
    """
    start = patterns.start[:-1]
    events, units = (np.add.reduceat(part, start) for part in (patterns.sum_y, patterns.n))
    if np.all((events == 0) | (events == units)) and np.any(units > 1):
        message = (
            f"each of the {patterns.n_clusters} clusters has only 0 or only 1, so the standard "
            "deviation between clusters is infinite; use a zone-level difference in means or "
            "randomisation inference"
        )
        raise AssumptionError(message)


def _maximise(
    blocks: tuple[BinomialClusters, ...], theta: Floats, *, points: int
) -> tuple[Floats, MarginalLikelihood]:
    """Newton's method with step halving; a negative deviation is reflected: the same model."""
    current = marginal_likelihood(blocks, theta, points=points, information=True)
    for step in range(_MAX_STEPS):
        # Far from the quadrature sum's own derivatives, Louis' steps never settle.
        information = observed_information(
            blocks, theta, current, points, louis=step < _LOUIS_STEPS
        )
        direction = _ascent(information, current.gradient)
        size = math.sqrt(max(float(current.gradient @ direction), 0.0))
        theta, current = _climb(blocks, theta, current, direction, points)
        if size < _TOLERANCE:
            return theta, current
    message = (
        f"the mixed logistic regression did not converge in {_MAX_STEPS} steps (standard "
        f"deviation {theta[-1]:.3g}); drop covariates, or use a zone-level analysis"
    )
    raise AssumptionError(message)


def _climb(
    blocks: tuple[BinomialClusters, ...],
    theta: Floats,
    current: MarginalLikelihood,
    direction: Floats,
    points: int,
) -> tuple[Floats, MarginalLikelihood]:
    slack = 1e-12 * abs(current.value)
    for halving in range(_HALVINGS):
        candidate = theta + direction / 2**halving
        candidate[-1] = abs(candidate[-1])
        trial = marginal_likelihood(
            blocks, candidate, points=points, modes=current.modes, information=True
        )
        if trial.value >= current.value - slack:
            return candidate, trial
    return theta, current


def _ascent(information: Floats, gradient: Floats) -> Floats:
    """Newton direction, along which the likelihood rises even where it is not concave."""
    values, vectors = np.linalg.eigh(information)
    values = np.maximum(np.abs(values), 1e-10 * np.abs(values).max())
    direction: Floats = vectors @ ((vectors.T @ gradient) / values)
    return direction


def _moment_sd(patterns: CovariatePatterns, beta: Floats) -> float:
    """Deviation that explains the spread of the clusters' summed residuals at ``beta``."""
    start, share = patterns.start[:-1], special.expit(patterns.x @ beta)
    residual = np.add.reduceat(patterns.sum_y - patterns.n * share, start)
    variance = np.add.reduceat(patterns.n * share * (1 - share), start)
    excess = float(np.sum(residual**2 - variance) / np.sum(variance**2))
    return math.sqrt(max(excess, 0.01))


def _profile_interval(
    blocks: tuple[BinomialClusters, ...],
    theta: Floats,
    best: MarginalLikelihood,
    *,
    flat: float,
    points: int,
    level: float,
) -> tuple[float, float]:
    """Deviations at which the signed root of the profile deviance meets the normal quantile."""
    quantile = float(stats.norm.ppf((1 + level) / 2))
    estimate = float(theta[-1])

    def beyond(sd: float) -> float:
        if sd == estimate:
            return -quantile
        value = flat if sd == 0 else _profile_value(blocks, theta, best, sd, points)
        return math.sqrt(max(2 * (best.value - value), 0.0)) - quantile

    information = observed_information(blocks, theta, best, points)
    error = 1 / math.sqrt(max(float(information[-1, -1]), 1e-12))
    low = 0.0
    if estimate > 0 and beyond(0.0) > 0:
        nearer = max(estimate - 1.5 * quantile * error, estimate / 4)
        bracket = (nearer, estimate) if beyond(nearer) > 0 else (0.0, nearer)
        low = float(optimize.brentq(beyond, *bracket, rtol=1e-6))
    high = estimate + 1.5 * quantile * error
    while beyond(high) < 0:
        high *= 2
    return low, float(optimize.brentq(beyond, estimate, high, rtol=1e-6))


def _profile_value(
    blocks: tuple[BinomialClusters, ...],
    theta: Floats,
    best: MarginalLikelihood,
    sd: float,
    points: int,
) -> float:
    """Log-likelihood at a given deviation, maximised over the coefficients.

    Near the maximum the rise still to come is half the squared Newton step in standard errors,
    so one evaluation is mostly enough.
    """
    information = observed_information(blocks, theta, best, points)
    drift = np.linalg.solve(information[:-1, :-1], information[:-1, -1])
    beta, modes = theta[:-1] - drift * (sd - theta[-1]), best.modes
    for _ in range(_MAX_STEPS):
        now = marginal_likelihood(
            blocks, np.append(beta, sd), points=points, modes=modes, information=True
        )
        curvature = observed_information(blocks, np.append(beta, sd), now, points)[:-1, :-1]
        step = np.linalg.solve(curvature, now.gradient[:-1])
        rise = float(step @ now.gradient[:-1]) / 2
        if rise < _PROFILE_RISE:
            return now.value + rise
        beta, modes = beta + step, now.modes
    message = f"the profile likelihood did not converge at deviation {sd:.3g}; use profile=False"
    raise AssumptionError(message)
