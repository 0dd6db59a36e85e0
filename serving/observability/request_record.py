"""Around each request: its identifier, timings, log line, headers, and refusals told."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.observability.json_logs import log_event, logs_of_trace
from serving.observability.metrics import Metrics
from serving.observability.phases import Phase, in_a_row
from serving.observability.tracing import RequestTrace, Tracing
from serving.security.gate import ROUTE, caller
from serving.security.headers import with_security_headers
from serving.security.problem import ProblemError

RECORD = "pouce.record"
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


@dataclass(slots=True, kw_only=True)
class RequestRecord:
    """What is known of a request while it runs.

    Attributes
    ----------
    identifier
        Names the request in the logs; the client's ``X-Request-ID`` where it is well formed.
    started
        Seconds of the clock when it came.
    measured
        Phases, in order.
    refusal
        Kind of problem that was told; empty where there was none.
    """

    identifier: str
    started: float
    measured: list[Phase] = field(default_factory=list)
    refusal: str = ""

    @property
    def phases(self) -> dict[str, float]:
        """Seconds spent in each phase; the same name again adds up."""
        seconds: dict[str, float] = {}
        for phase in self.measured:
            seconds[phase.name] = seconds.get(phase.name, 0.0) + phase.end - phase.start
        return seconds

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.measured.append(Phase(name=name, start=start, end=time.perf_counter()))

    def add(self, name: str, seconds: float) -> None:
        """Add a phase that was timed elsewhere and has just ended."""
        now = time.perf_counter()
        self.measured.append(Phase(name=name, start=now - seconds, end=now, told=True))


class RecordRequests:
    """ASGI middleware, the outermost one: nothing leaves without passing here.

    Parameters
    ----------
    app
        Application.
    metrics
        Called at each request.
    tell
        Makes the response that tells a refusal, from it, the path and the request's identifier.
    tracing
        Where traces go; None for nowhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Callable[[], Metrics],
        tell: Callable[[ProblemError, str, str], Response],
        tracing: Tracing | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tell = tell
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request, tell its failure, log, count and trace it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._tracing is None:
            await self._run(scope, receive, send, None)
            return
        trace = self._tracing.begin(scope["headers"])
        with logs_of_trace(trace.identifier):
            await self._run(scope, receive, send, trace)

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, trace: RequestTrace | None
    ) -> None:
        record = RequestRecord(identifier=_identifier(scope), started=time.perf_counter())
        scope[RECORD] = record
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = with_security_headers(list(message.get("headers", [])))
                headers.append((b"x-request-id", record.identifier.encode()))
                headers.append((b"server-timing", _server_timing(record).encode()))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            told = error if isinstance(error, ProblemError) else ProblemError(kind="internal")
            if told is not error:
                log_event("failure", failure=error, request_id=record.identifier)
            if status:
                raise
            record.refusal = told.kind
            response = self._tell(told, scope["path"], record.identifier)
            await response(scope, receive, send_with_headers)
        finally:
            self._close(scope, record, status)
            if self._tracing is not None and trace is not None:
                _end_trace(self._tracing, trace, scope=scope, record=record, status=status)

    def _close(self, scope: Scope, record: RequestRecord, status: int) -> None:
        seconds = time.perf_counter() - record.started
        # The route's pattern, not the address: what a client types there may be anything.
        route = scope.get(ROUTE, "")
        metrics = self._metrics()
        metrics.requests.labels(route, scope["method"] if route else "", str(status)).inc()
        for name, spent in (*record.phases.items(), ("total", seconds)):
            metrics.phases.labels(route, name).observe(spent)
        if record.refusal:
            metrics.refusals.labels(record.refusal).inc()
        key = caller(scope)
        log_event(
            "request",
            request_id=record.identifier,
            route=route,
            method=scope["method"] if route else "",
            status=status,
            key=key.identifier if key else "",
            refusal=record.refusal,
            milliseconds=round(1000 * seconds, 2),
            phases={name: round(1000 * spent, 2) for name, spent in record.phases.items()},
        )


def record_of(scope: Scope) -> RequestRecord:
    """Return the record of a request."""
    found: RequestRecord = scope[RECORD]
    return found


def _end_trace(
    tracing: Tracing, trace: RequestTrace, *, scope: Scope, record: RequestRecord, status: int
) -> None:
    route = scope.get(ROUTE, "")
    attributes: dict[str, str | int] = {
        # Where there is no route, what the client typed stays out here too.
        "http.request.method": scope["method"] if route else "_OTHER",
        "http.response.status_code": status,
    }
    if route:
        attributes["http.route"] = route
    if record.refusal:
        attributes["error.type"] = record.refusal
    tracing.end(
        trace,
        attributes=attributes,
        phases=in_a_row(record.measured),
        failed=status >= 500 or not status,
    )


def _identifier(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _GIVEN.fullmatch(text) else secrets.token_hex(8)
    return secrets.token_hex(8)


def _server_timing(record: RequestRecord) -> str:
    seconds = {**record.phases, "total": time.perf_counter() - record.started}
    return ", ".join(f"{name};dur={1000 * spent:.2f}" for name, spent in seconds.items())
