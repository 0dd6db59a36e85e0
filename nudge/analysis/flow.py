"""Flow of zones and units through a campaign (CONSORT 2010 cluster extension, item 13)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from nudge.analysis.outcome_rows import ARM, WAVE, ZONE
from nudge.analysis.result import FlowRow

BEFORE_DRAW = ""


def zone_flow(
    *,
    arms: Mapping[str, str],
    zones: pd.DataFrame,
    eligible: int | None,
    measured: pd.DataFrame,
    analysed: pd.DataFrame,
    follow_up: Sequence[str],
    delivered: pd.DataFrame | None,
) -> tuple[FlowRow, ...]:
    """Count zones and units at each step.

    Parameters
    ----------
    arms
        Zone to arm.
    zones
        Frozen zone list, with ``n_logements``.
    eligible
        Zones that fitted the criteria before any were chosen; None where not recorded.
    measured
        Rows of the primary outcome over all waves.
    analysed
        Rows that entered the analysis.
    follow_up
        Names of the follow-up waves.
    delivered
        Deliveries (instrument ``distribution``); None or empty where none were entered.
    """
    steps = []
    if eligible is not None:
        steps += [
            _before("eligibles", "Zones qui convenaient", eligible),
            _before("ecartees", "Zones non retenues", eligible - len(arms)),
        ]
    dwellings = zones.set_index("zone_id")["n_logements"]
    drawn = pd.Series(dict(arms))
    homes = {
        # Sites without dwellings have no number to show.
        arm: None if part.isna().any() or not part.sum() else int(part.sum())
        for arm, part in drawn.index.to_series().map(dwellings).groupby(drawn)
    }
    steps.append(
        FlowRow(
            step="tirees",
            label="Zones du groupe (logements)",
            zones={arm: int(number) for arm, number in drawn.value_counts().items()},
            units=homes,
        )
    )
    if delivered is not None and len(delivered):
        done = delivered[delivered["remis"].astype(bool)]
        done = done.assign(**{ARM: done["zone_id"].map(arms), ZONE: done["zone_id"]})
        steps.append(_step("recues", "Zones où un message a été remis (remises)", done))
    after = measured[measured[WAVE].isin(list(follow_up))]
    steps.append(_step("mesurees", "Zones mesurées après le début (mesures)", after))
    steps.append(
        _step(
            "analysees",
            "Zones analysées (mesures de suivi)",
            analysed[analysed[WAVE].isin(list(follow_up))],
        )
    )
    return tuple(steps)


def _before(step: str, label: str, zones: int) -> FlowRow:
    return FlowRow(step=step, label=label, zones={BEFORE_DRAW: zones}, units={BEFORE_DRAW: None})


def _step(step: str, label: str, rows: pd.DataFrame) -> FlowRow:
    groups = rows.groupby(ARM)
    return FlowRow(
        step=step,
        label=label,
        zones={str(arm): int(number) for arm, number in groups[ZONE].nunique().items()},
        units={str(arm): int(number) for arm, number in groups.size().items()},
    )
