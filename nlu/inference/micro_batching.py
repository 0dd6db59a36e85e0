"""Share one engine between requests: what queued while it was busy makes the next batch.

The event loop queues, one worker thread tokenises and runs the network. A batch is closed when it
is full or when its first request has waited ``max_wait``; after a busy spell that moment is past
and nothing waits. The queue is bounded: a request that would have to wait too long is refused at
once and told when to come back.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nlu.classifier.prediction import Prediction
from nlu.inference.engine import TOKEN_BUDGET, Engine, EngineDescription, token_batches

SMOOTHING = 0.2
LEAST_RETRY_SECONDS = 0.1


class QueueFull(Exception):  # noqa: N818
    """Too many messages wait.

    Attributes
    ----------
    retry_after : float
        Seconds after which the queue should have been served.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many messages wait: try again in {retry_after:.1f} s")
        self.retry_after = retry_after


class BatcherClosed(RuntimeError):  # noqa: N818
    """The batcher is closing and takes no more requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSeconds:
    """Where the time of a request went.

    Attributes
    ----------
    queue : float
        Waiting for the batch.
    tokenise, model : float
        Of the batch that the request was in.
    """

    queue: float
    tokenise: float
    model: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchedAnswer:
    """Answer to one request.

    Attributes
    ----------
    predictions : tuple of Prediction
        One a message, in order, all by one engine.
    phases : PhaseSeconds
    engine : EngineDescription
        Which engine answered.
    """

    predictions: tuple[Prediction, ...]
    phases: PhaseSeconds
    engine: EngineDescription


@dataclass(slots=True, kw_only=True)
class _Request:
    texts: tuple[str, ...]
    future: "asyncio.Future[BatchedAnswer]"
    queued_at: float


class MicroBatcher:
    """Asynchronous front of an engine; use it in the event loop that started it.

    Parameters
    ----------
    engine : Engine
        Called in one worker thread only.
    capacity : int
        Messages that may wait; a single larger request is taken when nothing waits.
    most_messages : int
        Messages after which a batch takes no further request.
    token_budget : int
        Tokens of one call of the network, padding included.
    max_wait : float
        Seconds that a request may wait for company.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        capacity: int = 1_024,
        most_messages: int = 64,
        token_budget: int = TOKEN_BUDGET,
        max_wait: float = 0.002,
    ) -> None:
        self._engine = engine
        self._capacity = capacity
        self._most_messages = most_messages
        self._token_budget = token_budget
        self._max_wait = max_wait
        self._waiting: deque[_Request] = deque()
        self._messages = 0
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = False
        self._seconds_per_message = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._loop_task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Messages in the queue."""
        return self._messages

    @property
    def engine(self) -> Engine:
        """The engine of the next batch."""
        return self._engine

    async def __aenter__(self) -> "MicroBatcher":
        """Start serving."""
        self._loop_task = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close in order."""
        await self.close()

    def replace(self, engine: Engine) -> Engine:
        """Serve the next batches with another engine; safe from any thread.

        A batch that runs keeps the engine it began with, so no request is mixed or lost.

        Returns
        -------
        Engine
            The one that served until now.
        """
        before, self._engine = self._engine, engine
        return before

    async def submit(self, texts: Sequence[str]) -> BatchedAnswer:
        """Predictions of one request; cancelling the call takes it out of the queue.

        Parameters
        ----------
        texts : sequence of str
            Messages of the request.

        Raises
        ------
        QueueFull
            When the queue has no room; nothing was queued.
        BatcherClosed
            After :meth:`close` was called.
        Exception
            What the engine raised on this request; its neighbours are served.
        """
        if self._closing:
            raise BatcherClosed("the batcher is closing")
        if self._messages and self._messages + len(texts) > self._capacity:
            raise QueueFull(max(LEAST_RETRY_SECONDS, self._messages * self._seconds_per_message))
        request = _Request(
            texts=tuple(texts),
            future=asyncio.get_running_loop().create_future(),
            queued_at=time.perf_counter(),
        )
        self._waiting.append(request)
        self._messages += len(texts)
        self._arrived.set()
        if self._messages >= self._most_messages:
            self._full.set()
        try:
            return await request.future
        except asyncio.CancelledError:
            if request in self._waiting:
                self._waiting.remove(request)
                self._messages -= len(request.texts)
            raise

    async def close(self) -> None:
        """Refuse new requests, answer those that wait, stop the thread."""
        self._closing = True
        self._arrived.set()
        self._full.set()
        if self._loop_task is not None:
            await self._loop_task
        self._thread.shutdown(wait=True)

    async def _serve(self) -> None:
        while True:
            await self._arrived.wait()
            if not self._waiting:
                self._arrived.clear()
                if self._closing:
                    return
                continue
            await self._wait_for_company(self._waiting[0].queued_at + self._max_wait)
            batch = self._take()
            if batch:
                await self._answer(batch)

    async def _wait_for_company(self, deadline: float) -> None:
        left = deadline - time.perf_counter()
        if left <= 0 or self._messages >= self._most_messages or self._closing:
            return
        self._full.clear()
        try:
            await asyncio.wait_for(self._full.wait(), left)
        except TimeoutError:
            return

    def _take(self) -> list[_Request]:
        batch: list[_Request] = []
        size = 0
        while self._waiting and (
            not batch or size + len(self._waiting[0].texts) <= self._most_messages
        ):
            request = self._waiting.popleft()
            self._messages -= len(request.texts)
            if not request.future.done():
                batch.append(request)
                size += len(request.texts)
        return batch

    async def _answer(self, batch: list[_Request]) -> None:
        loop, engine = asyncio.get_running_loop(), self._engine
        started = time.perf_counter()
        try:
            answers = await loop.run_in_executor(self._thread, self._run, engine, batch)
        except Exception as error:  # What an engine raises is for the request that caused it.
            if len(batch) > 1:
                for request in batch:
                    await self._answer([request])
            elif not batch[0].future.done():
                batch[0].future.set_exception(error)
            return
        messages = sum(len(request.texts) for request in batch)
        self._learn((time.perf_counter() - started) / max(messages, 1))
        for request, answer in zip(batch, answers, strict=True):
            if not request.future.done():
                request.future.set_result(answer)

    def _run(self, engine: Engine, batch: list[_Request]) -> list[BatchedAnswer]:
        started = time.perf_counter()
        encoded = engine.encode([text for request in batch for text in request.texts])
        tokenised = time.perf_counter()
        answers: dict[int, Prediction] = {}
        lengths = [len(ids) for ids in encoded.token_ids]
        for rows in token_batches(lengths, token_budget=self._token_budget):
            answers.update(zip(rows, engine.classify(encoded.take(rows)), strict=True))
        done = time.perf_counter()
        description = engine.describe()
        results, row = [], 0
        for request in batch:
            results.append(
                BatchedAnswer(
                    predictions=tuple(answers[row + place] for place in range(len(request.texts))),
                    phases=PhaseSeconds(
                        queue=started - request.queued_at,
                        tokenise=tokenised - started,
                        model=done - tokenised,
                    ),
                    engine=description,
                )
            )
            row += len(request.texts)
        return results

    def _learn(self, seconds: float) -> None:
        known = self._seconds_per_message
        self._seconds_per_message = (
            (1 - SMOOTHING) * known + SMOOTHING * seconds if known else seconds
        )
