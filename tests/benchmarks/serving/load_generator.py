"""Send HTTP requests to one server and write when each was due, sent and answered.

A process of its own, so that neither the reading of results nor a garbage collection of the
benchmark delays a request. Open loop: requests are due at a constant rate whatever the server
does, and latency counts from the instant a request was due, so that a server that stalls is not
spared the requests it kept from being sent (coordinated omission; Tene 2013). Closed loop: each
connection sends its next request when the last one is answered; this finds saturation.

The job comes as JSON on standard input (see :class:`Job`), results leave on standard output.
Standard library only, and a parser that knows just enough of HTTP/1.1: it answers for its own
cost, which ``compare_servers.py`` measures against a server that does nothing.
"""

import asyncio
import gc
import itertools
import json
import random
import selectors
import sys
import time
from collections import deque
from dataclasses import dataclass, field

UNANSWERED = 0
# select() watches no more than 1024 files.
MOST_CONNECTIONS = 256


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to send.

    Attributes
    ----------
    port : int
        On this machine.
    path : str
    headers : dict of str to str
    bodies : list of str
        Sent in turn, again and again.
    rate : float
        Requests a second; 0 for a closed loop.
    connections : int
        Of the closed loop; opened beforehand in the open one, which opens more as it needs.
    seconds : float
        For which requests become due.
    most_requests : int
        Fewer where this many are sent before; 0 for no bound.
    drain : float
        Seconds that answers may take after that; then they count as unanswered.
    poisson : bool
        Requests of the open loop come at random instants of the same mean rate.
    keep_answers : bool
        Also write the bodies of the answers.
    """

    port: int
    path: str
    headers: dict[str, str]
    bodies: list[str]
    rate: float = 0.0
    connections: int = 4
    seconds: float = 1.0
    most_requests: int = 0
    drain: float = 5.0
    poisson: bool = False
    keep_answers: bool = False


@dataclass(slots=True, kw_only=True)
class Request:
    """One request: seconds since the start of the run, and the status of its answer."""

    body: int
    due: float
    sent: float = 0.0
    done: float = 0.0
    status: int = UNANSWERED
    answer: str = ""


class Connection(asyncio.Protocol):
    """A kept connection with at most one request under way."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._buffer = b""
        self._needed = 0
        self._request: Request | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: Request) -> None:
        self._request = request
        request.sent = self._run.clock()
        self._transport.write(self._run.payloads[request.body])

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._needed:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._needed = end + 4 + _content_length(self._buffer[:end])
        if len(self._buffer) < self._needed:
            return
        request, answer = self._request, self._buffer
        self._buffer, self._needed, self._request = b"", 0, None
        if request is None:
            return
        request.done = self._run.clock()
        request.status = int(answer[9:12])
        if self._run.job.keep_answers:
            request.answer = answer[answer.find(b"\r\n\r\n") + 4 :].decode()
        self._run.answered(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._run.lost(self, self._request)
        self._request = None

    def close(self) -> None:
        self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")


@dataclass(kw_only=True)
class Run:
    """One job under way."""

    job: Job
    payloads: list[bytes]
    requests: list[Request] = field(default_factory=list)
    idle: list[Connection] = field(default_factory=list)
    waiting: deque[Request] = field(default_factory=deque)
    opened: int = 0
    start: float = 0.0
    openings: set[asyncio.Task[None]] = field(default_factory=set)

    def clock(self) -> float:
        return time.perf_counter() - self.start

    def over(self) -> bool:
        most = self.job.most_requests
        return self.clock() >= self.job.seconds or bool(most and len(self.requests) >= most)

    def new_request(self, due: float) -> Request:
        request = Request(body=len(self.requests) % len(self.payloads), due=due)
        self.requests.append(request)
        return request

    def fire(self, due: float) -> None:
        request = self.new_request(due)
        if self.idle:
            self.idle.pop().send(request)
            return
        self.waiting.append(request)
        if self.opened < MOST_CONNECTIONS:
            task = asyncio.get_running_loop().create_task(self.open())
            self.openings.add(task)
            task.add_done_callback(self.openings.discard)

    async def open(self) -> None:
        self.opened += 1
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(self), "127.0.0.1", self.job.port
            )
        except OSError:
            self.opened -= 1
            return
        self.answered(connection)

    def answered(self, connection: Connection) -> None:
        if self.waiting:
            connection.send(self.waiting.popleft())
        elif self.job.rate or not self.start or self.over():
            self.idle.append(connection)
        else:
            connection.send(self.new_request(self.clock()))

    def lost(self, connection: Connection, request: Request | None) -> None:
        self.opened -= 1
        if connection in self.idle:
            self.idle.remove(connection)
        if request is not None:
            request.done = self.clock()

    def all_done(self) -> bool:
        return not self.waiting and all(request.done for request in self.requests)


async def carry_out(job: Job) -> Run:
    head = "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
    start = f"POST {job.path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n{head}"
    payloads = []
    for body in job.bodies:
        content = body.encode()
        payloads.append(f"{start}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    run = Run(job=job, payloads=payloads)
    await asyncio.gather(*(run.open() for _ in range(job.connections)))
    if not run.idle:
        raise ConnectionError(f"nothing listens on port {job.port}")
    loop = asyncio.get_running_loop()
    gc.collect()
    gc.disable()
    offset = time.perf_counter() - loop.time()
    run.start = time.perf_counter() + 0.02
    if job.rate:
        times = _times(job)
        for due in times:
            loop.call_at(run.start - offset + due, run.fire, due)
    else:
        first, run.idle = run.idle, []
        await asyncio.sleep(0.02)
        for connection in first:
            connection.send(run.new_request(run.clock()))
    await asyncio.sleep(max(0.0, job.seconds if job.rate or not job.most_requests else 0.0))
    limit = time.perf_counter() + job.drain + (0 if job.rate else job.seconds)
    while not run.all_done() and time.perf_counter() < limit:
        await asyncio.sleep(0.005)
    cut = run.clock()
    for request in run.requests:
        request.done = request.done or cut
    for connection in run.idle:
        connection.close()
    return run


def _times(job: Job) -> list[float]:
    if not job.poisson:
        return [step / job.rate for step in range(int(job.rate * job.seconds))]
    draw = random.Random(0)
    gaps = iter(lambda: draw.expovariate(job.rate), None)
    return list(itertools.takewhile(lambda at: at < job.seconds, itertools.accumulate(gaps)))


def main() -> None:
    job = Job(**json.load(sys.stdin))
    # epoll rounds waits up to a millisecond, select does not.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    busy = time.process_time()
    run = loop.run_until_complete(carry_out(job))
    busy = time.process_time() - busy
    columns = ("body", "due", "sent", "done", "status", "answer")
    written = columns if job.keep_answers else columns[:-1]
    result = {name: [getattr(one, name) for one in run.requests] for name in written}
    json.dump(result | {"cpu_seconds": busy, "connections": run.opened}, sys.stdout)


if __name__ == "__main__":
    main()
