"""How long the field data of a campaign are kept."""

from datetime import date

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem

MONTHS_OF_A_YEAR = 12
SHORTEST_MONTH = 28


def purge_day(campaign: Campaign, *, today: date) -> date:
    """Return the day before which observations have outlived the plan's retention.

    Raises
    ------
    CampaignError
        The plan gives no retention.
    """
    months = campaign.legal.retention_months
    if months is None:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                column="juridique, conservation_mois",
                what="le plan ne dit pas combien de temps les données sont gardées",
                mend="donner le jour par --before AAAA-MM-JJ",
            )
        )
    elapsed = MONTHS_OF_A_YEAR * today.year + today.month - 1 - months
    year, month = divmod(elapsed, MONTHS_OF_A_YEAR)
    # No month is too short for the day, and nothing is purged before its time.
    return date(year, month + 1, min(today.day, SHORTEST_MONTH))
