"""Handing over to a person: hours, ways and the request that goes with it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nudge.french.numbers import MONTHS, NO_BREAK
from serving.calendar.opening_hours import WEEKDAYS
from serving.dialogue.conversation import Conversation
from serving.dialogue.quick_replies import WAYS
from serving.dialogue.reply import Move, NextAction, PhoneOption, TicketDraft
from serving.dialogue.turn import Turn


def hand_over_move(
    turn: Turn,
    lead: str,
    *,
    reason: str,
    intent: str | None = None,
    due: date | None = None,
    state: Conversation | None = None,
) -> Move:
    """Hand a request over to a person.

    Parameters
    ----------
    turn : Turn
        Turn to answer.
    lead : str
        First sentence, in French.
    reason : str
        As in :class:`serving.dialogue.reply.TicketDraft`.
    intent : str, optional
        Subject; the one understood, else a request for a person.
    due : date, optional
        Day by which it must be treated.
    state : Conversation, optional
        State after the turn; settled when omitted.
    """
    subject = intent or turn.understanding.intent or "demander_humain"
    ways = turn.knowledge.say("ways")
    return Move(
        paragraphs=(lead, hours_sentence(turn), ways),
        action=NextAction(kind="hand_over", target="conseiller", phones=(desk_phone(turn),)),
        quick_replies=WAYS,
        ticket=ticket(turn, subject, reason=reason, due=due),
        state=state or turn.settled(last_intent=subject),
    )


def ticket(turn: Turn, intent: str, *, reason: str, due: date | None = None) -> TicketDraft:
    """Request for a person about an intent."""
    known = turn.knowledge.intents[intent]
    return TicketDraft(
        intent=intent,
        theme=known.theme,
        nature=known.nature,
        reason=reason,
        channel=turn.channel,
        commune=turn.understanding.value("commune") or turn.conversation.commune,
        opened=turn.now,
        due=due,
        request_number=turn.understanding.value("numero_demande"),
    )


def desk_phone(turn: Turn) -> PhoneOption:
    """Number of the waste service."""
    contact = turn.knowledge.contacts["dechets"]
    return PhoneOption(name=contact.name, number=contact.phone or "", note=contact.note)


def hours_sentence(turn: Turn) -> str:
    """Whether a person is there now, and until or from when."""
    closing = turn.opening_hours.closing_time(turn.now)
    if closing is not None:
        return turn.knowledge.say("hours_open", {"heure": hour_in_words(closing)})
    opening = turn.opening_hours.next_opening(turn.now)
    if opening is None:
        return turn.knowledge.say("hours_unknown")
    local = turn.now.astimezone(ZoneInfo(turn.opening_hours.desk.time_zone))
    day = day_in_words(opening.date(), today=local.date())
    return turn.knowledge.say("hours_closed", {"reprise": f"{day} à {hour_in_words(opening)}"})


def hour_in_words(moment: datetime) -> str:
    """Time of day: ``9 heures``, ``17 h 30``."""
    if moment.minute == 0:
        return f"{moment.hour}{NO_BREAK}heure{'s' if moment.hour > 1 else ''}"
    return f"{moment.hour}{NO_BREAK}h{NO_BREAK}{moment.minute:02d}"


def day_in_words(day: date, *, today: date) -> str:
    """Day as one says it: ``aujourd'hui``, ``demain, mardi 24 novembre``, ``lundi 30 novembre``."""
    if day == today:
        return "aujourd'hui"
    number = "1er" if day.day == 1 else str(day.day)
    year = f" {day.year}" if day.year != today.year else ""
    name = f"{WEEKDAYS[day.weekday()]} {number}{NO_BREAK}{MONTHS[day.month - 1]}{year}"
    return f"demain, {name}," if day == today + timedelta(days=1) else name
