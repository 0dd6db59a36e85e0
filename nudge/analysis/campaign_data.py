"""What the analysis of a campaign reads, gathered once."""

from dataclasses import dataclass

import pandas as pd

from nudge.analysis.trial_context import TrialContext


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignData:
    """What the analysis reads, gathered from the store.

    Attributes
    ----------
    context
        Campaign, zones, arms and draw.
    observations
        Instrument to rows; instruments without rows are absent.
    neighbours
        Columns ``zone_id``, ``voisin_id``.
    status
        Lifecycle status.
    locked
        Whether the plan is locked.
    plan_sha256, zones_sha256, seed
        Of lock and draw.
    data_sha256
        Fingerprint of the rows imported.
    eligible
        Zones that fitted the criteria; None where not recorded.
    amendments
        Number, reason, seriousness.
    declared
        Departures noted by the team, in French, with their seriousness.
    synthetic_territory
        Whether zones are synthetic.
    """

    context: TrialContext
    observations: dict[str, pd.DataFrame]
    neighbours: pd.DataFrame
    status: str
    locked: bool
    plan_sha256: str
    zones_sha256: str
    data_sha256: str
    seed: int | None
    eligible: int | None
    amendments: tuple[tuple[int, str, bool], ...]
    declared: tuple[tuple[str, bool], ...]
    synthetic_territory: bool
