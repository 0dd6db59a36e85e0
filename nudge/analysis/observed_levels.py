"""Levels of an outcome as observed, zones counting alike, by arm and wave."""

from collections.abc import Sequence

import pandas as pd

from nudge.analysis.outcome_rows import ARM, WAVE, ZONE
from nudge.analysis.result import ArmLevel

FOLLOW_UP = ""


def observed_levels(
    rows: pd.DataFrame, *, outcome: str, waves: Sequence[str], follow_up: Sequence[str]
) -> tuple[ArmLevel, ...]:
    """Return levels by arm, wave by wave in order, then over all follow-up waves together."""
    found: list[ArmLevel] = []
    for arm, of_arm in rows.groupby(ARM):
        by_wave = dict(list(of_arm.groupby(WAVE)))
        found += [
            _level(by_wave[wave], outcome, str(arm), wave) for wave in waves if wave in by_wave
        ]
        after = of_arm[of_arm[WAVE].isin(list(follow_up))]
        if len(after):
            found.append(_level(after, outcome, str(arm), FOLLOW_UP))
    return tuple(found)


def _level(part: pd.DataFrame, outcome: str, arm: str, wave: str) -> ArmLevel:
    means = part.groupby(ZONE)[outcome].mean()
    return ArmLevel(arm=arm, wave=wave, mean=float(means.mean()), zones=len(means), units=len(part))
