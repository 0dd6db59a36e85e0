"""``GET /metrics``: what Prometheus reads, with a key that may administer."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from serving.observability.metrics import CONTENT_TYPE
from serving.runtime.services import Services, services_of
from serving.security.problem import KEYED, documented
from serving.security.scopes import needs

router = APIRouter(tags=["service"])


@router.get(
    "/metrics",
    summary="Mesures pour Prometheus",
    response_class=Response,
    responses={
        200: {"description": "Mesures.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(KEYED),
    },
    **needs("admin"),
)
def metrics(services: Annotated[Services, Depends(services_of)]) -> Response:
    """Donne latence par phase, file d'attente, décisions, intentions et refus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)
