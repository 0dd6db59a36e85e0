"""Rows that the trial analysis reads: one a unit, with its zone, arm, wave and zone columns."""

from collections.abc import Mapping, Sequence

import pandas as pd

from nudge.errors import CampaignError
from nudge.outcomes.outcome import Outcome

ZONE, ARM, WAVE, STRATUM, BASELINE_LEVEL = "zone", "bras", "vague", "strate", "niveau_reference"


def outcome_rows(
    outcome: Outcome,
    observations: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    zones: pd.DataFrame,
    waves: Sequence[str],
    baseline: Sequence[str],
    strata: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
) -> pd.DataFrame:
    """Make the analysis table of one outcome.

    Parameters
    ----------
    outcome
        Outcome, whose ``values`` read the observations.
    observations
        Rows of its instrument.
    arms
        Zone to arm; rows of other zones are left out.
    zones
        Frozen zone list with ``zone_id``.
    waves
        Waves kept.
    baseline
        Those among them that come before the nudge.
    strata
        Zone to stratum of the draw.
    columns
        Columns of ``zones`` carried along; ``niveau_reference`` is the zone's mean over the
        baseline waves.

    Returns
    -------
    DataFrame
        Columns ``zone``, ``bras``, ``vague``, the outcome's name, ``strate`` where there are
        strata, and the columns asked for.

    Raises
    ------
    CampaignError
        A column is not in the zone list.
    """
    values = outcome.values(observations)
    values = values[values["zone_id"].isin(list(arms)) & values["vague"].isin(list(waves))]
    rows = pd.DataFrame(
        {
            ZONE: values["zone_id"].to_numpy(),
            ARM: values["zone_id"].map(arms).to_numpy(),
            WAVE: values["vague"].to_numpy(),
            outcome.name: values["y"].to_numpy(),
        }
    )
    if strata is not None:
        rows[STRATUM] = rows[ZONE].map(strata)
    by_zone = zones.set_index("zone_id")
    for name in columns:
        if name == BASELINE_LEVEL:
            before = rows[rows[WAVE].isin(list(baseline))].groupby(ZONE)[outcome.name].mean()
            rows[name] = rows[ZONE].map(before)
        elif name in by_zone:
            rows[name] = rows[ZONE].map(by_zone[name])
        else:
            raise CampaignError(
                f"la colonne « {name} » n'est pas dans la liste des zones "
                f"({', '.join(map(str, by_zone.columns))})"
            )
    return rows


def waves_with_all_zones(rows: pd.DataFrame, waves: Sequence[str]) -> tuple[str, ...]:
    """Waves in which every zone of the rows has at least one unit."""
    zones = rows[ZONE].nunique()
    seen = rows.groupby(WAVE)[ZONE].nunique()
    return tuple(wave for wave in waves if seen.get(wave, 0) == zones)
