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


def needs(
    scope: Scope | Literal["any"],
    *,
    body_limit: int | None = None,
    media_types: tuple[str, ...] = (JSON,),
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
    """
    extra: dict[str, Any] = {
        ACCESS: scope,
        MEDIA_TYPES: list(media_types),
        "security": [{"apiKey": []}],
    }
    if body_limit is not None:
        extra[BODY_LIMIT] = body_limit
    return {"openapi_extra": extra}


def public(*, body_limit: int | None = None) -> dict[str, Any]:
    """Options of a route that anyone may call; only health and the pages are."""
    extra: dict[str, Any] = {ACCESS: PUBLIC, MEDIA_TYPES: [JSON], "security": []}
    if body_limit is not None:
        extra[BODY_LIMIT] = body_limit
    return {"openapi_extra": extra}
