"""A turn whose parts, some carried by the client, are all known to the service."""

import re
from dataclasses import replace

from serving.dialogue.conversation import Conversation, OpenTicket, ReportDraft
from serving.dialogue.incident import KINDS, OPEN_SLOTS
from serving.dialogue.report_words import described, place_in_words
from serving.dialogue.slots import FILLED_BY
from serving.dialogue.turn import Turn

MOST_REMEMBERED = 20
TICKET_NUMBER = re.compile(r"T-[0-9A-Z]{8}")


def with_known_parts(turn: Turn) -> Turn:
    """Turn without intents, places, questions or kinds of incident that do not exist.

    A state may have been forged, or come from before the data changed: what is not known is
    forgotten, and asked again.
    """
    intents = turn.knowledge.intents
    understood = turn.understanding
    intent = understood.intent if understood.intent in intents else None
    return replace(
        turn,
        understanding=replace(
            understood,
            intent=intent,
            ranking=tuple(one for one in understood.ranking if one[0] in intents),
        ),
        conversation=_known_state(turn),
    )


def _known_state(turn: Turn) -> Conversation:
    state, known = turn.conversation, turn.knowledge
    report = _known_report(turn, state.report) if state.report is not None else None
    slot = state.open_slot
    report_slot = slot in OPEN_SLOTS and report is not None
    if slot == "confirmation" and (report is None or not report.service_code):
        report_slot = False
    return replace(
        state,
        last_intent=state.last_intent if state.last_intent in known.intents else None,
        open_slot=slot if report_slot or slot in FILLED_BY else None,
        fallbacks=max(0, state.fallbacks),
        commune=state.commune if state.commune in known.communes else None,
        sector=state.sector if state.sector in turn.calendar.sectors else None,
        clarified=tuple(one for one in state.clarified if one in known.intents)[:MOST_REMEMBERED],
        report=report,
        possible_communes=tuple(one for one in state.possible_communes if one in known.communes),
        ticket=_known_ticket(turn, state.ticket),
    )


def _known_ticket(turn: Turn, ticket: OpenTicket | None) -> OpenTicket | None:
    known = (
        ticket is not None
        and TICKET_NUMBER.fullmatch(ticket.number) is not None
        and ticket.intent in turn.knowledge.intents
    )
    return ticket if known else None


def _known_report(turn: Turn, report: ReportDraft) -> ReportDraft | None:
    kinds = KINDS.get(report.intent)
    if kinds is None:
        return None
    return replace(
        report,
        service_code=report.service_code if report.service_code in kinds else "",
        commune=report.commune if report.commune in turn.knowledge.communes else "",
        address_string=place_in_words(report.address_string),
        description=described(report.description),
    )
