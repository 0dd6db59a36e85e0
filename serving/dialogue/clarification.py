"""Asking between the two most probable intents, once."""

from serving.dialogue.answering import UNPROPOSED, fallback_move
from serving.dialogue.hand_over import hand_over_move
from serving.dialogue.quick_replies import ADVISER, intent_replies
from serving.dialogue.reply import Move, NextAction
from serving.dialogue.turn import Turn
from serving.dialogue.words import choices_in_words


def clarification_move(turn: Turn) -> Move:
    """Choice between the two best intents; the same choice is not asked twice.

    A letter cannot be asked back at once: it goes to a person.
    """
    if turn.is_letter:
        lead = turn.knowledge.say("hand_over_check")
        return hand_over_move(turn, lead, reason="check")
    ranked = [name for name, _ in turn.understanding.ranking if name not in UNPROPOSED]
    proposed = tuple(ranked[:2])
    choices = intent_replies(proposed, turn.knowledge)
    if len(choices) < 2 or set(proposed) <= set(turn.conversation.clarified):
        return fallback_move(turn)
    question = choices_in_words([one.label for one in choices])
    return Move(
        paragraphs=(turn.knowledge.say("clarify", {"choix": question}),),
        action=NextAction(kind="clarify", target=" ".join(proposed)),
        quick_replies=(*choices, ADVISER),
        state=turn.settled(
            last_intent=turn.conversation.last_intent,
            clarified=tuple(dict.fromkeys((*turn.conversation.clarified, *proposed))),
            ticket=turn.conversation.ticket,
        ),
    )
