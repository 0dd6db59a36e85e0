"""Taking a turn: read, understand, answer, then store it all in one transaction."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from nlu.entities.entity import Entity
from nlu.entities.extract import extract_entities
from nlu.redaction.redact import redact
from serving.dialogue.conversation import Conversation, OpenTicket
from serving.dialogue.quick_replies import payload_to_keep, understanding_of_click
from serving.dialogue.reply import Reply, TicketDraft
from serving.dialogue.routing import reply
from serving.dialogue.understanding import Understanding
from serving.engagement.nudging import OfferedNudge, may_follow, offer
from serving.engagement.running_campaigns import ChatCampaign
from serving.incidents.from_conversation import create_request_from_draft
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.observability.request_record import RequestRecord
from serving.runtime.classification import CLICK, classify, uncertainty
from serving.runtime.services import PARIS, Services
from serving.security.problem import FieldProblem, ProblemError
from serving.store.conversations import (
    StaleConversationError,
    StoredMessage,
    find_state,
    save_turn,
)
from serving.store.database import recording
from serving.store.idempotency import (
    RepeatedKeyError,
    RequestKey,
    earlier_response,
    keep_response,
)
from serving.store.opt_outs import record_opt_out
from serving.store.plain_text import plain_text
from serving.store.sessions import new_session, pseudonym_of, repeatable_session
from serving.store.tickets import Ticket, add_to_ticket, open_ticket
from serving.turns.response import response_of
from serving.turns.state import state_from_json, state_to_json
from serving.turns.wire import TurnRequest, TurnResponse

# What the service needs to act stays readable.
PROTECTED = frozenset({"commune", "commune_hors_territoire", "numero_demande"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks for a turn.

    Attributes
    ----------
    request
        Names a request that may be repeated; None without ``Idempotency-Key``.
    secret
        API key, from which the session of a repeated first request is found again.
    """

    request: RequestKey | None = None
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A turn that is understood and not yet answered."""

    session: str
    pseudonym: str
    before: Conversation
    message: str
    understanding: Understanding
    model_version: str
    at: datetime


async def take_turn(
    asked: TurnRequest, *, services: Services, client: Client, record: RequestRecord
) -> TurnResponse:
    """Answer a turn of conversation; what was stored once is answered the same again.

    Parameters
    ----------
    asked
        Message or click.
    services
        What the service has opened.
    client
        Who asks.
    record
        Receives the time of each phase.

    Raises
    ------
    ProblemError
        Unknown choice, key used for another request, another turn at the same time, or overload.
    """
    session, before, earlier = await run_in_threadpool(_read, services, client, asked.session_id)
    if earlier is not None:
        return TurnResponse(session_id=session, **earlier)
    understanding, version = await _understood(asked, services, record)
    turn = _Turn(
        session=session,
        pseudonym=pseudonym_of(session),
        before=before,
        message=asked.text if asked.text is not None else "",
        understanding=understanding,
        model_version=version,
        at=services.now(),
    )
    with record.phase("answer"):
        response = await run_in_threadpool(_answer, turn, asked, services, client)
    services.metrics.observe_answer(
        intent=understanding.intent,
        confidence=understanding.confidence,
        out_of_scope=understanding.out_of_scope,
        decision=understanding.decision,
        channel=asked.channel,
    )
    return response


def _read(
    services: Services, client: Client, session: str | None
) -> tuple[str, Conversation, dict[str, Any] | None]:
    """Return the session, its state, and what the same request was answered before."""
    with services.store.engine.connect() as connection:
        earlier = _earlier(connection, client)
    state = None if session is None else find_state(services.store, pseudonym_of(session))
    if session is not None and state is not None:
        return session, state_from_json(state), earlier
    # Sessions are the server's: one that it does not know, or has erased, begins anew.
    if client.request is None:
        return new_session(), Conversation(), earlier
    return repeatable_session(client.secret, client.request.key), Conversation(), earlier


def _earlier(connection: Connection, client: Client) -> dict[str, Any] | None:
    if client.request is None:
        return None
    try:
        return earlier_response(connection, client.request)
    except RepeatedKeyError:
        detail = "Cette « Idempotency-Key » a déjà servi à une autre demande."
        raise ProblemError(kind="validation", detail=detail) from None


async def _understood(
    asked: TurnRequest, services: Services, record: RequestRecord
) -> tuple[Understanding, str]:
    if asked.payload is not None:
        try:
            return understanding_of_click(asked.payload, services.knowledge), CLICK
        except ValueError as error:
            fault = FieldProblem(place="payload", what=str(error))
            raise ProblemError(kind="validation", errors=(fault,)) from None
    text = asked.text or ""
    found = await classify(
        [text],
        batcher=services.batcher,
        knowledge=services.knowledge,
        deadline=services.settings.deadline_seconds,
    )
    for name, seconds in found.phases.items():
        record.add(name, seconds)
    with record.phase("entities"):
        entities = await run_in_threadpool(
            extract_entities,
            text,
            resources=services.resources,
            today=services.now().astimezone(PARIS).date(),
        )
    return replace(found.understandings[0], entities=entities), found.model_version


def _answer(turn: _Turn, asked: TurnRequest, services: Services, client: Client) -> TurnResponse:
    said = reply(
        turn.understanding,
        message=turn.message,
        conversation=turn.before,
        knowledge=services.knowledge,
        calendar=services.calendar,
        opening_hours=services.opening_hours,
        channel=asked.channel,
        now=turn.at.astimezone(PARIS),
    )
    kept = _kept_message(turn, asked, said, services.knowledge)
    # Before the transaction: turns that each held a connection and asked for another would all
    # wait for one another.
    day = turn.at.astimezone(PARIS).date()
    campaigns = services.campaigns.today(day, clock=time.monotonic())
    try:
        with recording(services.store) as connection:
            response = _store(connection, turn, said, kept, services, campaigns)
            if client.request is not None and not keep_response(
                connection,
                client.request,
                response.model_dump(mode="json", exclude={"session_id"}),
                at=turn.at,
                conversation=turn.pseudonym,
            ):
                raise StaleConversationError
    except StaleConversationError:
        detail = "Un autre message de cette conversation est arrivé en même temps. Réessayez."
        raise ProblemError(kind="conflict", detail=detail) from None
    return response


def _store(
    connection: Connection,
    turn: _Turn,
    said: Reply,
    kept: StoredMessage,
    services: Services,
    campaigns: Sequence[ChatCampaign],
) -> TurnResponse:
    ticket, after = None, said.state
    if said.ticket is not None:
        ticket = _open_ticket(connection, turn, said.ticket, kept)
        after = replace(after, ticket=OpenTicket(number=ticket, intent=said.ticket.intent))
    state = state_to_json(after, redacted=lambda text: redact(text).text)
    save_turn(connection, turn.pseudonym, state=state, message=kept)
    if said.addition is not None:
        add_to_ticket(connection, said.addition, conversation=turn.pseudonym, message=kept)
    # A letter that also tells of a danger is about that danger first.
    if said.ticket is not None and said.ticket.reason == "opt_out":
        record_opt_out(connection, turn.pseudonym, source="conversation", at=turn.at)
    report = None
    if said.report is not None:
        report = create_request_from_draft(
            connection,
            said.report,
            services=services.incidents,
            conversation=turn.pseudonym,
            channel=kept.channel,
            token=kept.identifier,
            now=turn.at,
            commune=services.knowledge.communes.get(said.report.commune, ""),
        ).identifier
    nudge = _nudge(connection, turn, said, kept, services, campaigns)
    return response_of(
        said,
        kept,
        session=turn.session,
        understanding=turn.understanding,
        knowledge=services.knowledge,
        ticket=ticket,
        report=report,
        nudge=nudge,
    )


def _open_ticket(
    connection: Connection, turn: _Turn, asked: TicketDraft, kept: StoredMessage
) -> str:
    return open_ticket(
        connection,
        Ticket(
            conversation=turn.pseudonym,
            message=kept.identifier,
            opened_at=asked.opened,
            channel=asked.channel,
            commune=asked.commune,
            intent=asked.intent or None,
            reason=asked.reason,
            summary=kept.text,
            due_at=asked.due,
        ),
    )


def _nudge(
    connection: Connection,
    turn: _Turn,
    said: Reply,
    kept: StoredMessage,
    services: Services,
    campaigns: Sequence[ChatCampaign],
) -> OfferedNudge | None:
    action = said.next_action
    # A message that could not be answered leaves the intent of the one before it in the state.
    answered = action.target if action.kind == "answer" else said.state.last_intent
    intent = services.knowledge.intents.get(answered or "")
    follows = may_follow(intent, next_action=action.kind, channel=kept.channel)
    if not services.settings.nudges or not follows:
        return None
    sector = services.calendar.sectors.get(said.state.sector or "")
    shown, exposed = offer(
        connection,
        campaigns,
        conversation=turn.pseudonym,
        places={"commune": said.state.commune, "tournee": sector.round if sector else None},
        message=kept.identifier,
        intent=answered,
        at=turn.at,
    )
    if exposed is not None:
        services.metrics.exposures.labels(exposed.campaign, exposed.arm).inc()
    return shown


def _kept_message(
    turn: _Turn, asked: TurnRequest, said: Reply, knowledge: KnowledgeBase
) -> StoredMessage:
    understood = turn.understanding
    text = _redacted(turn.message, understood.entities)
    if asked.payload is not None:
        text = payload_to_keep(asked.payload, knowledge)
    margin, entropy = uncertainty(understood.ranking)
    return StoredMessage(
        identifier=f"m_{secrets.token_hex(16)}",
        at=turn.at,
        turn=turn.before.turn + 1,
        channel=asked.channel,
        commune=said.state.commune,
        text=text,
        intent=understood.intent,
        confidence=understood.confidence,
        margin=margin,
        entropy=entropy,
        out_of_scope=understood.out_of_scope,
        decision=understood.decision,
        next_action=said.next_action.kind,
        degraded=understood.degraded,
        model_version=turn.model_version,
    )


def _redacted(text: str, entities: tuple[Entity, ...]) -> str:
    spans = [(one.start, one.end) for one in entities if one.name in PROTECTED]
    return plain_text(redact(text, protected=spans).text)
