"""What a message asks besides a danger that it tells of, or a report that it confirms."""

import re
from collections.abc import Callable
from dataclasses import replace

from nlu.entities.folding import fold_words
from serving.dialogue.quick_replies import intent_replies
from serving.dialogue.reply import Move
from serving.dialogue.turn import Turn

# Subjects that nobody means by the words of a danger: those of waste, leaks and reports are not.
APART = frozenset(
    {"assainissement_conformite", "bac_livraison", "bac_perdu_vole", "collecte_calendrier",
     "collecte_manquee", "collecte_perturbation", "collecte_sortie_bac", "comparaison_tri",
     "decheterie_adresse_horaires", "defi_participer", "eau_prix", "nudge_info", "nudge_stop",
     "rdv_prendre", "reclamation", "redevance_pro", "rgpd_droits", "suivi_demande",
     "teom_particulier"}
)  # fmt: skip


LIKELY = 0.5
QUESTION = re.compile(
    r"(?:et |mais |sinon |bonjour )?(?:quand|quel|quelle|quels|quelles|comment|combien|pourquoi|ou|"
    r"est ce|qui|c est (?:quand|ou|quoi|combien)|peut on|puis je|pouvez vous)\b"
)


def asks(message: str) -> bool:
    """Whether a message is a question, with its mark or, as a voice says it, by its first words."""
    return message.rstrip().endswith("?") or QUESTION.match(fold_words(message)) is not None


def other_intent(turn: Turn) -> str | None:
    """Intent that a message has besides, when the classifier sees one; None otherwise."""
    understood = turn.understanding
    # The words of a danger make a message look out of scope.
    seen = understood.decision != "hand_over" or understood.confidence >= LIKELY
    seen = seen and understood.reason != "click"
    return understood.intent if seen and understood.intent in APART else None


def with_other_request(turn: Turn, move: Move, *, answered: Callable[[Turn], Move]) -> Move:
    """Safety instructions, followed by what the message asks besides.

    A letter answers it, for nothing can be asked after it. Elsewhere it is named and proposed as
    the first choice: instructions must stay short.

    Parameters
    ----------
    turn : Turn
        Turn that tells of a danger.
    move : Move
        Instructions.
    answered : callable
        Answers the turn as if there were no danger.
    """
    intent = other_intent(turn)
    if intent is None:
        return move
    known, subject = turn.knowledge, {"sujet": turn.knowledge.intents[intent].title}
    spoken = move.spoken or move.paragraphs
    if not turn.is_letter:
        offer = known.say("other_request_offered", subject)
        return replace(
            move,
            paragraphs=(*move.paragraphs, offer),
            spoken=(*spoken, offer),
            quick_replies=(*intent_replies((intent,), known), *move.quick_replies),
        )
    other, lead = answered(turn), known.say("other_request", subject)
    return replace(
        other,
        paragraphs=(*move.paragraphs, lead, *other.paragraphs),
        spoken=(*spoken, lead, *(other.spoken or other.paragraphs)),
        action=move.action,
    )
