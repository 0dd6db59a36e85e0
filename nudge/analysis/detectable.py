"""What the campaign could see: correlation inside zones and smallest detectable effect."""

import pandas as pd
from scipy import stats

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.intraclass_correlation import (
    IntraclassCorrelation,
    intraclass_correlation,
)
from experiments.errors import AssumptionError, InputError
from nudge.analysis.outcome_rows import ARM, ZONE


def detectable_effect(estimate: EffectEstimate, *, power: float = 0.8) -> float | None:
    """Smallest effect seen with the given power at the precision that was reached.

    The standard error times the sum of two t quantiles (Bloom 1995, Eval. Rev. 19:547).

    Returns
    -------
    float or None
        In the outcome's unit; None where the estimator gives no standard error.
    """
    if estimate.std_error is None or estimate.df is None:
        return None
    reached = stats.t.isf((1 - estimate.level) / 2, estimate.df)
    return float(estimate.std_error * (reached + stats.t.isf(1 - power, estimate.df)))


def outcome_correlation(rows: pd.DataFrame, *, outcome: str) -> IntraclassCorrelation | None:
    """Intraclass correlation within arms and waves, by analysis of variance, with its interval.

    Parameters
    ----------
    rows
        Columns ``zone``, ``bras`` and the outcome; rows of one wave, or of waves to be taken
        together.

    Returns
    -------
    IntraclassCorrelation or None
        None where it cannot be estimated, such as with one unit a zone.
    """
    sums = rows.assign(square=rows[outcome] ** 2).groupby([ZONE, ARM])
    table = sums.agg(n=(outcome, "size"), total=(outcome, "sum"), squares=("square", "sum"))
    table = table.reset_index()
    try:
        return intraclass_correlation(
            n=table["n"].to_numpy(dtype=float),
            sum_y=table["total"].to_numpy(),
            sum_yy=table["squares"].to_numpy(),
            arm=pd.factorize(table[ARM])[0],
        )
    except (AssumptionError, InputError):
        return None
