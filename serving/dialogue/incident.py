"""An incident report taken in conversation: what, where, then the citizen's word to send it."""

import re
from dataclasses import replace
from types import MappingProxyType

from nlu.entities.folding import fold_words
from serving.dialogue.conversation import ReportDraft
from serving.dialogue.hand_over import hand_over_move
from serving.dialogue.other_request import asks, other_intent
from serving.dialogue.places import (
    commune_choices,
    commune_of,
    designated_communes,
    is_place_alone,
)
from serving.dialogue.quick_replies import ADVISER, intent_replies
from serving.dialogue.reply import Move, NextAction, QuickReply
from serving.dialogue.report_words import described, detailed, place_in_words
from serving.dialogue.turn import Turn
from serving.knowledge.lexicon import mentions
from serving.knowledge.rendering import render

# Codes of the incidents' list of services, and their names for people.
SERVICES = MappingProxyType(
    {
        "depot_sauvage": "dépôt sauvage",
        "pav_plein": "point d’apport plein",
        "pav_degrade": "point d’apport abîmé",
        "bac_casse": "bac cassé",
        "bac_perdu_vole": "bac perdu ou volé",
        "collecte_manquee": "collecte non faite",
        "corbeille_pleine": "corbeille pleine",
        "megots_plage": "mégots sur la plage",
        "fuite_eau_voirie": "fuite d’eau dans la rue",
    }
)
# Kinds of incident that an intent may mean; one of them is no question.
KINDS = MappingProxyType(
    {
        "signaler_depot_sauvage": ("depot_sauvage",),
        "signaler_pav_plein": ("pav_plein", "pav_degrade"),
        "signaler_autre": ("corbeille_pleine", "megots_plage", "fuite_eau_voirie"),
        "bac_casse": ("bac_casse",),
        "bac_perdu_vole": ("bac_perdu_vole",),
        "collecte_manquee": ("collecte_manquee",),
        "eau_fuite": ("fuite_eau_voirie",),
    }
)
INCIDENTS = frozenset(KINDS) - {"eau_fuite"}
CUES = MappingProxyType(
    {
        "pav_degrade": re.compile(r"\b(?:cass|kass|abim|degrad|brul|tag|trou)"),
        "pav_plein": re.compile(r"\b(?:plein|plain|debord|rempli|ras bord|satur)"),
        "corbeille_pleine": re.compile(r"\b(?:corbeille|poubelle publique)"),
        "megots_plage": re.compile(r"\b(?:megot|mego)\w*\b.*\bplage|\bplage\b.*\bmego"),
    }
)
OPEN_SLOTS = frozenset({"type_incident", "lieu", "lieu_commune", "confirmation"})


def starts_report(turn: Turn) -> bool:
    """Whether a message opens a report: an incident's intent, or the click on a kind."""
    understood = turn.understanding
    clicked = understood.value("type_incident") in SERVICES
    return clicked or (understood.decision == "answer" and understood.intent in INCIDENTS)


def report_move(turn: Turn) -> Move | None:
    """Next step of the report that is open or that the message opens; None without one."""
    draft = turn.conversation.report
    open_slot = turn.conversation.open_slot in OPEN_SLOTS
    if draft is not None and open_slot and not _changed_subject(turn, draft):
        return _continued(turn, draft)
    if not starts_report(turn):
        return None
    intent = turn.understanding.intent or _intent_of(turn.understanding.value("type_incident"))
    opened = ReportDraft(
        intent=intent,
        description="" if turn.understanding.reason == "click" else described(turn.message),
    )
    return _step(turn, _filled(turn, opened), first=True)


def _changed_subject(turn: Turn, draft: ReportDraft) -> bool:
    """Whether the citizen asks something else; words given for a place never are."""
    understood = turn.understanding
    if understood.intent is None or understood.decision != "answer":
        return False
    if understood.reason == "click":
        return True
    asks = turn.message.rstrip().endswith("?")
    slot = turn.conversation.open_slot
    if slot == "confirmation" and _agrees(turn):
        return False
    free_text = slot in ("lieu", "lieu_commune", "confirmation") and not asks
    return not free_text and understood.intent not in (draft.intent, *INCIDENTS)


