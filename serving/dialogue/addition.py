"""Words that complete a request for a person, opened a little earlier in the conversation."""

from nlu.redaction.redact import redact
from serving.dialogue.conversation import OpenTicket
from serving.dialogue.hand_over import hours_sentence
from serving.dialogue.other_request import asks
from serving.dialogue.quick_replies import WAYS
from serving.dialogue.quoted_numbers import spelled
from serving.dialogue.reply import Move, NextAction
from serving.dialogue.turn import Turn
from serving.knowledge.lexicon import mentions

# What is asked or said to Sophie herself, and not to the person who takes the request.
TALK = frozenset({"bavardage", "identite_bot"})


def addition_move(turn: Turn) -> Move | None:
    """Add a message to the request that is open; None without one, or for a new request.

    A new request is one that the classifier is sure of, about another subject, unless the message
    says that it adds something. A question is answered, not added, the first time.
    """
    ticket = turn.conversation.ticket
    if ticket is None or not _adds(turn, ticket):
        return None
    return joined_move(turn, ticket)


def joined_move(turn: Turn, ticket: OpenTicket, *, lead: str | None = None) -> Move:
    """Add a message to a request, and say so with its number.

    Parameters
    ----------
    turn : Turn
        Turn whose message is added.
    ticket : OpenTicket
        Request to complete.
    lead : str, optional
        First sentence, in French.
    """
    say = turn.knowledge.say
    left_out = (say("ticket_addition_redacted"),) if redact(turn.message).spans else ()
    after = (*left_out, hours_sentence(turn))
    before = () if lead is None else (lead,)
    written = say("ticket_addition", {"numero": ticket.number})
    heard = say("ticket_addition", {"numero": spelled(ticket.number)})
    return Move(
        paragraphs=(*before, written, *after),
        spoken=(*before, heard, *after),
        action=NextAction(kind="answer", target="demande_completee"),
        quick_replies=WAYS,
        addition=ticket.number,
        state=turn.settled(last_intent=turn.conversation.last_intent, ticket=ticket),
    )


def _adds(turn: Turn, ticket: OpenTicket) -> bool:
    understood, lexicons = turn.understanding, turn.knowledge.lexicons
    if understood.reason == "click" or understood.intent is None:
        return False
    if mentions(turn.message, lexicons.addition):
        return True
    if asks(turn.message) and not turn.conversation.fallbacks:
        return False
    if understood.intent in TALK and understood.decision == "answer":
        return False
    return understood.decision != "answer" or understood.intent == ticket.intent
