"""Balance of the arms on what was known of the zones before the nudge."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.design.balance import standardised_differences
from nudge.analysis.outcome_rows import ARM, BASELINE_LEVEL, WAVE, ZONE
from nudge.analysis.trial_context import TrialContext

NUMERIC = ("n_logements", "part_residences_secondaires")


def arm_balance(
    context: TrialContext, rows: pd.DataFrame, *, outcome: str, baseline: Sequence[str]
) -> pd.DataFrame | None:
    """Mean of each zone characteristic by arm, zones counting alike.

    Parameters
    ----------
    rows
        Rows of the primary outcome.
    baseline
        Waves before the nudge; their zone means become ``niveau_reference``.

    Returns
    -------
    DataFrame or None
        Columns ``variable``, one an arm, and ``ecart``: the largest standardised difference from
        the control (Austin 2009). None where there is no control group.
    """
    control = context.campaign.control
    if control is None:
        return None
    names = [control.identifier, *(arm.identifier for arm in context.campaign.nudged)]
    table = context.zones[context.zones["zone_id"].isin(list(context.arms))].set_index("zone_id")
    table = table[[name for name in NUMERIC if name in table]].astype(float)
    before = rows[rows[WAVE].isin(list(baseline))]
    if len(before):
        table[BASELINE_LEVEL] = before.groupby(ZONE)[outcome].mean()
    table[ARM] = table.index.map(context.arms)
    lines = [
        _line(table[[name, ARM]].dropna(), name, names)
        for name in table.columns
        if name != ARM and table[name].notna().any()
    ]
    return pd.DataFrame(lines, columns=["variable", *names, "ecart"])


def _line(known: pd.DataFrame, name: str, arms: Sequence[str]) -> dict[str, object]:
    codes = known[ARM].map({arm: place for place, arm in enumerate(arms)}).to_numpy(dtype=np.int8)
    values = known[[name]].to_numpy(dtype=float)
    apart = standardised_differences(values, codes, n_arms=len(arms))
    means = {arm: float(values[codes == place].mean()) for place, arm in enumerate(arms)}
    return {"variable": name, **means, "ecart": float(apart[np.abs(apart).argmax()][0])}
