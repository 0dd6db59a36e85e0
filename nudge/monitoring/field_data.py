"""What monitoring reads: the campaign, its zones and everything that the field sent in."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from nudge.analysis.trial_context import TrialContext, trial_context
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.wave import Wave
from nudge.errors import CampaignError
from nudge.gates.eligible_zones import neighbours_among
from nudge.outcomes.outcome import Outcome
from nudge.store.campaigns import allocation, campaign_zones, stored_campaign
from nudge.store.database import Store
from nudge.store.observations import observations
from nudge.territory.territory import Territory

CHECKS = "controle_bac"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldData:
    """Everything about a campaign's field work on one day.

    Attributes
    ----------
    campaign, status
        Campaign in force and its status.
    zones
        Frozen zone list.
    arms
        Zone to arm; empty before the draw.
    context
        Who is compared, for the locked estimator; None before the draw.
    neighbours
        Pairs of zones that neighbour each other.
    primary
        Rows of the primary outcome's instrument.
    checks
        Rows of ``controle_bac``; empty where the campaign has none.
    deliveries, complaints
        Rows of ``distribution`` and ``reclamation``.
    today
        Day of the report.
    """

    campaign: Campaign
    status: str
    zones: pd.DataFrame
    arms: dict[str, str]
    context: TrialContext | None
    neighbours: pd.DataFrame
    primary: pd.DataFrame
    checks: pd.DataFrame
    deliveries: pd.DataFrame
    complaints: pd.DataFrame
    today: date

    @property
    def outcome(self) -> Outcome:
        """The primary outcome."""
        return self.campaign.outcomes[0]

    @property
    def waves(self) -> tuple[Wave, ...]:
        """All waves in order of date."""
        return (*self.campaign.baseline_waves, *self.campaign.follow_up_waves)

    @property
    def zone_ids(self) -> list[str]:
        """Identifiers of the zones, in their order."""
        return [str(zone) for zone in self.zones["zone_id"]]

    @property
    def measured_units(self) -> pd.DataFrame:
        """Rows of the primary outcome, its value left out: monitoring counts, it does not look."""
        return self.outcome.values(self.primary)[["zone_id", "vague"]]


def field_data(store: Store, identifier: str, territory: Territory, *, today: date) -> FieldData:
    """Read a campaign and its observations.

    Raises
    ------
    CampaignError
        The campaign is not in the store.
    """
    stored = stored_campaign(store, identifier)
    campaign = campaign_from_yaml(stored.yaml, source=f"{identifier}/campagne.yaml")
    zones = campaign_zones(store, identifier)
    drawn = allocation(store, identifier)
    context = _context(campaign, zones, drawn, Path(stored.folder))

    def read(instrument: str) -> pd.DataFrame:
        return observations(store, campaign=identifier, instrument=instrument)

    return FieldData(
        campaign=campaign,
        status=stored.status,
        zones=zones,
        arms=drawn if context is None else dict(context.arms),
        context=context,
        neighbours=neighbours_among(territory, unit=campaign.randomisation.unit, zones=zones),
        primary=read(campaign.outcomes[0].instrument),
        checks=read(CHECKS),
        deliveries=read("distribution"),
        complaints=read("reclamation"),
        today=today,
    )


def _context(
    campaign: Campaign, zones: pd.DataFrame, drawn: dict[str, str], folder: Path
) -> TrialContext | None:
    try:
        return trial_context(campaign, zones=zones, allocation=drawn, folder=folder)
    except CampaignError:
        return None
