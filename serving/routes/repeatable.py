"""``Idempotency-Key``: a request that a client may send again without doing it twice."""

from typing import Annotated

from fastapi import Header, Request
from pydantic import BaseModel

from serving.security.gate import caller, presented_key
from serving.store.idempotency import RequestKey, request_key
from serving.turns.take import Client

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description=(
            "Nom donné par le client à la demande, au hasard. La même demande renvoyée sous le "
            "même nom dans la journée reçoit la même réponse et n'est faite qu'une fois."
        ),
        examples=["2f0c1e66-8a51-4c3b-9a52-3a1c8a9f2b7d"],
    ),
]


def client_of(request: Request, key: str | None, asked: BaseModel) -> Client:
    """Return who asks, and the name of the request where the client gave one."""
    name = repeatable_key(request, key, asked)
    return Client(request=name, secret=presented_key(request.scope))


def repeatable_key(request: Request, key: str | None, asked: BaseModel) -> RequestKey | None:
    """Return the name of a request; None where the client gave none."""
    known = caller(request.scope)
    if key is None or known is None:
        return None
    content = {"path": request.url.path, "body": asked.model_dump(mode="json")}
    return request_key(known.identifier, key, content)
