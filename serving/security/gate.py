"""The one door of the service: nothing runs before key, rate, media type and body are checked.

Routes say what they ask for (:mod:`serving.security.scopes`). A route that says nothing is open
to nobody but ``admin``: what is forgotten is closed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.security.api_key import ApiKey
from serving.security.body import check_depth, read_body, replay
from serving.security.problem import ProblemError
from serving.security.scopes import ACCESS, BODY_LIMIT, COST, JSON, MEDIA_TYPES, PUBLIC
from serving.security.token_bucket import RateLimiter

FORM = "application/x-www-form-urlencoded"
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
CLOSED = "admin"
CALLER = "pouce.caller"
PRESENTED = "pouce.presented"
ROUTE = "pouce.route"
# Requests under way end in milliseconds: whoever finds none of their places free comes back soon.
RETRY_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the door; see :class:`serving.settings.Settings`."""

    body: int
    json_depth: int
    requests: int
    keys: RateLimiter
    visitors: RateLimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """What a matched route asks for."""

    access: str
    cost: float
    body_limit: int
    media_types: tuple[str, ...]


class Gate:
    """ASGI middleware that refuses with :class:`ProblemError` or lets the request through.

    Parameters
    ----------
    app
        Application behind the door.
    routes
        Its routes, read at each request.
    remembered_key
        Returns the valid key that a text is if that can be told at once, else None.
    find_key
        Returns the valid key that a text is, None for any other text; called on a thread.
    limits
        Called at each request: they exist once the service has started.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Callable[[], Sequence[BaseRoute]],
        remembered_key: Callable[[str], ApiKey | None],
        find_key: Callable[[str], ApiKey | None],
        limits: Callable[[], Limits],
    ) -> None:
        self._app = app
        self._routes = routes
        self._remembered_key = remembered_key
        self._find_key = find_key
        self._limits = limits
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then hand it on with its body already read."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There is no WebSocket here: the server answers 403.
            await send({"type": "websocket.close"})
            return
        route = _matched(self._routes(), scope)
        scope[ROUTE] = getattr(route, "path", "")
        limits = self._limits()
        door = _door(route, default_limit=limits.body)
        headers = Headers(scope=scope)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        body = None
        if media_type == FORM and FORM in door.media_types:
            body = await read_body(
                receive, limit=door.body_limit, declared=headers.get("content-length")
            )
        await self._admit(scope, door, headers, limits, body)
        if scope["method"] in WITH_BODY:
            if body is None:
                body = await read_body(
                    receive, limit=door.body_limit, declared=headers.get("content-length")
                )
            _check_media_type(body, media_type, door.media_types)
            _check_coding(body, headers.get("content-encoding", ""))
            if media_type == JSON:
                check_depth(body, limit=limits.json_depth)
            receive = replay(body, receive)
        if door.access == PUBLIC:
            await self._app(scope, receive, send)
        else:
            await self._run(scope, receive, send, most=limits.requests)

    async def _run(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        """Run a request with a key, unless too many are under way."""
        if self._under_way >= most:
            raise ProblemError(kind="overloaded", headers={"Retry-After": str(RETRY_SECONDS)})
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1

    async def _admit(
        self, scope: Scope, door: _Door, headers: Headers, limits: Limits, form: bytes | None
    ) -> None:
        clock = time.monotonic()
        if door.access == PUBLIC:
            address = scope["client"][0] if scope.get("client") else ""
            _spend(limits.visitors, _visitor(address), clock, door.cost)
            return
        presented = _presented(headers, form)
        key = None
        if presented:
            # A thread costs more than the look at a key that is at hand.
            key = self._remembered_key(presented)
            if key is None:
                key = await run_in_threadpool(self._find_key, presented)
        if key is None:
            raise ProblemError(
                kind="unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="pouce"'}
            )
        scope[CALLER], scope[PRESENTED] = key, presented
        if not key.allows(door.access):
            raise ProblemError(
                kind="forbidden",
                detail=f"Cette clé n'a pas le droit « {door.access} ».",
            )
        _spend(limits.keys, key.identifier, clock, door.cost)


def caller(scope: Scope) -> ApiKey | None:
    """Return the key that made a request; None on a public route."""
    found: ApiKey | None = scope.get(CALLER)
    return found


def presented_key(scope: Scope) -> str:
    """Return the text of the key that made a request; empty on a public route."""
    return str(scope.get(PRESENTED, ""))


def access_of(route: BaseRoute) -> str:
    """Return the scope that a route asks for; ``admin`` where it says nothing."""
    extra: dict[str, Any] = getattr(route, "openapi_extra", None) or {}
    return str(extra.get(ACCESS, CLOSED))


def _matched(routes: Sequence[BaseRoute], scope: Scope) -> BaseRoute:
    """Return the route of a request; without one, refuse it before its body is read."""
    others: set[str] = set()
    for route in routes:
        match = route.matches(scope)[0]
        if match is Match.FULL:
            return route
        if match is Match.PARTIAL:
            others |= getattr(route, "methods", None) or set()
    if others:
        headers = {"Allow": ", ".join(sorted(others))}
        raise ProblemError(kind="method-not-allowed", headers=headers)
    raise ProblemError(kind="not-found")


def _door(route: BaseRoute, *, default_limit: int) -> _Door:
    extra: dict[str, Any] = getattr(route, "openapi_extra", None) or {}
    return _Door(
        access=access_of(route),
        cost=float(extra.get(COST, 1)),
        body_limit=int(extra.get(BODY_LIMIT, default_limit)),
        media_types=tuple(extra.get(MEDIA_TYPES, (JSON,))),
    )


def _presented(headers: Headers, form: bytes | None) -> str:
    """Key of a request: ``Authorization``, ``X-API-Key``, or Open311's field ``api_key``."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if "x-api-key" in headers:
        return headers["x-api-key"].strip()
    if form is None:
        return ""
    fields = parse_qs(form.decode("utf-8", errors="replace"), max_num_fields=200)
    return fields.get("api_key", [""])[0]


def _visitor(address: str) -> str:
    """Name the visitor at an address: a household has 2^64 addresses of IPv6, and one of IPv4."""
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped) if found.ipv4_mapped else found.exploded[:19]


def _spend(limiter: RateLimiter, client: str, clock: float, cost: float) -> None:
    wait = limiter.take(client, now=clock, cost=cost)
    if wait:
        raise ProblemError(kind="rate-limited", headers={"Retry-After": str(wait)})


def _check_media_type(body: bytes, media_type: str, accepted: Sequence[str]) -> None:
    if body and media_type not in accepted:
        raise ProblemError(
            kind="unsupported-media-type",
            detail=f"Cette adresse lit : {', '.join(accepted)}.",
            headers={"Accept": ", ".join(accepted)},
        )


def _check_coding(body: bytes, coding: str) -> None:
    """Refuse a compressed body: a kilobyte of it may hold a gigabyte."""
    if body and coding.strip().lower() not in ("", "identity"):
        raise ProblemError(
            kind="unsupported-media-type",
            detail="Cette adresse ne lit pas de corps compressé : l'envoyer tel quel.",
            headers={"Accept-Encoding": "identity"},
        )
