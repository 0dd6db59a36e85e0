"""The plan that counts: the one in the store once it is locked, whatever the file says."""

from dataclasses import dataclass
from pathlib import Path

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml, load_campaign
from nudge.errors import CampaignError
from nudge.french.numbers import count
from nudge.lifecycle.plan_changes import plan_changes
from nudge.store.campaigns import StoredCampaign, stored_campaign
from nudge.store.database import Store

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInForce:
    """A stored campaign with its plan.

    Attributes
    ----------
    stored
        The store's entry.
    campaign
        The plan in force.
    warnings
        French sentences: how the file beside it differs.
    """

    stored: StoredCampaign
    campaign: Campaign
    warnings: tuple[str, ...] = ()


def plan_in_force(store: Store, identifier: str, *, file: Path | None = None) -> PlanInForce:
    """Return the plan in force of a campaign, and how its file departs from it.

    Parameters
    ----------
    file
        Campaign file to compare; that of the campaign's folder by default, where it exists.

    Raises
    ------
    CampaignError
        The store does not know the campaign.
    """
    stored = stored_campaign(store, identifier)
    campaign = campaign_from_yaml(stored.yaml, source=f"{identifier} (entrepôt)")
    path = file or Path(stored.folder) / "campagne.yaml"
    return PlanInForce(stored=stored, campaign=campaign, warnings=_departures(campaign, path))


def _departures(campaign: Campaign, path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    try:
        written = load_campaign(path)
    except CampaignError:
        return (f"{path} n'est plus lisible ; le plan de l'entrepôt est utilisé.",)
    changes = plan_changes(campaign, written)
    if not changes:
        return ()
    shown = [str(change) for change in changes[:MOST_SHOWN]]
    more = len(changes) - len(shown)
    shown += [f"et {count(more, 'autre')}"] if more > 0 else []
    told = "\n  ".join(shown)
    return (
        f"{path} diffère du plan de l'entrepôt, qui est utilisé (modifier un plan verrouillé passe "
        f"par « pouce campaign amend ») :\n  {told}",
    )
