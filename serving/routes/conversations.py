"""``POST /v1/conversations/erase``: a person erases her conversation."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from serving.rights.persons import erase_person
from serving.runtime.services import Services, services_of
from serving.security.problem import READING, documented
from serving.security.scopes import needs
from serving.store.database import recording
from serving.store.sessions import pseudonym_of
from serving.turns.wire import SESSION_PATTERN

router = APIRouter(tags=["Sophie"])


class ErasureRequest(BaseModel):
    """The conversation to erase; only who holds its session can name it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"session_id": "s_Zt0c1Vq8yXw2mB5nK7pR4sD9fG3hJ6lA"}]},
    )

    session_id: Annotated[str, Field(pattern=SESSION_PATTERN)] = Field(
        description="Donné par la première réponse."
    )


@router.post(
    "/v1/conversations/erase",
    summary="Effacer une conversation",
    status_code=204,
    response_class=Response,
    responses=documented(READING),
    **needs("messages"),
)
def erase(asked: ErasureRequest, services: Annotated[Services, Depends(services_of)]) -> None:
    """Efface la conversation : messages, avis, demandes et signalements.

    Une réponse 204 veut dire qu'il n'en reste rien, y compris s'il n'y avait rien. Un refus de
    recevoir des éco-gestes demeure ; ce qui sert à un essai en cours ne mène plus à personne.
    """
    with recording(services.store) as connection:
        erase_person(connection, pseudonym_of(asked.session_id))
