"""Small talk in a few words: thanks, goodbyes, and what only shows that one has read."""

from serving.dialogue.turn import Turn
from serving.knowledge.lexicon import mentions, without


def politeness(turn: Turn) -> str | None:
    """Kind of small talk of a message, as the answers to ``bavardage`` tell them apart.

    ``au_revoir``, ``merci``; and, once something was said, ``non`` (nothing more is wanted),
    ``entendu``, or ``ecoute``: a yes, an assent to a question that needs more words, or anything
    else that is no greeting.
    """
    lexicons, message = turn.knowledge.lexicons, turn.message
    if mentions(message, lexicons.goodbye):
        return "au_revoir"
    if is_acknowledgement(turn):
        if mentions(message, (*lexicons.nothing_more, *lexicons.cancel)):
            return "non"
        if mentions(message, lexicons.thanks):
            return "merci"
        waits = bool(turn.conversation.clarified or turn.conversation.fallbacks)
        return "ecoute" if waits or mentions(message, lexicons.assent) else "entendu"
    if mentions(message, lexicons.thanks):
        return "merci"
    greets = not turn.conversation.turn or mentions(message, lexicons.greeting)
    return None if greets else "ecoute"


def is_acknowledgement(turn: Turn) -> bool:
    """Whether a message, not the first, says nothing but « ok », « d'accord », « non merci »."""
    lexicons = turn.knowledge.lexicons
    words = (*lexicons.acknowledge, *lexicons.thanks, *lexicons.assent, *lexicons.nothing_more,
             *lexicons.cancel)  # fmt: skip
    return turn.conversation.turn > 0 and _says_only(turn.message, words)


def is_greeting(turn: Turn) -> bool:
    """Whether a message says nothing but « bonjour » or « allô »."""
    return _says_only(turn.message, turn.knowledge.lexicons.greeting)


def _says_only(message: str, words: tuple[str, ...]) -> bool:
    return mentions(message, words) and not without(message, words).split()
