"""Conversations of a campaign as rows of its instrument ``conversation``, ready to be imported."""

from datetime import datetime

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.territory.unit import CONVERSATION
from serving.engagement.conversation_rows import FOLLOWED


def field_rows(rows: pd.DataFrame, campaign: Campaign, *, now: datetime) -> pd.DataFrame:
    """Return the conversations that have been followed for a whole day, and never change again.

    Parameters
    ----------
    rows
        Of :func:`serving.engagement.conversation_rows.conversation_rows`.
    campaign
        Its follow-up waves tell which wave a conversation belongs to; those of no wave are left
        out.
    now
        Present instant.

    Returns
    -------
    DataFrame
        Columns of the instrument ``conversation``, in the order of exposures.

    Raises
    ------
    CampaignError
        The campaign did not draw conversations.
    """
    if campaign.randomisation.unit != CONVERSATION:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                column="tirage, unite",
                what="cette campagne ne tire pas de conversations au sort",
                mend="choisir une campagne dont l'unité est « conversation »",
            )
        )
    waves = pd.Series(pd.NA, index=rows.index, dtype="str")
    for wave in campaign.follow_up_waves:
        waves[(rows["date"] >= wave.start) & (rows["date"] <= wave.end)] = wave.name
    whole = (rows["exposition"] + FOLLOWED <= pd.Timestamp(now)) & waves.notna()
    frame = pd.DataFrame(
        {
            "foyer_id": rows["conversation"],
            "zone_id": rows["unite"],
            "vague": waves,
            "date": pd.to_datetime(rows["date"]),
            "interet": rows["interet"].astype(bool),
        }
    )[whole]
    order = rows.loc[whole, "exposition"].sort_values(kind="stable").index
    return frame.loc[order, list(INSTRUMENTS["conversation"].column_names)].reset_index(drop=True)