def _continued(turn: Turn, draft: ReportDraft) -> Move | None:
    known, slot, message = turn.knowledge, turn.conversation.open_slot, turn.message
    answer = turn.understanding.value("confirmation")
    if answer == "non" or mentions(message, known.lexicons.cancel):
        return _cancelled(turn)
    if slot == "confirmation":
        return _confirmed(turn, draft)
    if slot == "type_incident" and turn.understanding.value("type_incident") == "autre":
        lead = known.say("hand_over_request")
        return hand_over_move(turn, lead, reason="request", intent=draft.intent)
    filled = detailed(turn, _filled(turn, draft))
    if slot == "lieu" and not filled.address_string and (draft.commune or not is_place_alone(turn)):
        filled = replace(filled, address_string=place_in_words(message))
    if slot == "lieu_commune" and message and turn.understanding.entity("commune") is None:
        address = turn.understanding.entity("adresse")
        said = address.text if address is not None else message
        precise = place_in_words(f"{said}, {draft.address_string}")
        filled = replace(filled, address_string=precise)
    if slot == "type_incident" and not filled.service_code:
        return _asked_again(turn, draft)
    return _step(turn, filled)


def _confirmed(turn: Turn, draft: ReportDraft) -> Move | None:
    corrected = _corrected(turn, draft)
    if corrected != draft:
        return _step(turn, corrected)
    if _agrees(turn):
        return _sent(turn, draft)
    refused = mentions(turn.message, turn.knowledge.lexicons.refuse)
    if refused and not mentions(turn.message, turn.knowledge.lexicons.agree):
        return _cancelled(turn)
    return _asked_again(turn, draft)


def _agrees(turn: Turn) -> bool:
    answer, lexicons = turn.understanding.value("confirmation"), turn.knowledge.lexicons
    agreed = mentions(turn.message, lexicons.agree) and not mentions(turn.message, lexicons.refuse)
    return answer == "oui" or (not answer and agreed)


def _sent(turn: Turn, draft: ReportDraft) -> Move:
    """Report that is confirmed, with the detail added, and what is asked besides."""
    known, sure = turn.knowledge, turn.understanding.decision == "answer"
    other = other_intent(turn) if sure and asks(turn.message) else None
    complete = draft if other else detailed(turn, draft)
    told = [known.say("report_ready", _summary(turn, draft))]
    if complete != draft:
        told.append(known.say("report_detail"))
    if other:
        told.append(known.say("other_request_offered", {"sujet": known.intents[other].title}))
    return Move(
        paragraphs=tuple(told),
        action=NextAction(kind="report", target=draft.service_code),
        quick_replies=(*intent_replies((other,) if other else (), known), ADVISER),
        report=complete,
        state=turn.settled(last_intent=draft.intent, commune=_kept_commune(turn, draft)),
    )


def _filled(turn: Turn, draft: ReportDraft) -> ReportDraft:
    """Draft with what the message gives; what is known stays."""
    address, doubtful = turn.understanding.entity("adresse"), len(designated_communes(turn)) > 1
    commune = turn.conversation.commune if doubtful else commune_of(turn)
    return replace(
        draft,
        service_code=draft.service_code or _kind(turn, draft.intent),
        address_string=draft.address_string or (place_in_words(address.text) if address else ""),
        commune=draft.commune or commune or "",
    )


def _corrected(turn: Turn, draft: ReportDraft) -> ReportDraft:
    """Draft with the place that the message gives instead; a part of the known one is no change."""
    address, named = turn.understanding.entity("adresse"), designated_communes(turn)
    place = place_in_words(address.text) if address else ""
    return replace(
        draft,
        address_string=draft.address_string
        if fold_words(place) in fold_words(draft.address_string)
        else place,
        commune=named[0] if len(named) == 1 else draft.commune,
    )


