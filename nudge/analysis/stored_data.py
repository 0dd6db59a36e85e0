"""What the analysis reads of a campaign, gathered from the store and the campaign's folder."""

import hashlib
from pathlib import Path

import pandas as pd

from nudge.analysis.campaign_data import CampaignData
from nudge.analysis.deviations import CLOSED_EARLY
from nudge.analysis.trial_context import trial_context
from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.lifecycle.amendment import amendment_list
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.store.batches import batches
from nudge.store.campaigns import allocation, campaign_zones
from nudge.store.database import Store
from nudge.store.event_log import events
from nudge.store.locks import stored_lock
from nudge.store.observations import observations

# Read beside the instruments of the outcomes: how the campaign was carried out.
CONDUCT = ("distribution", "reclamation")


def stored_data(store: Store, identifier: str) -> CampaignData:
    """Gather a locked campaign's plan, zones, arms and observations.

    Raises
    ------
    CampaignError
        The campaign is unknown or not locked, or its draw is missing.
    """
    plan = plan_in_force(store, identifier)
    campaign, stored = plan.campaign, plan.stored
    lock = stored_lock(store, identifier)
    if lock is None:
        raise CampaignError(
            Problem(
                place=identifier,
                what="seul un plan verrouillé s'analyse",
                mend="le verrouiller : pouce campaign lock",
            )
        )
    zones = campaign_zones(store, identifier)
    arms = allocation(store, identifier)
    excluded = set(campaign.randomisation.eligibility.excluded)
    context = trial_context(
        campaign,
        zones=zones[~zones["zone_id"].isin(excluded)],
        allocation={zone: arm for zone, arm in arms.items() if zone not in excluded},
        folder=Path(stored.folder),
    )
    return CampaignData(
        context=context,
        observations=_observations(store, campaign),
        neighbours=pd.DataFrame(
            lock.record.get("voisinages", []), columns=["zone_id", "voisin_id"], dtype=str
        ),
        status=stored.status,
        locked=True,
        plan_sha256=stored.plan_sha256 or "",
        zones_sha256=stored.zones_sha256 or "",
        data_sha256=_fingerprint(store, identifier),
        seed=stored.seed,
        eligible=lock.record.get("zones_eligibles"),
        amendments=amendment_list(store, identifier),
        declared=_declared(store, identifier),
        synthetic_territory=bool(lock.record.get("territoire_synthetique", True)),
    )


def _declared(store: Store, identifier: str) -> tuple[tuple[str, bool], ...]:
    """Departures that the log holds: those noted by the team, and an early closing."""
    noted = [
        (str(event.payload["texte"]), bool(event.payload.get("grave", False)))
        for event in events(store, campaign=identifier, kind="ecart")
    ]
    closed = [
        (f"{CLOSED_EARLY} : {event.payload['raison'].rstrip('.')}.", True)
        for event in events(store, campaign=identifier, kind="cloture")
        if event.payload.get("anticipee")
    ]
    return (*noted, *closed)


def _observations(store: Store, campaign: Campaign) -> dict[str, pd.DataFrame]:
    names = dict.fromkeys([*(one.instrument for one in campaign.outcomes), *CONDUCT])
    frames = {
        name: observations(store, campaign=campaign.identifier, instrument=name) for name in names
    }
    return {name: frame for name, frame in frames.items() if len(frame)}


def _fingerprint(store: Store, identifier: str) -> str:
    """SHA-256 over the digests of all import batches, in order."""
    digests = [f"{one.instrument}:{one.digest}" for one in batches(store, identifier)]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
