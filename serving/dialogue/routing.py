"""The routing policy: which rule answers a turn, the first that applies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from serving.calendar.calendar import Calendar
from serving.calendar.opening_hours import OpeningHours
from serving.dialogue.addition import addition_move, joined_move
from serving.dialogue.answering import answer_move, fallback_move, place_alone_move
from serving.dialogue.carried_state import with_known_parts
from serving.dialogue.clarification import clarification_move
from serving.dialogue.conversation import Conversation
from serving.dialogue.hand_over import hand_over_move
from serving.dialogue.incident import report_move
from serving.dialogue.other_request import with_other_request
from serving.dialogue.places import with_place_remembered
from serving.dialogue.presentation import present
from serving.dialogue.reply import Channel, Move, Reply
from serving.dialogue.rights import RIGHTS, rights_move
from serving.dialogue.safety import safety_move
from serving.dialogue.slots import FILLED_BY, NEEDS_OBJECT, slot_was_filled
from serving.dialogue.small_talk import is_acknowledgement, is_greeting, politeness
from serving.dialogue.turn import Turn
from serving.dialogue.understanding import Understanding
from serving.dialogue.words import label_colour
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.knowledge.lexicon import mentions

# In « et des pots de peinture ? » there is an object and nothing else to understand.
MOST_WORDS = 5


def reply(
    understanding: Understanding,
    *,
    message: str,
    conversation: Conversation,
    knowledge: KnowledgeBase,
    calendar: Calendar,
    opening_hours: OpeningHours,
    channel: Channel,
    now: datetime,
) -> Reply:
    """Answer a turn. Pure: nothing is stored, sent or remembered elsewhere than in the reply.

    Parameters
    ----------
    understanding : Understanding
        What was understood of the message, by the model or without it.
    message : str
        As received.
    conversation : Conversation
        State after the turn before; a new one at the start.
    knowledge, calendar, opening_hours
        What may be said.
    channel : str
        ``web``, ``voice``, ``form`` or ``mail``.
    now : datetime
        Instant of the turn, with its time zone.

    Returns
    -------
    Reply
        What it asks to create (``ticket``, ``report``) or to stop (``opt_out``) is for the caller
        to do before the text is sent, for the text says that it is done.

    Raises
    ------
    ValueError
        ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    turn = with_known_parts(
        Turn(
            understanding=understanding,
            message=message,
            conversation=conversation,
            knowledge=knowledge,
            calendar=calendar,
            opening_hours=opening_hours,
            channel=channel,
            now=now,
        )
    )
    turn = with_place_remembered(turn)
    return present(turn, _safety(turn) or _answered(turn))


def _safety(turn: Turn) -> Move | None:
    """Danger first, then what the message asks besides."""
    move = safety_move(turn)
    return None if move is None else with_other_request(turn, move, answered=_answered)


def _answered(turn: Turn) -> Move:
    """Answer of the first rule that applies, whatever the danger."""
    return next(move for rule in RULES if (move := rule(turn)) is not None)


def _anger_or_person(turn: Turn) -> Move | None:
    """A person for whoever asks for one, or is angry."""
    say, understood = turn.knowledge.say, turn.understanding
    if understood.intent == "demander_humain" and understood.decision != "clarify":
        return hand_over_move(turn, say("hand_over_asked"), reason="asked")
    if mentions(turn.message, turn.knowledge.lexicons.anger):
        ticket = turn.conversation.ticket
        if ticket is not None and ticket.intent not in RIGHTS:
            return joined_move(turn, ticket, lead=say("hand_over_anger"))
        return hand_over_move(turn, say("hand_over_anger"), reason="anger")
    return None


def _slot_filled(turn: Turn) -> Move | None:
    """The answer that the last turn was waiting to give."""
    intent = turn.conversation.last_intent
    if intent is None or not slot_was_filled(turn):
        return None
    return answer_move(turn, intent)


def _sector_unknown(turn: Turn) -> Move | None:
    """A person finds the sector of whoever does not know it."""
    conversation = turn.conversation
    unsure = mentions(turn.message, turn.knowledge.lexicons.unsure)
    asked_more = turn.understanding.decision == "answer" and turn.understanding.intent is not None
    if conversation.open_slot != "secteur" or not unsure or asked_more:
        return None
    lead = turn.knowledge.say("sector_unknown")
    return hand_over_move(turn, lead, reason="check", intent=conversation.last_intent)


def _other_object(turn: Turn) -> Move | None:
    """The rule for one more object: « et les couches ? » after another object's rule."""
    understood, intent = turn.understanding, turn.conversation.last_intent
    named = understood.entity("type_dechet")
    if intent not in NEEDS_OBJECT or named is None or understood.reason == "click":
        return None
    bare = understood.decision != "answer" and len(turn.message.split()) <= MOST_WORDS
    return answer_move(turn, intent) if bare or understood.intent == intent else None


def _colour_said(turn: Turn) -> Move | None:
    """What a label means, once its colour, which the answer asks for, is said."""
    if turn.conversation.last_intent != "bac_refuse" or label_colour(turn) is None:
        return None
    return answer_move(turn, "bac_refuse")


def _acknowledged(turn: Turn) -> Move | None:
    """Assent or greeting in a few words; a question that is open is answered, or waits."""
    if turn.understanding.reason == "click":
        return None
    if turn.understanding.decision != "answer" and is_greeting(turn):
        return answer_move(turn, "bavardage")
    if not is_acknowledgement(turn):
        return None
    before = turn.conversation
    waiting = before.last_intent if before.open_slot in FILLED_BY else None
    if waiting is not None and politeness(turn) not in ("merci", "au_revoir"):
        return answer_move(turn, waiting)
    move = answer_move(turn, "bavardage")
    state = replace(
        move.state,
        last_intent=before.last_intent,
        open_slot=before.open_slot if waiting else None,
        asked_day=before.asked_day,
    )
    return replace(move, state=state)


def _degraded(turn: Turn) -> Move | None:
    """Without the model, what key words do not settle goes to a person."""
    if not turn.understanding.degraded or turn.understanding.decision == "answer":
        return None
    return hand_over_move(turn, turn.knowledge.say("hand_over_degraded"), reason="degraded")


def _by_decision(turn: Turn) -> Move:
    """What the classifier's thresholds decided."""
    understood = turn.understanding
    if understood.intent is None:
        return fallback_move(turn)
    if understood.decision == "answer":
        return answer_move(turn, understood.intent)
    if understood.decision == "clarify":
        return clarification_move(turn)
    return fallback_move(turn)


# In order, after danger: rights, a person, the report and the question left open, then the rest.
RULES: tuple[Callable[[Turn], Move | None], ...] = (
    rights_move,
    _anger_or_person,
    report_move,
    _slot_filled,
    _sector_unknown,
    _other_object,
    _colour_said,
    _acknowledged,
    addition_move,
    place_alone_move,
    _degraded,
    _by_decision,
)
