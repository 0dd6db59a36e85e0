"""Reading a body within limits of size, time and depth, before anything parses it."""

import re

import anyio
from starlette.types import Message, Receive

from nudge.french.numbers import whole
from serving.security.problem import ProblemError

READ_SECONDS = 15.0
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKETS = re.compile(rb"[][{}]")


async def read_body(receive: Receive, *, limit: int, declared: str | None) -> bytes:
    """Read a whole body, counting its bytes as they come whatever length is declared.

    Parameters
    ----------
    receive
        Channel of the request.
    limit
        Largest body, in bytes.
    declared
        ``Content-Length``.

    Raises
    ------
    ProblemError
        The body is too large, or does not come in time.
    """
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    with anyio.move_on_after(READ_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ProblemError(kind="malformed")
            body += message.get("body", b"")
            if len(body) > limit:
                raise _too_large(limit)
            if not message.get("more_body", False):
                return bytes(body)
    raise ProblemError(kind="timeout")


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives a body already read, then what the client sends next."""
    sent = False

    async def receive_again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def check_depth(body: bytes, *, limit: int) -> None:
    """Refuse JSON nested deeper than the limit, at a cost linear in its length.

    Raises
    ------
    ProblemError
        It is too deep.
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > limit:
            detail = f"Le document JSON est imbriqué sur plus de {limit} niveaux."
            raise ProblemError(kind="validation", detail=detail)


def _too_large(limit: int) -> ProblemError:
    detail = f"Le corps de la requête dépasse {whole(limit)} octets."
    return ProblemError(kind="body-too-large", detail=detail, headers={"Connection": "close"})
