"""Danger first: gas, fire, a life, urgent leaks, asbestos, needles."""

from serving.dialogue.answering import STREET_LEAK
from serving.dialogue.quick_replies import ADVISER, intent_replies
from serving.dialogue.reply import Move, NextAction, PhoneOption
from serving.dialogue.turn import Turn
from serving.knowledge.lexicon import Lexicons, mentions, without

PHONES = {
    "safety_gas": ("gaz", "secours", "secours_europe", "secours_sms"),
    "safety_fire": ("secours", "secours_europe", "secours_sms"),
    "safety_person": ("samu", "secours_europe", "secours_sms"),
    "safety_distress": ("ecoute", "samu", "secours_europe", "secours_sms"),
    "safety_water": ("secours", "secours_europe", "dechets"),
    "safety_asbestos": ("dechets", "secours", "secours_europe"),
    "safety_needle": ("secours_europe", "dechets"),
    "safety_gas_bottle": ("dechets", "gaz"),
}
REPORTED = {"safety_asbestos", "safety_needle", "safety_gas_bottle"}


def safety_move(turn: Turn) -> Move | None:
    """Instructions and numbers where a message tells of a danger; None otherwise.

    No question comes first, whatever the classifier decided. A report that was being filled in is
    kept for the next turn.
    """
    case = safety_case(turn)
    if case is None:
        return None
    known = turn.knowledge
    phones = tuple(
        PhoneOption(name=contact.name, number=contact.phone, note=contact.note)
        for contact in (known.contacts[key] for key in PHONES[case])
        if contact.phone
    )
    follow_up = intent_replies(("signaler_depot_sauvage",), known) if case in REPORTED else ()
    if case == "safety_water":
        follow_up = (STREET_LEAK,)
    conversation = turn.conversation
    return Move(
        paragraphs=(known.say(case),),
        spoken=(known.say(case, voice=True),),
        action=NextAction(kind="safety", target=case.removeprefix("safety_"), phones=phones),
        quick_replies=(*follow_up, ADVISER),
        state=turn.settled(
            report=conversation.report,
            open_slot=conversation.open_slot,
            ticket=conversation.ticket,
        ),
    )


def safety_case(turn: Turn) -> str | None:
    """Key of the instructions that a message calls for; the gravest first, None without any."""
    words, message = turn.knowledge.lexicons, turn.message
    classes = _classes(turn)
    cases = (
        ("safety_gas", mentions(message, words.gas)),
        ("safety_fire", mentions(without(message, words.not_fire), words.fire)),
        ("safety_person", mentions(message, words.person)),
        ("safety_distress", mentions(message, words.distress)),
        ("safety_water", _urgent_leak(turn, words)),
        ("safety_asbestos", "amiante" in classes or mentions(message, words.asbestos)),
        ("safety_needle", _needle(message, words, classes)),
        ("safety_gas_bottle", "gaz" in classes or mentions(message, words.gas_bottle)),
    )
    return next((key for key, found in cases if found), None)


def _needle(message: str, words: Lexicons, classes: set[str]) -> bool:
    other = mentions(message, words.other_needle)
    perhaps = "dasri" in classes or mentions(message, words.needle_perhaps)
    return mentions(message, words.needle) or (perhaps and not other)


def _urgent_leak(turn: Turn, words: Lexicons) -> bool:
    message = turn.message
    if mentions(message, words.denied_urgency):
        return False
    leak = turn.understanding.intent == "eau_fuite" or mentions(message, words.water_leak)
    urgent = bool(turn.understanding.value("urgence")) or mentions(message, words.water_danger)
    return leak and urgent


def _classes(turn: Turn) -> set[str]:
    """Safety categories of the objects named; an object that is not settled counts with all."""
    found: set[str] = set()
    for entity in turn.understanding.entities:
        if entity.name == "categorie_dechet":
            found.add(entity.value)
        if entity.name == "type_dechet":
            names = [entity.value] if entity.value else [one.value for one in entity.candidates]
            found |= {
                turn.knowledge.objects[name].category
                for name in names
                if name in turn.knowledge.objects
            }
    return found
