"""Numbers that a person must be able to quote later, where the channel shows only words."""

from dataclasses import replace

from serving.dialogue.reply import Reply
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.knowledge.speech import spoken


def with_numbers(
    said: Reply, *, knowledge: KnowledgeBase, ticket: str | None, report: str | None, voice: bool,
    letter: bool,
) -> Reply:  # fmt: skip
    """Return a reply that tells the numbers given to what it opened.

    Parameters
    ----------
    said
        Reply, whose numbers are known only once it is stored.
    knowledge
        Holds the sentences.
    ticket, report
        Numbers of the request for a person and of the incident report; None without one.
    voice, letter
        Whether the reply is heard, or is a letter. Elsewhere the page shows the numbers.
    """
    given = {"ticket": ticket, "report": report}
    numbers = {name: number for name, number in given.items() if number is not None}
    if voice:
        told = [
            spoken(knowledge.say(f"voice_{name}", {"numero": spelled(number)}))
            for name, number in numbers.items()
        ]
        return replace(said, speech_text=" ".join((said.speech_text, *told)))
    if letter:
        told = [
            knowledge.say(f"letter_{name}", {"numero": number}) for name, number in numbers.items()
        ]
        return replace(said, text="\n\n".join((said.text, *told)))
    return said


def spelled(number: str) -> str:
    """Return a number sign by sign, as one dictates it: ``T, 7 K 2 M 9 Q X A``."""
    return ", ".join(" ".join(group) for group in number.split("-"))
