"""Which arm a conversation is in.

Where conversations were drawn, a salted hash gives the part that a conversation belongs to, and
the published draw the arm of that part. Where the drawn unit can be known in a conversation (a
commune, or the collection round of a known sector), the arm is the one drawn for it, and a
conversation without a place takes no part: giving it an arm of its own would show the message to
zones drawn into the control group. Where it cannot (a street, a drop-off point), conversations
themselves are assigned, by a salted hash. In each case the same conversation always has the same
arm, on every replica, and nothing has to be stored first.
"""

import hashlib
from dataclasses import dataclass

from nudge.territory.conversation_parts import part_of
from nudge.territory.unit import CONVERSATION
from serving.engagement.running_campaigns import ChatArm, ChatCampaign

PLACE_UNITS = ("commune", "tournee")
_POINTS = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An arm, and the zone or part whose drawn arm it is; None where nothing was drawn."""

    arm: ChatArm
    zone: str | None


def assign(
    campaign: ChatCampaign, *, conversation: str, places: dict[str, str | None]
) -> Assignment | None:
    """Return the arm of a conversation; None where it takes no part.

    Parameters
    ----------
    conversation
        Pseudonym.
    places
        What is known of where the citizen lives: ``commune`` (INSEE code), ``tournee``.
    """
    if campaign.unit == CONVERSATION:
        return _drawn(campaign, part_of(conversation, salt=campaign.salt))
    if campaign.unit in PLACE_UNITS and campaign.allocation:
        return _drawn(campaign, places.get(campaign.unit))
    return Assignment(arm=_hashed(campaign, conversation), zone=None)


def _drawn(campaign: ChatCampaign, zone: str | None) -> Assignment | None:
    arm = campaign.arms.get(campaign.allocation.get(zone or "", ""))
    return None if arm is None else Assignment(arm=arm, zone=zone)


def _hashed(campaign: ChatCampaign, conversation: str) -> ChatArm:
    arms = [campaign.arms[name] for name in sorted(campaign.arms)]
    digest = hashlib.sha256(f"{campaign.salt}:{conversation}".encode()).digest()
    point = int.from_bytes(digest[:8]) * sum(arm.ratio for arm in arms) / _POINTS
    for arm in arms:
        point -= arm.ratio
        if point < 0:
            return arm
    return arms[-1]
