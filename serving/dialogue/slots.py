"""What must be known before some answers, asked once."""

from dataclasses import replace

from serving.dialogue.places import (
    ambiguous_words,
    commune_choices,
    commune_of,
    commune_of_click,
    sector_of,
    typed_sector,
)
from serving.dialogue.quick_replies import ADVISER
from serving.dialogue.reply import Move, NextAction, QuickReply
from serving.dialogue.turn import Turn

NEEDS_SECTOR = frozenset({"collecte_calendrier", "collecte_perturbation"})
NEEDS_COMMUNE = NEEDS_SECTOR | {"commune_info", "pav_localiser"}
NEEDS_OBJECT = frozenset({"tri_consigne_objet", "decheterie_dechets_acceptes"})
FILLED_BY = {
    "commune": ("commune",),
    "secteur": ("secteur", "commune"),
    "type_dechet": ("type_dechet",),
}
SHORT_MESSAGE = 4


def missing_slot_move(turn: Turn, intent: str) -> Move | None:
    """Question for what an answer needs; None when nothing is missing or it was just asked."""
    if turn.is_letter:
        return None
    commune = commune_of_click(turn) or commune_of(turn)
    if intent in NEEDS_COMMUNE and commune is None:
        return _ask_commune(turn, intent)
    if intent in NEEDS_SECTOR and commune is not None and sector_of(turn, commune) is None:
        choices = tuple(
            QuickReply(label=one.name, payload=f"secteur:{one.identifier}")
            for one in turn.calendar.sectors_of(commune)
        )
        text = turn.knowledge.say("ask_sector", {"commune": turn.knowledge.communes[commune]})
        return _ask(turn, intent, "secteur", text, choices, commune=commune)
    if intent in NEEDS_OBJECT:
        entity = turn.understanding.entity("type_dechet")
        if entity is not None and not entity.value and entity.candidates:
            choices = tuple(
                QuickReply(label=one.label, payload=f"objet:{one.value}")
                for one in entity.candidates
            )
            return _ask(turn, intent, "type_dechet", turn.knowledge.say("ask_object"), choices)
    return None


def slot_was_filled(turn: Turn) -> bool:
    """Whether a message gives what the last turn asked, rather than asking something else."""
    names = FILLED_BY.get(turn.conversation.open_slot or "", ())
    entity = next((one for name in names if (one := turn.understanding.entity(name))), None)
    if turn.conversation.last_intent is None:
        return False
    if entity is None:
        return typed_sector(turn) is not None and len(turn.message.split()) <= SHORT_MESSAGE
    understood = turn.understanding
    other_request = understood.decision == "answer" and understood.intent not in (
        None,
        turn.conversation.last_intent,
    )
    return not other_request or len(turn.message.split()) <= SHORT_MESSAGE


def _ask_commune(turn: Turn, intent: str) -> Move | None:
    words = ambiguous_words(turn)
    key = "ask_commune_again" if turn.conversation.possible_communes else "ask_commune"
    key = "ask_commune_among" if words else key
    text = turn.knowledge.say(key, {"mot": f"« {words} »"})
    return _ask(turn, intent, "commune", text, commune_choices(turn))


def _ask(
    turn: Turn,
    intent: str,
    slot: str,
    text: str,
    choices: tuple[QuickReply, ...],
    *,
    commune: str | None = None,
) -> Move | None:
    conversation = turn.conversation
    already = conversation.open_slot == slot and conversation.last_intent == intent
    narrowed = slot == "commune" and ambiguous_words(turn) and not conversation.fallbacks
    if already and not narrowed:
        return None
    state = turn.settled(
        last_intent=intent,
        open_slot=slot,
        fallbacks=1 if already else 0,
        asked_day=turn.understanding.value("date") or conversation.asked_day,
    )
    if commune is not None:
        state = replace(state, commune=commune, sector=None)
    return Move(
        paragraphs=(text,),
        action=NextAction(kind="ask_slot", target=slot),
        quick_replies=(*choices, ADVISER),
        state=state,
    )
