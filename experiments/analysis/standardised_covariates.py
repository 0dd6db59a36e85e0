"""Covariates centred and scaled for maximisation, and the way back to their own units."""

from dataclasses import replace

import numpy as np

from experiments.engine.covariate_patterns import CovariatePatterns, Floats

# Spread, relative to size, below which a column is a constant with rounding error.
_CONSTANT = 1e-10


def standardise_covariates(patterns: CovariatePatterns) -> tuple[CovariatePatterns, Floats]:
    """Give each column that is not 0/1 a mean of 0 and a standard deviation of 1 over units.

    The model is the same, but a column with a mean far from 0 beside its spread, such as a
    calendar year, no longer makes the information matrix nearly singular.

    Parameters
    ----------
    patterns : CovariatePatterns
        Those of the model; columns are centred only if the first is the intercept.

    Returns
    -------
    tuple of CovariatePatterns and ndarray
        The patterns, and the matrix, shape (p, p), that takes coefficients of the standardised
        columns to coefficients of the given ones.
    """
    x, back = patterns.x.astype(float, copy=True), np.eye(len(patterns.columns))
    weight = patterns.n / patterns.n.sum()
    intercept = bool(np.all(x[:, 0] == 1))
    for j in np.flatnonzero(np.any((x != 0) & (x != 1), axis=0)):
        # Taken from one of its values first, a constant column is 0 without rounding error.
        first = x[0, j] if intercept else 0.0
        shifted = x[:, j] - first
        offset = float(weight @ shifted) if intercept else 0.0
        centred = shifted - offset
        spread = float(np.sqrt(weight @ centred**2))
        if spread <= _CONSTANT * np.abs(x[:, j]).max():
            x[:, j] = 0.0
            continue
        x[:, j] = centred / spread
        back[j, j] = 1 / spread
        if intercept:
            back[0, j] = -(first + offset) / spread
    return replace(patterns, x=x), back
