"""``POST /v1/feedback``: what a citizen says of the service."""

import secrets
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from nlu.redaction.redact import redact
from serving.routes.repeatable import IdempotencyKey, repeatable_key
from serving.runtime.services import Services, services_of
from serving.security.problem import READING, FieldProblem, ProblemError, documented
from serving.security.scopes import needs
from serving.store.database import recording
from serving.store.feedback import Feedback, Thumb, conversation_of_message, save_feedback
from serving.store.idempotency import (
    RepeatedKeyError,
    RequestKey,
    earlier_response,
    keep_response,
)
from serving.store.plain_text import plain_text
from serving.store.sessions import pseudonym_of
from serving.turns.wire import SESSION_PATTERN

router = APIRouter(tags=["avis"])

OPINIONS = ("thumb", "rating", "resolved", "corrected_intent", "comment")


class FeedbackRequest(BaseModel):
    """An opinion, on a message, on a conversation, or on the service."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"message_id": "m_5f0c6a1de0b94c1f8a2b7c3d4e5f6071", "thumb": "up"},
                {
                    "session_id": "s_Zt0c1Vq8yXw2mB5nK7pR4sD9fG3hJ6lA",
                    "rating": 4,
                    "resolved": True,
                    "comment": "Réponse claire, merci.",
                },
            ]
        },
    )

    message_id: Annotated[str, Field(pattern=r"^m_[0-9a-f]{32}$")] | None = Field(
        default=None, description="Message jugé."
    )
    session_id: Annotated[str, Field(pattern=SESSION_PATTERN)] | None = Field(
        default=None, description="Conversation jugée."
    )
    thumb: Thumb | None = Field(default=None, description="Pouce : « up » ou « down ».")
    rating: Annotated[int, Field(ge=1, le=5, strict=True)] | None = Field(
        default=None, description="Satisfaction, de 1 à 5."
    )
    resolved: bool | None = Field(
        default=None, description="La demande a-t-elle été résolue dès ce contact ?"
    )
    corrected_intent: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Intention que le message exprimait vraiment."
    )
    comment: Annotated[str, Field(max_length=2_000)] | None = Field(
        default=None, description="Expurgé des données personnelles avant d'être conservé."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) is None for name in OPINIONS):
            raise ValueError(f"donner au moins un avis : {', '.join(OPINIONS)}")
        if self.corrected_intent is not None and self.message_id is None:
            raise ValueError("« corrected_intent » demande « message_id »")
        return self


class FeedbackResponse(BaseModel):
    """What was recorded."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"feedback_id": "f_0a1b2c3d4e5f60718293a4b5c6d7e8f9"}]},
    )

    feedback_id: str


@router.post(
    "/v1/feedback",
    summary="Donner un avis",
    status_code=201,
    responses=documented([*READING, "conflict"]),
    **needs("feedback"),
)
def feedback(
    asked: FeedbackRequest,
    request: Request,
    services: Annotated[Services, Depends(services_of)],
    idempotency_key: IdempotencyKey = None,
) -> FeedbackResponse:
    """Enregistre un pouce, une enquête, une correction ou un commentaire.

    Une réponse 201 veut dire que l'avis est écrit pour de bon.
    """
    if asked.corrected_intent is not None and (
        asked.corrected_intent not in services.knowledge.intents
    ):
        raise _wrong("corrected_intent", "intention inconnue")
    name = repeatable_key(request, idempotency_key, asked)
    with recording(services.store) as connection:
        earlier = _earlier(connection, name)
        if earlier is not None:
            return earlier
        response = _recorded(connection, asked, services)
        if name is not None and not keep_response(
            connection, name, response.model_dump(mode="json"), at=services.now()
        ):
            detail = "La même demande est en cours. Réessayez."
            raise ProblemError(kind="conflict", detail=detail)
    return response


def _earlier(connection: Connection, name: RequestKey | None) -> FeedbackResponse | None:
    if name is None:
        return None
    try:
        found = earlier_response(connection, name)
    except RepeatedKeyError:
        raise _wrong("Idempotency-Key", "cette clé a déjà servi à une autre demande") from None
    return None if found is None else FeedbackResponse(**found)


def _recorded(
    connection: Connection, asked: FeedbackRequest, services: Services
) -> FeedbackResponse:
    conversation = None if asked.session_id is None else pseudonym_of(asked.session_id)
    if asked.message_id is not None:
        known, of_message = conversation_of_message(connection, asked.message_id)
        if not known:
            raise _wrong("message_id", "message inconnu ou déjà effacé")
        conversation = of_message or conversation
    identifier = f"f_{secrets.token_hex(16)}"
    save_feedback(
        connection,
        Feedback(
            identifier=identifier,
            at=services.now(),
            message=asked.message_id,
            conversation=conversation,
            thumb=asked.thumb,
            rating=asked.rating,
            resolved=asked.resolved,
            corrected_intent=asked.corrected_intent,
            comment=None if asked.comment is None else plain_text(redact(asked.comment).text),
        ),
    )
    return FeedbackResponse(feedback_id=identifier)


def _wrong(place: str, what: str) -> ProblemError:
    return ProblemError(kind="validation", errors=(FieldProblem(place=place, what=what),))
