"""Leaving without a refused request: say so first, finish what runs, then close.

A proxy that was told by ``/readyz`` sends nothing new; one that does not ask goes on being
answered, and loses its kept connections one answer after the other.
"""

import gc
import signal
import socket
import time
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.observability.json_logs import log_event
from serving.security.headers import with_security_headers
from serving.security.problem import ProblemError, problem_response

READINESS = "/readyz"
DETAIL = "Ce processus s'arrête : il finit ses requêtes et n'en attend plus de nouvelles."


class Drain:
    """ASGI middleware around the application: changes nothing until the process leaves.

    Then ``/readyz`` answers 503 and each response closes its connection.

    Parameters
    ----------
    app
        Application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.leaving = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_and_close(message: Message) -> None:
            if self.leaving and message["type"] == "http.response.start":
                headers = with_security_headers(list(message.get("headers", [])))
                message = {**message, "headers": [*headers, (b"connection", b"close")]}
            await send(message)

        if self.leaving and scope["path"] == READINESS:
            response = problem_response(
                ProblemError(kind="unavailable", detail=DETAIL, headers={"Retry-After": "1"})
            )
            await response(scope, receive, send_and_close)
            return
        await self._app(scope, receive, send_and_close)


class DrainingServer(uvicorn.Server):
    """Server that goes on answering for a while after SIGTERM.

    Ctrl-C, or a second SIGTERM, ends the wait. Requests under way are answered in any case.

    Parameters
    ----------
    config
        Of uvicorn.
    drain
        Told when the process leaves.
    seconds
        How long to go on.
    """

    def __init__(self, config: uvicorn.Config, *, drain: Drain, seconds: float) -> None:
        super().__init__(config)
        self._drain = drain
        self._seconds = seconds
        self._until: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; what was loaded is then left out of garbage collection.

        A full collection walks the word lists and gazetteers, some hundreds of milliseconds in
        which nobody is answered.
        """
        await super().startup(sockets=sockets)
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave now, or after the wait."""
        super().handle_exit(sig, frame)
        if sig != signal.SIGTERM or not self.started or self._drain.leaving or not self._seconds:
            return
        self._drain.leaving = True
        self.should_exit = False

    async def on_tick(self, counter: int) -> bool:
        """Say whether to stop; called ten times a second."""
        # Here, not in the signal's handler, which may have interrupted a log line.
        if self._drain.leaving and self._until is None:
            self._until = time.monotonic() + self._seconds
            log_event("draining", seconds=self._seconds)
        if self._until is not None and time.monotonic() >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)
