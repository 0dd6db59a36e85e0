"""Answers to requests that a client may repeat after a failure (``Idempotency-Key``).

The answer is written in the transaction of what it tells: both are there, or neither.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from nudge.store.event_log import canonical_json
from nudge.store.locks import text_sha256
from serving.store.database import insert_once, instant
from serving.store.tables import idempotent_response

# A client that repeats a request does it at once, or the next day at the latest.
KEPT = timedelta(hours=24)


class RepeatedKeyError(ValueError):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """What names a request that may be repeated.

    Attributes
    ----------
    client
        Identifier of the API key.
    key
        ``Idempotency-Key``.
    request_sha256
        Hash of what was asked.
    """

    client: str
    key: str
    request_sha256: str


def request_key(client: str, key: str, asked: Mapping[str, Any]) -> RequestKey:
    """Return the name of a request."""
    return RequestKey(client=client, key=key, request_sha256=text_sha256(canonical_json(asked)))


def earlier_response(connection: Connection, request: RequestKey) -> dict[str, Any] | None:
    """Return what a request was answered the first time; None for a new one.

    Raises
    ------
    RepeatedKeyError
        The key was used for another request.
    """
    query = (
        select(idempotent_response.c.request_sha256, idempotent_response.c.response)
        .where(idempotent_response.c.client == request.client)
        .where(idempotent_response.c.key == request.key)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    if row.request_sha256 != request.request_sha256:
        raise RepeatedKeyError
    found: dict[str, Any] = json.loads(row.response)
    return found


def keep_response(
    connection: Connection,
    request: RequestKey,
    response: Mapping[str, Any],
    *,
    at: datetime,
    conversation: str | None = None,
) -> bool:
    """Keep the answer of a request for a day; return False where another process kept one first.

    Older answers go.
    """
    old = idempotent_response.c.at < instant(at - KEPT)
    connection.execute(delete(idempotent_response).where(old))
    return insert_once(
        connection,
        idempotent_response,
        {
            "client": request.client,
            "key": request.key,
            "request_sha256": request.request_sha256,
            "response": canonical_json(dict(response)),
            "conversation": conversation,
            "at": instant(at),
        },
    )
