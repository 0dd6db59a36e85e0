"""Campaigns whose eco-gesture Sophie may offer today."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from nudge.campaign.arm import Arm
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.errors import CampaignError
from nudge.gates.message_template import template_of
from nudge.levers.eco_gesture import LEVER
from nudge.levers.lever import Channel, MessageTemplate
from nudge.levers.message import SIMULATED, RenderedMessage, render_message
from nudge.store.campaigns import StoredCampaign, allocation, stored_campaigns
from nudge.store.database import Store
from serving.observability.json_logs import log_event

RUNNING = "en_cours"
CHANNEL: Channel = "chat"
SENDER = "Communauté de communes Cœur Côte Fleurie"
OPT_OUT = "écrivez « stop » ou choisissez « Ne plus recevoir d'éco-gestes »."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatArm:
    """An arm of a running campaign, as a conversation meets it.

    Attributes
    ----------
    identifier
        Of the campaign file.
    control
        Whether nothing is shown.
    ratio
        Weight of the arm where conversations are assigned one by one.
    message
        What Sophie says; None in the control arm.
    """

    identifier: str
    control: bool
    ratio: int
    message: RenderedMessage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCampaign:
    """A running campaign with an eco-gesture offered in conversation.

    Attributes
    ----------
    identifier, title
        Of the campaign; the title of a simulated one says so.
    start, end
        First and last day of its messages.
    unit
        What was drawn.
    allocation
        Arm of each zone.
    arms
        Its control arm and those that speak in conversations, by identifier.
    salt
        Text that makes the assignment of conversations this campaign's own. It comes from the
        locked plan and the published seed, so that anyone may check an assignment.
    """

    identifier: str
    title: str
    start: date
    end: date
    unit: str
    allocation: Mapping[str, str]
    arms: Mapping[str, ChatArm]
    salt: str


def running_campaigns(store: Store, *, today: date) -> tuple[ChatCampaign, ...]:
    """Return the campaigns that run today and speak in conversations, by identifier.

    One whose message cannot be rendered is left out and logged: nothing half right is shown.
    """
    found = (
        _chat_campaign(store, stored) for stored in stored_campaigns(store)
        if stored.status == RUNNING
    )  # fmt: skip
    return tuple(one for one in found if one is not None and one.start <= today <= one.end)


def _chat_campaign(store: Store, stored: StoredCampaign) -> ChatCampaign | None:
    try:
        campaign = campaign_from_yaml(stored.yaml, source=stored.identifier)
        arms = [_arm(campaign, arm) for arm in campaign.arms if arm.control or _speaks(arm)]
    except CampaignError as error:
        log_event("nudge_left_out", failure=error, campaign=stored.identifier)
        return None
    if not any(arm.message for arm in arms):
        return None
    secret = f"{stored.identifier}:{stored.plan_sha256}:{stored.seed}"
    return ChatCampaign(
        identifier=stored.identifier,
        title=campaign.shown_title,
        start=campaign.start,
        end=campaign.end,
        unit=campaign.randomisation.unit,
        allocation=MappingProxyType(_placed(campaign) | allocation(store, stored.identifier)),
        arms=MappingProxyType({arm.identifier: arm for arm in arms}),
        salt=hashlib.sha256(secret.encode()).hexdigest(),
    )


def _placed(campaign: Campaign) -> dict[str, str]:
    return {zone: arm.identifier for arm in campaign.arms for zone in arm.zones}


def _speaks(arm: Arm) -> bool:
    return arm.lever == LEVER.identifier and arm.channel == CHANNEL and not arm.addressed


def _arm(campaign: Campaign, arm: Arm) -> ChatArm:
    return ChatArm(
        identifier=arm.identifier,
        control=arm.control,
        ratio=arm.ratio,
        message=None if arm.control else _message(campaign, arm),
    )


def _message(campaign: Campaign, arm: Arm) -> RenderedMessage:
    """Text of an arm, with its sender and the way out; it shows no computed figure."""
    given = dict(arm.message.variables) if arm.message is not None else {}
    rendered = render_message(
        _template(arm),
        norm=None,
        variables={
            **given,
            "expediteur": given.get("expediteur") or campaign.legal.controller or SENDER,
            "desinscription": given.get("desinscription") or OPT_OUT,
        },
    )
    if not campaign.simulation or rendered.text.startswith(SIMULATED):
        return rendered
    return RenderedMessage(
        text=f"{SIMULATED}\n\n{rendered.text}", subject=rendered.subject, reading=rendered.reading
    )


def _template(arm: Arm) -> MessageTemplate:
    template = template_of(arm)
    if template is not None:
        return template
    if arm.message is None or arm.message.text is None:
        raise CampaignError(f"le groupe « {arm.identifier} » n'a pas de message")
    return MessageTemplate(
        identifier=arm.identifier, channel=CHANNEL, subject=arm.title, body=arm.message.text
    )
