"""Understanding without the model: danger, rights and requests for a person, by key words."""

from collections.abc import Sequence

from nlu.entities.entity import Entity
from serving.dialogue.understanding import Understanding
from serving.knowledge.lexicon import Lexicons, mentions


def understand_by_keywords(
    message: str, lexicons: Lexicons, *, entities: Sequence[Entity] = ()
) -> Understanding:
    """Understanding of a message when there is no model.

    Only what must never wait is recognised: a leak, a request on personal data or on messages, a
    complaint, a request for a person, and whether Sophie is one. Anything else is handed over.

    Parameters
    ----------
    message : str
        As received.
    lexicons : Lexicons
        Words to look for.
    entities : sequence of Entity
        Entities found without the model, if any.
    """
    rules = (
        ("eau_fuite", mentions(message, lexicons.water_leak)),
        ("rgpd_droits", mentions(message, lexicons.rights)),
        ("nudge_stop", mentions(message, lexicons.stop)),
        ("identite_bot", mentions(message, lexicons.keyword_intents.get("identite_bot", ()))),
        ("demander_humain", mentions(message, lexicons.human)),
        ("reclamation", mentions(message, lexicons.keyword_intents.get("reclamation", ()))),
    )
    intent = next((name for name, found in rules if found), None)
    return Understanding(
        intent=intent,
        confidence=0.0 if intent is None else 1.0,
        decision="hand_over" if intent is None else "answer",
        ranking=() if intent is None else ((intent, 1.0),),
        entities=tuple(entities),
        degraded=True,
        reason="keywords",
    )
