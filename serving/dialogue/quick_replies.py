"""Choices to click, and what a click means."""

import re
from collections.abc import Iterable

from nlu.entities.entity import Entity
from serving.dialogue.reply import QuickReply
from serving.dialogue.understanding import Understanding
from serving.knowledge.knowledge_base import KnowledgeBase

ADVISER = QuickReply(label="Parler à un conseiller", payload="intent:demander_humain")
WAYS = (
    QuickReply(label="Laisser un message", payload="action:formulaire"),
    QuickReply(label="Téléphoner", payload="action:telephone"),
    QuickReply(label="Venir à l’accueil", payload="action:accueil"),
)
# Prefix of a payload to the slot that it fills.
SLOT_OF = {
    "commune": "commune",
    "secteur": "secteur",
    "objet": "type_dechet",
    "signalement": "type_incident",
    "confirmer": "confirmation",
}
# Sectors and kinds of incident have such names.
_NAME = re.compile(r"(?=.{1,64}$)[a-z]+(?:[-_](?:[a-z]+|[0-9]{1,3}))*")


def intent_replies(names: Iterable[str], knowledge: KnowledgeBase) -> tuple[QuickReply, ...]:
    """Choices among intents, by their titles."""
    return tuple(
        QuickReply(label=knowledge.intents[name].title, payload=f"intent:{name}")
        for name in dict.fromkeys(names)
        if name in knowledge.intents
    )


def understanding_of_click(payload: str, knowledge: KnowledgeBase) -> Understanding:
    """What a click means: certain, and without the model.

    Parameters
    ----------
    payload : str
        Payload of a quick reply: ``intent:…``, ``commune:…``, ``secteur:…``, ``objet:…``,
        ``signalement:…``, ``confirmer:…`` or ``action:…``.
    knowledge : KnowledgeBase
        Known intents.

    Raises
    ------
    ValueError
        The payload is none of those that Sophie offers; in French.
    """
    kind, _, value = payload.partition(":")
    if kind == "action" and payload in {one.payload for one in WAYS}:
        kind, value = "intent", "contact_horaires"
    if kind == "intent" and value in knowledge.intents:
        return Understanding(
            intent=value,
            confidence=1.0,
            decision="answer",
            ranking=((value, 1.0),),
            reason="click",
        )
    if kind not in SLOT_OF or not value:
        raise ValueError("choix inconnu : renvoyer une valeur reçue dans « quick_replies »")
    entity = Entity(name=SLOT_OF[kind], start=0, end=len(value), text=value, value=value)
    return Understanding(
        intent=None, confidence=1.0, decision="answer", entities=(entity,), reason="click"
    )


def payload_to_keep(payload: str, knowledge: KnowledgeBase) -> str:
    """Return a payload as it may be stored: a value that Sophie never offers may be anything."""
    kind, _, value = payload.partition(":")
    known = {
        "intent": value in knowledge.intents,
        "commune": value in knowledge.communes,
        "objet": value in knowledge.objects,
        "confirmer": value in ("oui", "non"),
    }
    return payload if known.get(kind, _NAME.fullmatch(value) is not None) else f"{kind}:autre"
