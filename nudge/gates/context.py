"""Gathering what gates look at: the campaign, its territory and what the store knows."""

from datetime import date

import pandas as pd

from experiments.errors import AssumptionError
from experiments.power.baseline_data import BaselineEstimates, baseline_estimates
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.gates.eligible_zones import (
    eligible_zones,
    neighbours_among,
    places_of,
    zone_sample,
)
from nudge.gates.gate import GateContext, OtherCampaign
from nudge.store.campaigns import campaign_zones, stored_campaigns
from nudge.store.database import Store
from nudge.store.observations import observations
from nudge.territory.territory import Territory

ACTIVE = frozenset({"verrouillee", "en_cours"})


def gate_context(
    campaign: Campaign,
    *,
    territory: Territory,
    store: Store,
    today: date,
    frozen: pd.DataFrame | None = None,
) -> GateContext:
    """Return the context of a campaign, at the launch where its zone list is frozen.

    Parameters
    ----------
    frozen
        Frozen zone list, for a locked campaign that is about to be drawn.

    Raises
    ------
    CampaignError
        The campaign names zones or communes that do not exist.
    """
    unit = campaign.randomisation.unit
    eligible = eligible_zones(campaign, territory) if frozen is None else frozen
    zones = zone_sample(campaign, eligible) if frozen is None else frozen
    reference = reference_values(store, campaign)
    return GateContext(
        campaign=campaign,
        territory=territory,
        eligible=eligible,
        zones=zones,
        neighbours=neighbours_among(territory, unit=unit, zones=zones),
        reference_level=reference.groupby("zone_id")["y"].mean(),
        baseline=_estimates(campaign, reference),
        consents=observations(store, campaign=campaign.identifier, instrument="consentement"),
        deliveries=observations(store, campaign=campaign.identifier, instrument="distribution"),
        others=other_campaigns(campaign, territory=territory, store=store),
        today=today,
        stage="plan" if frozen is None else "launch",
    )


def reference_values(store: Store, campaign: Campaign) -> pd.DataFrame:
    """Return the values of the primary outcome in the imported reference waves."""
    outcome = campaign.outcomes[0]
    rows = observations(store, campaign=campaign.identifier, instrument=outcome.instrument)
    values = outcome.values(rows)
    return values[values["vague"].isin([wave.name for wave in campaign.baseline_waves])]


def other_campaigns(
    campaign: Campaign, *, territory: Territory, store: Store
) -> tuple[OtherCampaign, ...]:
    """Return the other campaigns that are locked or running; simulated ones apart from real."""
    found = []
    for stored in stored_campaigns(store):
        mine = stored.identifier == campaign.identifier
        if mine or stored.status not in ACTIVE or stored.simulation != campaign.simulation:
            continue
        other = campaign_from_yaml(stored.yaml, source=stored.identifier)
        unit = other.randomisation.unit
        zones = campaign_zones(store, stored.identifier)
        found.append(
            OtherCampaign(
                identifier=other.identifier,
                title=other.shown_title,
                start=other.start,
                end=other.end,
                doses=max((arm.doses for arm in other.nudged), default=0),
                places=places_of(territory, unit=unit, zones=zones),
            )
        )
    return tuple(found)


def _estimates(campaign: Campaign, reference: pd.DataFrame) -> BaselineEstimates | None:
    """Variances from the last reference wave that is imported, for units are counted a wave."""
    for wave in reversed(campaign.baseline_waves):
        values = reference[reference["vague"] == wave.name]
        sums = values.groupby("zone_id")["y"].agg(n="count", sum_y="sum")
        if sums.empty:
            continue
        squares = (values["y"] ** 2).groupby(values["zone_id"]).sum()
        try:
            return baseline_estimates(n=sums["n"], sum_y=sums["sum_y"], sum_yy=squares)
        except AssumptionError:
            return None
    return None
