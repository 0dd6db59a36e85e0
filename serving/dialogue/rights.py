"""Rights over personal data and over messages: acted upon or routed the same day."""

from nudge.french.numbers import date_fr
from serving.dialogue.hand_over import desk_phone, hand_over_move, hours_sentence, ticket
from serving.dialogue.quick_replies import ADVISER, intent_replies
from serving.dialogue.reply import Move, NextAction, Source
from serving.dialogue.turn import Turn

RIGHTS = frozenset({"nudge_stop", "rgpd_droits"})


def rights_move(turn: Turn) -> Move | None:
    """Act on ``nudge_stop`` and ``rgpd_droits``; None when the message is about neither.

    A choice may be asked once; after that the request is acted upon or given to a person, today.
    """
    understood = turn.understanding
    asked_before = bool(RIGHTS & set(turn.conversation.clarified))
    likely = {name for name, _ in understood.ranking[:2]}
    if understood.intent in RIGHTS:
        if understood.decision == "clarify" and not asked_before and not turn.is_letter:
            return None
        return opt_out_move(turn) if understood.intent == "nudge_stop" else _request(turn)
    if understood.decision == "clarify" and RIGHTS & likely and (asked_before or turn.is_letter):
        intent = next(name for name, _ in understood.ranking[:2] if name in RIGHTS)
        lead = turn.knowledge.say("hand_over_check")
        return hand_over_move(turn, lead, reason="rights", intent=intent, due=turn.today)
    return None


def opt_out_move(turn: Turn) -> Move:
    """Stop the messages today, and have the other channels follow."""
    text = turn.knowledge.say("opt_out", {"aujourdhui": date_fr(turn.today)})
    return Move(
        paragraphs=(text,),
        action=NextAction(
            kind="opt_out", target=turn.understanding.value("canal") or "tous_les_canaux"
        ),
        quick_replies=(*intent_replies(("rgpd_droits",), turn.knowledge), ADVISER),
        sources=_sources(turn, "nudge_stop"),
        ticket=ticket(turn, "nudge_stop", reason="opt_out", due=turn.today),
        state=turn.settled(last_intent="nudge_stop"),
    )


def _request(turn: Turn) -> Move:
    text = turn.knowledge.say("rights", {"aujourdhui": date_fr(turn.today)})
    return Move(
        paragraphs=(text, hours_sentence(turn)),
        action=NextAction(kind="rights", target="donnees", phones=(desk_phone(turn),)),
        quick_replies=(*intent_replies(("nudge_stop",), turn.knowledge), ADVISER),
        sources=_sources(turn, "rgpd_droits"),
        ticket=ticket(turn, "rgpd_droits", reason="rights", due=turn.today),
        state=turn.settled(last_intent="rgpd_droits"),
    )


def _sources(turn: Turn, intent: str) -> tuple[Source, ...]:
    answer = turn.knowledge.answer_for(intent, commune=None, day=turn.today)
    if answer is None:
        return ()
    return (
        Source(
            title=answer.source,
            date=answer.valid_from,
            synthetic=answer.synthetic,
            url=answer.source_url,
        ),
    )
