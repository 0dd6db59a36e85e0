"""Offering an eco-gesture after an answer, and logging who was in which arm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from nlu.corpus.taxonomy import Intent
from serving.engagement.assignment import assign
from serving.engagement.running_campaigns import ChatCampaign
from serving.store.exposures import Exposure, exposures_since, log_exposure
from serving.store.opt_outs import has_opted_out

# The lever's own rule: once a conversation. A conversation taken up again within this time is the
# same one.
FREQUENCY = timedelta(days=30)
MOST = 1
# Never after a complaint or an incident, nor when the person speaks of her rights.
NATURES = frozenset({"information", "transaction", "rendez_vous"})
SILENT_THEMES = frozenset({"conversation_droits", "ecogestes_nudge"})
ANSWERED = frozenset({"answer", "link"})
REMEMBERED_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedNudge:
    """What Sophie adds to her answer, if anything.

    Attributes
    ----------
    campaign, title, arm
        Campaign and arm; the title of a simulated campaign says so.
    subject, text
        Message, with its sender and the way out.
    """

    campaign: str
    title: str
    arm: str
    subject: str
    text: str


class RunningCampaigns:
    """Running campaigns, read again from the store every half-minute.

    Parameters
    ----------
    read
        Reads those of a day.
    """

    def __init__(self, read: Callable[[date], Sequence[ChatCampaign]]) -> None:
        self._read = read
        self._known: tuple[float, date, Sequence[ChatCampaign]] | None = None

    def today(self, day: date, *, clock: float) -> Sequence[ChatCampaign]:
        """Return the campaigns that run on a day.

        Parameters
        ----------
        clock
            Seconds on a clock that never goes back.
        """
        known = self._known
        if known is None or known[1] != day or clock - known[0] >= REMEMBERED_SECONDS:
            known = (clock, day, self._read(day))
            self._known = known
        return known[2]


def may_follow(intent: Intent | None, *, next_action: str, channel: str) -> bool:
    """Whether an eco-gesture may follow an answer."""
    return (
        channel == "web"
        and next_action in ANSWERED
        and intent is not None
        and intent.nature in NATURES
        and intent.theme not in SILENT_THEMES
    )


def offer(
    connection: Connection,
    campaigns: Sequence[ChatCampaign],
    *,
    conversation: str,
    places: dict[str, str | None],
    message: str,
    intent: str | None,
    at: datetime,
) -> tuple[OfferedNudge | None, Exposure | None]:
    """Assign a conversation to the first campaign that it can be in, and log it once.

    The control arm is logged like the others; nothing is shown there. Nothing happens to who
    opted out, nor to a conversation that had its exposure.

    Parameters
    ----------
    connection
        Transaction of the turn: the exposure is stored with the answer that shows it.
    campaigns
        Those of today.
    conversation
        Pseudonym.
    places
        See :func:`serving.engagement.assignment.assign`.
    message, intent
        Message that was answered.
    at
        Instant.

    Returns
    -------
    tuple
        What to show, and the exposure logged; None for each that there is not.
    """
    if not campaigns or has_opted_out(connection, conversation):
        return None, None
    if exposures_since(connection, conversation, at - FREQUENCY) >= MOST:
        return None, None
    for campaign in campaigns:
        assigned = assign(campaign, conversation=conversation, places=places)
        if assigned is None:
            continue
        exposed = Exposure(
            campaign=campaign.identifier,
            arm=assigned.arm.identifier,
            control=assigned.arm.control,
            conversation=conversation,
            zone=assigned.zone,
            commune=places.get("commune"),
            message=message,
            intent=intent,
            at=at,
        )
        if not log_exposure(connection, exposed):
            continue
        said = assigned.arm.message
        if said is None:
            return None, exposed
        shown = OfferedNudge(
            campaign=campaign.identifier,
            title=campaign.title,
            arm=assigned.arm.identifier,
            subject=said.subject,
            text=said.text,
        )
        return shown, exposed
    return None, None
