"""Zones that can be analysed: those with a follow-up, in whole pairs where pairs were drawn."""

from collections.abc import Sequence

import pandas as pd

from nudge.analysis.outcome_rows import WAVE, ZONE
from nudge.analysis.trial_context import TrialContext
from nudge.french.numbers import and_list, count

SHOWN = 5


def measured_zones(
    rows: pd.DataFrame, context: TrialContext, *, follow_up: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out zones without any follow-up, and zones whose pair is broken by that.

    Returns
    -------
    rows : DataFrame
        Rows of the zones kept.
    notes : tuple of str
        French sentences on what was left out; empty where nothing was.
    """
    kept = set(rows.loc[rows[WAVE].isin(list(follow_up)), ZONE])
    lost = sorted(set(context.arms) - kept)
    notes = []
    if lost:
        notes.append(
            f"{count(len(lost), 'zone')} sans aucun suivi de ce critère ({_few(lost)}) : "
            "l'analyse porte sur les autres."
        )
    if context.block == "pairs" and context.strata is not None:
        broken = {context.strata[zone] for zone in lost if zone in context.strata}
        partners = sorted(zone for zone in kept if context.strata[zone] in broken)
        kept -= set(partners)
        if partners:
            notes.append(f"Zones laissées de côté, leur paire étant incomplète : {_few(partners)}.")
    return rows[rows[ZONE].isin(kept)], tuple(notes)


def _few(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return and_list(names)
    return and_list([*names[:SHOWN], count(len(names) - SHOWN, "autre")])
