"""How many conversations each arm of a campaign has, and whether the draw explains it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from nudge.campaign.campaign import Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """Conversations of an arm, and those among them that opted out."""

    identifier: str
    title: str
    conversations: int
    opted_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCounts:
    """Conversations of a campaign.

    Attributes
    ----------
    arms
        In the order of the plan, those without a conversation included.
    p_ratio
        Sample-ratio p: chi-square against the weights of the arms, None without conversations.
        It takes conversations for drawn one by one, which the hash makes true.
    """

    arms: tuple[ArmCount, ...]
    p_ratio: float | None


def arm_counts(rows: pd.DataFrame, campaign: Campaign) -> ArmCounts:
    """Count the conversations of :func:`serving.engagement.conversation_rows.conversation_rows`."""
    sums = rows.groupby("groupe")["desinscription"].agg(["size", "sum"])
    arms = tuple(
        ArmCount(
            identifier=arm.identifier,
            title=arm.title,
            conversations=int(sums["size"].get(arm.identifier, 0)),
            opted_out=int(sums["sum"].get(arm.identifier, 0)),
        )
        for arm in campaign.arms
    )
    seen = np.array([arm.conversations for arm in arms], dtype=np.float64)
    weights = np.array([arm.ratio for arm in campaign.arms], dtype=np.float64)
    if not seen.sum():
        return ArmCounts(arms=arms, p_ratio=None)
    expected = seen.sum() * weights / weights.sum()
    return ArmCounts(arms=arms, p_ratio=float(stats.chisquare(seen, expected).pvalue))
