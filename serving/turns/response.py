"""The response of a turn, once it is stored and its numbers are known."""

from dataclasses import asdict

from serving.dialogue.quoted_numbers import with_numbers
from serving.dialogue.reply import LETTERS, Reply
from serving.dialogue.understanding import Understanding
from serving.engagement.nudging import OfferedNudge
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.store.conversations import StoredMessage
from serving.turns.wire import (
    TurnResponse,
    WireNextAction,
    WireNudge,
    WireQuickReply,
    WireSource,
    WireUnderstanding,
)

STOP_LABEL = "Ne plus recevoir d'éco-gestes"
STOP_PAYLOAD = "intent:nudge_stop"


def response_of(
    said: Reply,
    kept: StoredMessage,
    *,
    session: str,
    understanding: Understanding,
    knowledge: KnowledgeBase,
    ticket: str | None,
    report: str | None,
    nudge: OfferedNudge | None,
) -> TurnResponse:
    """Return what the client receives.

    Parameters
    ----------
    said, kept
        Reply, and the message as it is stored.
    session
        Name of the conversation.
    understanding
        What was understood.
    knowledge
        Holds the sentences that tell the numbers.
    ticket, report
        Numbers of what the turn opened; None where it opened nothing.
    nudge
        Eco-gesture to show; None for none.
    """
    told = with_numbers(
        said,
        knowledge=knowledge,
        ticket=ticket,
        report=report,
        voice=kept.channel == "voice",
        letter=kept.channel in LETTERS,
    )
    return TurnResponse(
        session_id=session,
        message_id=kept.identifier,
        turn=kept.turn,
        model_version=kept.model_version,
        degraded=kept.degraded,
        understanding=WireUnderstanding.model_validate(understanding),
        text=told.text,
        speech_text=told.speech_text,
        disclosure=told.disclosure,
        warning=told.warning,
        quick_replies=[WireQuickReply.model_validate(one) for one in told.quick_replies],
        next_action=WireNextAction.model_validate(told.next_action),
        sources=[WireSource.model_validate(one) for one in told.sources],
        ticket=ticket or told.addition,
        service_request_id=report,
        nudge=None if nudge is None else _wire_nudge(nudge),
    )


def _wire_nudge(nudge: OfferedNudge) -> WireNudge:
    stop = WireQuickReply(label=STOP_LABEL, payload=STOP_PAYLOAD)
    return WireNudge(**asdict(nudge), opt_out=stop)
