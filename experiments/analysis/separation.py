"""Arms or levels with only one outcome, on which a log odds or a log rate does not exist."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.engine.covariate_patterns import CovariatePatterns
from experiments.errors import AssumptionError

Family = Literal["gaussian", "binomial", "poisson"]

_ROUNDING = 1e-9


def refuse_separation(patterns: CovariatePatterns, *, family: Family) -> None:
    """Raise AssumptionError where an arm, a level or the whole trial has only 0 or only 1."""
    if family == "gaussian":
        return
    _refuse_one_sided(patterns, np.ones(len(patterns.n), dtype=bool), "the whole trial", family)
    for j, name in enumerate(patterns.columns):
        column = patterns.x[:, j]
        if not np.all((column == 0) | (column == 1)):
            continue
        for value in (0, 1):
            rows = column == value
            if rows.any():
                _refuse_one_sided(patterns, rows, f"{name} = {value}", family)


def _refuse_one_sided(
    patterns: CovariatePatterns, rows: npt.NDArray[np.bool_], place: str, family: Family
) -> None:
    events, units = float(patterns.sum_y[rows].sum()), float(patterns.n[rows].sum())
    none, every = events <= _ROUNDING * units, units - events <= _ROUNDING * units
    if none or (family == "binomial" and every):
        message = (
            f"{place}: every outcome is {0 if none else 1} ({units:.0f} units), so the "
            "coefficient on this link does not exist; use a zone-level difference in means or "
            "randomisation inference"
        )
        raise AssumptionError(message)
