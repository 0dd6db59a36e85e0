"""The plan as it is hashed: one text for one meaning, whatever its comments and layout."""

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_to_yaml


def canonical_plan(campaign: Campaign) -> str:
    """Return the text that is locked: every field with a value, in the order of the schema."""
    return campaign_to_yaml(campaign)
