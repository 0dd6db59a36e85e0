"""The rule of ``serving/deployment/proxy``, where nginx is not installed.

Replicas in turn; what one refuses, loses or answers with 502 or 503 goes to the next; a request
that its client did not name gets an ``Idempotency-Key``.
"""

import itertools
import secrets
import sys

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def proxy_of(addresses):
    turns = itertools.count()
    client = httpx.AsyncClient(timeout=30, limits=httpx.Limits(keepalive_expiry=0.5))

    async def proxy(scope, receive, send):
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        headers = [one for one in headers if one[0] not in OF_ONE_CONNECTION | {"x-forwarded-for"}]
        headers.append(("x-forwarded-for", request.client.host))
        if "idempotency-key" not in request.headers:
            headers.append(("idempotency-key", secrets.token_hex(16)))
        first, response = next(turns), Response(status_code=503)
        for place in range(len(addresses)):
            address = addresses[(first + place) % len(addresses)]
            try:
                answer = await client.request(
                    request.method, f"{address}{request.url.path}", params=request.url.query,
                    headers=headers, content=body,
                )  # fmt: skip
            except httpx.TransportError:
                continue
            response = Response(answer.content, answer.status_code)
            response.raw_headers += [
                (name.lower(), value) for name, value in answer.headers.raw
                if name.lower().decode() not in OF_ONE_CONNECTION
            ]  # fmt: skip
            if answer.status_code not in {502, 503}:
                break
        await response(scope, receive, send)

    return proxy


if __name__ == "__main__":
    port, *replicas = sys.argv[1:]
    uvicorn.run(proxy_of(replicas), port=int(port), log_config=None, lifespan="off")
