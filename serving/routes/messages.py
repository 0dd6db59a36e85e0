"""``POST /v1/messages``: a turn of conversation with Sophie."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from serving.observability.request_record import record_of
from serving.routes.repeatable import IdempotencyKey, client_of
from serving.runtime.services import Services, services_of
from serving.security.problem import READING, documented
from serving.security.scopes import needs
from serving.turns.take import take_turn
from serving.turns.wire import TurnRequest, TurnResponse

router = APIRouter(tags=["Sophie"])


@router.post(
    "/v1/messages",
    summary="Un tour de conversation",
    responses=documented([*READING, "conflict"]),
    **needs("messages"),
)
async def messages(
    asked: TurnRequest,
    request: Request,
    services: Annotated[Services, Depends(services_of)],
    idempotency_key: IdempotencyKey = None,
) -> TurnResponse:
    """Répond à un message ou à un choix cliqué, et dit toujours ce qui vient ensuite.

    Au premier tour, Sophie dit qu'elle est un assistant automatique, et la réponse donne le
    « session_id » à renvoyer. Le texte est expurgé des données personnelles avant d'être
    conservé. Aucune décision n'est prise sur la personne.
    """
    return await take_turn(
        asked,
        services=services,
        client=client_of(request, idempotency_key, asked),
        record=record_of(request.scope),
    )
