"""``GET /openapi.json``: the description of the interface, with any valid key."""

from typing import Any

from fastapi import APIRouter, Request

from serving.security.problem import documented
from serving.security.scopes import needs

router = APIRouter(tags=["service"])


@router.get(
    "/openapi.json",
    summary="Description de l'interface",
    responses=documented(["unauthenticated", "rate-limited", "unavailable"]),
    **needs("any"),
)
def openapi(request: Request) -> dict[str, Any]:
    """Décrit l'interface au format OpenAPI 3.1."""
    described: dict[str, Any] = request.app.openapi()
    return described
