"""Answers from the knowledge base, with what must follow them."""

from dataclasses import replace

from nudge.french.typography import typeset
from serving.dialogue.conversation import Conversation
from serving.dialogue.hand_over import desk_phone, hand_over_move, hours_sentence, ticket
from serving.dialogue.places import commune_of, commune_of_click, is_place_alone, sector_of
from serving.dialogue.quick_replies import ADVISER, WAYS, intent_replies
from serving.dialogue.reply import Move, NextAction, QuickReply, Source
from serving.dialogue.slots import missing_slot_move
from serving.dialogue.turn import Turn
from serving.dialogue.words import known_words
from serving.knowledge.answer import Answer
from serving.knowledge.rendering import render

OUT_OF_SCOPE = "hors_perimetre"
# What is no subject to choose: the adviser is always proposed besides.
UNPROPOSED = frozenset({OUT_OF_SCOPE, "bavardage", "demander_humain"})
# After these a request for a person may still be completed.
ASIDE = frozenset({"bavardage", "contact_horaires", "identite_bot", "satisfaction_avis"})
# A person must act: Sophie answers, and hands the request over.
REQUESTS = frozenset({"bac_livraison", "reclamation", "suivi_demande", "rdv_prendre"})
# What depends on the place: nothing is said of the territory for a commune outside it.
LOCAL = frozenset(
    {"collecte_calendrier", "collecte_perturbation", "collecte_sortie_bac", "commune_info",
     "decheterie_adresse_horaires", "dechets_verts", "encombrants_info", "pav_localiser"}
)  # fmt: skip
OF_A_PLACE = ("collecte_calendrier", "decheterie_adresse_horaires", "pav_localiser", "commune_info")
STREET_LEAK = QuickReply(
    label="Signaler une fuite dans la rue", payload="signalement:fuite_eau_voirie"
)


def answer_move(turn: Turn, intent: str) -> Move:
    """Answer to an intent, or the question that it needs, or a person when there is no answer."""
    outside = turn.understanding.entity("commune_hors_territoire") is not None
    if intent in LOCAL and outside and turn.understanding.entity("commune") is None:
        intent = OUT_OF_SCOPE
    asked = missing_slot_move(turn, intent)
    if asked is not None:
        return asked
    words = known_words(turn)
    commune = commune_of_click(turn) or commune_of(turn)
    answer = turn.knowledge.answer_for(intent, commune=commune, day=turn.today, words=words)
    if answer is None:
        return hand_over_move(
            turn, turn.knowledge.say("hand_over_check"), reason="check", intent=intent
        )
    ticket = turn.conversation.ticket if intent in ASIDE else None
    state = _remembered(turn, turn.settled(last_intent=intent, ticket=ticket), commune)
    return _told(turn, intent, answer, words, state)


def _told(
    turn: Turn, intent: str, answer: Answer, words: dict[str, str], state: Conversation
) -> Move:
    known = {**turn.knowledge.usual_words(), **words}
    body, spoken = [render(answer.text, known)], [render(answer.voice_text or answer.text, known)]
    if answer.synthetic:
        body.append(turn.knowledge.say("synthetic"))
        spoken.append(turn.knowledge.say("synthetic", voice=True))
    source = Source(
        title=answer.source,
        date=answer.valid_from,
        synthetic=answer.synthetic,
        url=answer.source_url,
    )
    move = Move(
        paragraphs=tuple(body),
        spoken=tuple(spoken),
        action=NextAction(kind="answer", target=intent),
        quick_replies=(*intent_replies(answer.quick_replies, turn.knowledge), *_extra(intent)),
        sources=(source,),
        state=state,
    )
    if intent in REQUESTS:
        return _requested(turn, intent, move)
    if answer.link is not None:
        return replace(
            move,
            action=NextAction(kind="link", target=answer.link.url),
            paragraphs=(*body, typeset(f"{answer.link.label} : {answer.link.url}")),
        )
    return move


def _requested(turn: Turn, intent: str, move: Move) -> Move:
    hours = hours_sentence(turn)
    return replace(
        move,
        paragraphs=(*move.paragraphs, hours),
        spoken=(*move.spoken, hours),
        action=NextAction(kind="hand_over", target="service", phones=(desk_phone(turn),)),
        quick_replies=(*move.quick_replies, *WAYS),
        ticket=ticket(turn, intent, reason="request"),
    )


def _extra(intent: str) -> tuple[QuickReply, ...]:
    return (STREET_LEAK,) if intent == "eau_fuite" else ()


def _remembered(turn: Turn, state: Conversation, commune: str | None) -> Conversation:
    if commune is None:
        return state
    sector = sector_of(turn, commune)
    return replace(
        state,
        commune=commune,
        sector=sector.identifier if sector else None,
        possible_communes=(),
    )


def fallback_move(turn: Turn) -> Move:
    """First time: say it otherwise; second time in a row, or in a letter: a person."""
    say = turn.knowledge.say
    counted = turn.conversation.fallbacks + 1
    if counted > 1 or turn.is_letter:
        return hand_over_move(
            turn, say("hand_over_fallback"), reason="not_understood",
            state=turn.settled(last_intent=None),
        )  # fmt: skip
    state = turn.settled(
        fallbacks=counted,
        last_intent=turn.conversation.last_intent,
        clarified=turn.conversation.clarified,
        ticket=turn.conversation.ticket,
    )
    return _unheard(turn, state)


def place_alone_move(turn: Turn) -> Move | None:
    """Ask what is wanted of a place that is named alone; None when the message says more."""
    understood = turn.understanding
    entity = understood.entity("commune")
    if turn.is_letter or entity is None or understood.decision == "answer":
        return None
    if not is_place_alone(turn):
        return None
    name = turn.knowledge.communes.get(entity.value, entity.text)
    return Move(
        paragraphs=(turn.knowledge.say("place_alone", {"lieu": name}),),
        action=NextAction(kind="clarify", target="reformuler"),
        quick_replies=(*intent_replies(OF_A_PLACE, turn.knowledge), ADVISER),
        state=turn.settled(last_intent=None),
    )


def _unheard(turn: Turn, state: Conversation) -> Move:
    understood, say = turn.understanding, turn.knowledge.say
    # A place of the territory alone is no reason to send somebody away.
    if understood.intent == OUT_OF_SCOPE and understood.entity("commune") is None:
        return replace(answer_move(turn, OUT_OF_SCOPE), state=state)
    key = "rephrase"
    if understood.intent is None:
        key = "empty"
    if understood.reason == "foreign_language":
        key = "foreign"
    proposed = [name for name, _ in understood.ranking if name not in UNPROPOSED][:2]
    return Move(
        paragraphs=(say(key),),
        spoken=(say(key, voice=True),),
        action=NextAction(kind="clarify", target="reformuler"),
        quick_replies=(*intent_replies(proposed, turn.knowledge), ADVISER),
        state=state,
    )
