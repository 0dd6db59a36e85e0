"""What a key may be used for, and what each route asks for."""

from typing import Any, Literal, get_args

Scope = Literal[
    "parse", "messages", "feedback", "calendar", "open311", "contacts", "cockpit", "admin"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
ANY_KEY = "any"
PUBLIC = "public"
JSON = "application/json"

ACCESS = "x-access"
BODY_LIMIT = "x-body-limit"
MEDIA_TYPES = "x-media-types"
COST = "x-cost"
# A file is read from memory, and refusing it would cost as much: a page with its ten files counts
# for two requests, not eleven.
FILE_COST = 0.1


def needs(
    scope: Scope | Literal["any"],
    *,
    body_limit: int | None = None,
    media_types: tuple[str, ...] = (JSON,),
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Options of a route that asks for a key: ``@router.post(path, **needs("parse"))``.

    Parameters
    ----------
    scope
        What the key must allow; ``any`` for any valid key. ``admin`` allows everything.
    body_limit
        Largest body in bytes, where it is not that of the settings.
    media_types
        Media types of bodies that the route reads.
    body
        Request body as OpenAPI describes it, where the route reads it by itself.
    """
    extra: dict[str, Any] = {
        ACCESS: scope,
        MEDIA_TYPES: list(media_types),
        "security": [{"apiKey": []}],
    }
    if body_limit is not None:
        extra[BODY_LIMIT] = body_limit
    if body is not None:
        extra["requestBody"] = body
    return {"openapi_extra": extra}


def public(*, cost: float = 1.0) -> dict[str, Any]:
    """Options of a route that anyone may call; only health and the pages are.

    Parameters
    ----------
    cost
        What a request takes of the visitor's allowance.
    """
    extra: dict[str, Any] = {ACCESS: PUBLIC, COST: cost, MEDIA_TYPES: [JSON], "security": []}
    return {"openapi_extra": extra}