def _step(turn: Turn, draft: ReportDraft, *, first: bool = False) -> Move:
    known, asked = turn.knowledge, turn.conversation.open_slot
    outside = turn.understanding.entity("commune_hors_territoire")
    named = turn.understanding.entity("commune") is not None
    if outside is not None and not named and (first or not draft.commune):
        return Move(
            paragraphs=(known.say("outside_territory"),),
            action=NextAction(kind="answer", target="hors_perimetre"),
            quick_replies=(ADVISER,),
            state=turn.settled(last_intent="hors_perimetre"),
        )
    if turn.is_letter:
        return _letter(turn, draft)
    thanks = _thanks(turn, draft) if first else ()
    if not draft.service_code:
        kinds = KINDS[draft.intent]
        choices = [QuickReply(label=_title(one), payload=f"signalement:{one}") for one in kinds]
        other = QuickReply(label="Autre chose", payload="signalement:autre")
        return _ask(turn, draft, "type_incident", (*thanks, known.say("ask_incident_type")),
                    (*choices, other))  # fmt: skip
    doubtful = not draft.commune and len(designated_communes(turn)) > 1
    if not draft.address_string and not (doubtful and asked == "lieu"):
        key = "ask_place_street" if draft.commune else "ask_place"
        return _ask(turn, draft, "lieu", (*thanks, known.say(key, _commune_words(turn, draft))), ())
    again = asked == "lieu_commune" and not (doubtful and not turn.conversation.fallbacks)
    if not draft.commune and not again:
        key = "ask_place_commune_among" if doubtful else "ask_place_commune"
        move = _ask(turn, draft, "lieu_commune", (*thanks, known.say(key)), commune_choices(turn))
        counted = 1 if asked == "lieu_commune" else 0
        return replace(move, state=replace(move.state, fallbacks=counted))
    choices = [
        QuickReply(label="Oui, transmettre", payload="confirmer:oui"),
        QuickReply(label="Non, annuler", payload="confirmer:non"),
    ]
    text = known.say("confirm_report", _summary(turn, draft))
    return _ask(turn, draft, "confirmation", (*thanks, text), tuple(choices))


def _letter(turn: Turn, draft: ReportDraft) -> Move:
    """A letter is the citizen's word: a complete report goes, another goes to a person."""
    if draft.service_code and draft.address_string:
        return Move(
            paragraphs=(turn.knowledge.say("report_ready", _summary(turn, draft)),),
            action=NextAction(kind="report", target=draft.service_code),
            report=draft,
            state=turn.settled(last_intent=draft.intent),
        )
    lead = " ".join((*_thanks(turn, draft), turn.knowledge.say("hand_over_request")))
    return hand_over_move(turn, lead, reason="request", intent=draft.intent)


def _ask(
    turn: Turn,
    draft: ReportDraft,
    slot: str,
    paragraphs: tuple[str, ...],
    choices: tuple[QuickReply, ...],
) -> Move:
    return Move(
        paragraphs=paragraphs,
        action=NextAction(kind="ask_slot", target=slot),
        quick_replies=(*choices, ADVISER),
        state=turn.settled(last_intent=draft.intent, open_slot=slot, report=draft),
    )


def _asked_again(turn: Turn, draft: ReportDraft) -> Move:
    """The same question once more; after that, a person."""
    counted = turn.conversation.fallbacks + 1
    if counted > 1:
        lead = turn.knowledge.say("hand_over_fallback")
        return hand_over_move(turn, lead, reason="not_understood", intent=draft.intent)
    move = _step(turn, draft)
    return replace(move, state=replace(move.state, fallbacks=counted))


def _cancelled(turn: Turn) -> Move:
    return Move(
        paragraphs=(turn.knowledge.say("report_cancelled"),),
        action=NextAction(kind="answer", target="annulation"),
        quick_replies=(ADVISER,),
        state=turn.settled(),
    )


def _kind(turn: Turn, intent: str) -> str:
    clicked = turn.understanding.value("type_incident")
    if clicked in SERVICES:
        return clicked
    kinds = KINDS[intent]
    if len(kinds) == 1:
        return kinds[0]
    message = fold_words(turn.message)
    found = [one for one, cue in CUES.items() if one in kinds and cue.search(message)]
    return found[0] if found else ""


def _intent_of(service_code: str) -> str:
    return next(intent for intent, kinds in KINDS.items() if service_code in kinds)


def _thanks(turn: Turn, draft: ReportDraft) -> tuple[str, ...]:
    if turn.understanding.intent is None:
        return ()
    answer = turn.knowledge.answer_for(draft.intent, commune=None, day=turn.today)
    return (render(answer.text, turn.knowledge.usual_words()),) if answer is not None else ()


def _summary(turn: Turn, draft: ReportDraft) -> dict[str, str]:
    return {
        "type_incident": SERVICES[draft.service_code],
        "lieu": draft.address_string,
        "commune": turn.knowledge.communes.get(draft.commune, "commune à préciser"),
    }


def _commune_words(turn: Turn, draft: ReportDraft) -> dict[str, str]:
    name = turn.knowledge.communes.get(draft.commune)
    return {"commune": name} if name else {}


def _kept_commune(turn: Turn, draft: ReportDraft) -> str | None:
    return draft.commune or turn.conversation.commune


def _title(service_code: str) -> str:
    name = SERVICES[service_code]
    return name[:1].upper() + name[1:]
