"""PostgreSQL that does not answer: each wait is bounded, and soon nobody waits at all.

A server that is stopped refuses connections at once. One whose machine is gone, or that hangs,
says nothing: clients wait for minutes, until every thread of the service is one that waits.
"""

import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import psycopg
from sqlalchemy import Engine, event

CONNECT_SECONDS = 2
STATEMENT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
_SETTINGS = {
    "connect_timeout": CONNECT_SECONDS,
    # What the other machine has not acknowledged within this time breaks the connection.
    "tcp_user_timeout": int(1_000 * STATEMENT_SECONDS),
}


class Outage:
    """Lets one attempt a second through once the server did not answer (a circuit breaker).

    Parameters
    ----------
    clock
        Seconds, on a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next_attempt: float | None = None

    def admits(self) -> bool:
        """Whether the caller may try; during an outage only one may at a time."""
        with self._lock:
            if self._next_attempt is None:
                return True
            now = self._clock()
            if now < self._next_attempt:
                return False
            self._next_attempt = now + CONNECT_SECONDS + PAUSE_SECONDS
            return True

    def failed(self) -> None:
        """Note that the server did not answer."""
        with self._lock:
            self._next_attempt = self._clock() + PAUSE_SECONDS

    def answered(self) -> None:
        """Note that the server answers."""
        with self._lock:
            self._next_attempt = None


def bound_waits(engine: Engine) -> None:
    """Bound the waits of an engine: what takes longer raises ``OperationalError``.

    Two seconds for a connection and five for a statement; during an outage one attempt a second
    is made and all others fail at once. Connections that the pool holds already are closed.

    Parameters
    ----------
    engine
        Of PostgreSQL, through psycopg; timeouts in its address are kept.
    """
    outage = Outage()
    bounds = {name: value for name, value in _SETTINGS.items() if name not in engine.url.query}

    def connect(
        _dialect: Any, _record: Any, arguments: list[Any], settings: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        if not outage.admits():
            raise psycopg.OperationalError("the server did not answer a moment ago")
        try:
            found = _BoundedConnection.connect(*arguments, **{**settings, **bounds})
        except psycopg.OperationalError:
            outage.failed()
            raise
        found.silence = outage.failed
        outage.answered()
        return found

    event.listen(engine, "do_connect", connect)
    engine.dispose()


class _SilentServerError(psycopg.OperationalError):
    """The server did not answer a statement."""


class _BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when a statement is not answered in time."""

    silence: Callable[[], None] | None = None

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        """Run the steps of a statement, as long as there is time."""
        try:
            return super().wait(_in_time(gen), *arguments, **options)
        except _SilentServerError:
            self.pgconn.finish()
            if self.silence is not None:
                self.silence()
            raise


def _in_time(steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Pass on the steps of a statement; psycopg looks in every tenth of a second."""
    deadline = time.monotonic() + STATEMENT_SECONDS
    try:
        step = next(steps)
        while True:
            ready = yield step
            if time.monotonic() > deadline:
                raise _SilentServerError(f"no answer within {STATEMENT_SECONDS:g} s")
            step = steps.send(ready)
    except StopIteration as end:
        return end.value
