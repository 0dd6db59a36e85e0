"""A change seen without a control group, described and never explained."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from nudge.analysis.outcome_rows import WAVE
from nudge.analysis.result import BeforeAfter

# A mean of waves has an interval from two waves on.
FEWEST_WAVES = 2


def before_after(
    rows: pd.DataFrame,
    *,
    outcome: str,
    before: Sequence[str],
    after: Sequence[str],
    level: float = 0.95,
) -> BeforeAfter | None:
    """Compare follow-up with reference waves in a campaign without control.

    The interval is Welch's on wave means (Welch 1947): bins of one week share its weather, its
    visitors and its assessors, so that waves, not bins, are what was repeated. It describes how
    far waves vary; it cannot tell what the nudge did from what the season did.

    Parameters
    ----------
    rows
        Columns ``vague`` and the outcome's name.
    before, after
        Names of the waves on either side, in order.

    Returns
    -------
    BeforeAfter or None
        None where a side was not measured.
    """
    waves = [*before, *after]
    found = rows[rows[WAVE].isin(waves)].groupby(WAVE)[outcome].agg(["mean", "size"])
    table = pd.DataFrame(
        [
            {
                "vague": wave,
                "moyenne": float(found.loc[wave, "mean"]),
                "unites": int(found.loc[wave, "size"]),
                "type": "reference" if wave in before else "suivi",
            }
            for wave in waves
            if wave in found.index
        ],
        columns=["vague", "moyenne", "unites", "type"],
    )
    first, second = (table[table["type"] == kind] for kind in ("reference", "suivi"))
    if first.empty or second.empty:
        return None
    level_before, level_after = _overall(first), _overall(second)
    low, high = _interval(
        first["moyenne"].to_numpy(dtype=float), second["moyenne"].to_numpy(dtype=float), level
    )
    return BeforeAfter(
        before=level_before,
        after=level_after,
        difference=level_after - level_before,
        ci_low=low,
        ci_high=high,
        units_before=int(first["unites"].sum()),
        units_after=int(second["unites"].sum()),
        waves=table,
    )


def _overall(side: pd.DataFrame) -> float:
    return float(np.average(side["moyenne"], weights=side["unites"]))


def _interval(
    first: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    second: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    level: float,
) -> tuple[float | None, float | None]:
    if min(len(first), len(second)) < FEWEST_WAVES or np.ptp(first) + np.ptp(second) == 0:
        return None, None
    found = stats.ttest_ind(second, first, equal_var=False).confidence_interval(level)
    return float(found.low), float(found.high)
