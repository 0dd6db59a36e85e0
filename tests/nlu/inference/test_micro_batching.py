import asyncio
import threading
import time

import pytest

from nlu.classifier.prediction import Prediction
from nlu.inference.encoded_texts import EncodedTexts
from nlu.inference.engine import EngineDescription
from nlu.inference.micro_batching import BatcherClosed, MicroBatcher, QueueFull


class FakeEngine:
    """Answers ``name:text``; records what it was called with and by which thread."""

    def __init__(self, name: str = "a", *, seconds: float = 0.0) -> None:
        self.name, self.seconds = name, seconds
        self.encoded, self.calls, self.threads = [], [], set()
        self.running = 0
        self.gate = threading.Event()
        self.gate.set()

    def encode(self, texts):
        self.encoded.append(list(texts))
        if "poison" in texts:
            raise RuntimeError("cannot read this")
        ids = tuple(tuple(range(len(text))) for text in texts)
        return EncodedTexts(texts=tuple(texts), token_ids=ids, truncated=(False,) * len(texts))

    def classify(self, encoded):
        self.running += 1
        assert self.running == 1
        self.threads.add(threading.get_ident())
        self.calls.append([len(ids) for ids in encoded.token_ids])
        assert self.gate.wait(5)
        time.sleep(self.seconds)
        self.running -= 1
        return [
            Prediction(
                text=text, intent=f"{self.name}:{text}", confidence=1.0, ranking=(),
                out_of_scope=0.0, decision="answer", reason="confident", truncated=False,
            )
            for text in encoded.texts
        ]  # fmt: skip

    def scores(self, texts):
        raise AssertionError("the batcher scores through encode and classify")

    def describe(self):
        return EngineDescription(
            runtime=self.name, device="", precision="", folder="", taxonomy_digest=None,
            load_seconds=0.0,
        )  # fmt: skip


async def blocked(engine: FakeEngine, batcher: MicroBatcher) -> asyncio.Task:
    """A request that holds the engine until its gate opens."""
    engine.gate.clear()
    holder = asyncio.create_task(batcher.submit(["hold"]))
    while not engine.calls:
        await asyncio.sleep(0.001)
    return holder


def intents(answer) -> list[str]:
    return [prediction.intent for prediction in answer.predictions]


def test_every_request_gets_its_own_answers_in_order():
    async def scene():
        engine = FakeEngine(seconds=0.001)
        async with MicroBatcher(engine, capacity=10_000, token_budget=64) as batcher:
            asked = [[f"{row}-{'x' * (row * place % 17)}" for place in range(row % 5 + 1)]
                     for row in range(300)]  # fmt: skip
            answers = await asyncio.gather(*(batcher.submit(texts) for texts in asked))
        return engine, asked, answers

    engine, asked, answers = asyncio.run(scene())
    for texts, answer in zip(asked, answers, strict=True):
        assert intents(answer) == [f"a:{text}" for text in texts]
        assert answer.phases.queue >= 0
        assert answer.phases.model > 0
    assert len(engine.threads) == 1
    assert len(engine.encoded) < 150
    for call in engine.calls:
        assert call == sorted(call)
        assert len(call) == 1 or len(call) * max(call) <= 64


def test_what_queued_while_the_engine_was_busy_is_one_batch():
    async def scene():
        engine = FakeEngine()
        async with MicroBatcher(engine, max_wait=0.0) as batcher:
            holder = await blocked(engine, batcher)
            others = [asyncio.create_task(batcher.submit([f"m{row}"])) for row in range(20)]
            await asyncio.sleep(0.01)
            engine.gate.set()
            await asyncio.gather(holder, *others)
        return engine

    assert [len(texts) for texts in asyncio.run(scene()).encoded] == [1, 20]


def test_a_lone_request_waits_for_company_no_longer_than_asked():
    async def scene(max_wait):
        engine = FakeEngine()
        async with MicroBatcher(engine, max_wait=max_wait) as batcher:
            first = asyncio.create_task(batcher.submit(["a"]))
            await asyncio.sleep(0.02)
            second = asyncio.create_task(batcher.submit(["b"]))
            await asyncio.gather(first, second)
        return len(engine.encoded)

    assert asyncio.run(scene(0.3)) == 1
    assert asyncio.run(scene(0.001)) == 2


def test_a_full_batch_does_not_wait():
    async def scene():
        async with MicroBatcher(FakeEngine(), max_wait=30.0, most_messages=4) as batcher:
            return await asyncio.wait_for(
                asyncio.gather(*(batcher.submit([str(row)]) for row in range(4))), 5
            )

    assert len(asyncio.run(scene())) == 4


def test_a_full_queue_refuses_at_once_and_says_when_to_return():
    async def scene():
        engine = FakeEngine(seconds=0.02)
        async with MicroBatcher(engine, capacity=6) as batcher:
            await batcher.submit(["learn the pace"])
            engine.calls.clear()
            holder = await blocked(engine, batcher)
            kept = [asyncio.create_task(batcher.submit(["x", "y"])) for _row in range(3)]
            await asyncio.sleep(0)
            with pytest.raises(QueueFull) as refusal:
                await asyncio.wait_for(batcher.submit(["one more"]), 1)
            assert batcher.waiting == 6
            engine.gate.set()
            answers = await asyncio.gather(holder, *kept)
            assert batcher.waiting == 0
            return refusal.value.retry_after, answers

    retry_after, answers = asyncio.run(scene())
    assert 0.1 <= retry_after < 5
    assert len(answers) == 4


def test_a_request_larger_than_the_queue_is_served_when_nothing_waits():
    async def scene():
        async with MicroBatcher(FakeEngine(), capacity=4) as batcher:
            return await batcher.submit([str(row) for row in range(50)])

    assert len(asyncio.run(scene()).predictions) == 50


def test_a_request_whose_client_left_is_not_computed():
    async def scene():
        engine = FakeEngine()
        async with MicroBatcher(engine) as batcher:
            holder = await blocked(engine, batcher)
            gone = asyncio.create_task(batcher.submit(["gone", "too"]))
            stays = asyncio.create_task(batcher.submit(["stays"]))
            await asyncio.sleep(0.005)
            gone.cancel()
            await asyncio.sleep(0)
            assert batcher.waiting == 1
            engine.gate.set()
            await asyncio.gather(holder, stays)
        return engine

    assert asyncio.run(scene()).encoded == [["hold"], ["stays"]]


def test_one_bad_request_does_not_fail_its_neighbours():
    async def scene():
        engine = FakeEngine()
        async with MicroBatcher(engine) as batcher:
            holder = await blocked(engine, batcher)
            tasks = [asyncio.create_task(batcher.submit([text])) for text in ("a", "poison", "b")]
            await asyncio.sleep(0.005)
            engine.gate.set()
            await holder
            return await asyncio.gather(*tasks, return_exceptions=True)

    good, bad, other = asyncio.run(scene())
    assert (intents(good), intents(other)) == (["a:a"], ["a:b"])
    assert isinstance(bad, RuntimeError)
    assert "cannot read this" in str(bad)


def test_closing_answers_what_waits_and_refuses_what_comes():
    async def scene():
        engine = FakeEngine(seconds=0.005)
        async with MicroBatcher(engine, most_messages=2) as batcher:
            waiting = [asyncio.create_task(batcher.submit([str(row)])) for row in range(9)]
            await asyncio.sleep(0)
            closing = asyncio.create_task(batcher.close())
            await asyncio.sleep(0)
            with pytest.raises(BatcherClosed):
                await batcher.submit(["late"])
            await closing
            return [intents(await task) for task in waiting]

    assert asyncio.run(scene()) == [[f"a:{row}"] for row in range(9)]


def test_a_swap_under_load_fails_and_mixes_nothing():
    async def scene():
        engines = [FakeEngine(name, seconds=0.0005) for name in "abc"]
        answers = []
        async with MicroBatcher(engines[0], most_messages=8) as batcher:

            async def client(number):
                for turn in range(40):
                    texts = [f"{number}-{turn}-{place}" for place in range(3)]
                    answers.append((texts, await batcher.submit(texts)))

            async def operator():
                for turn in range(30):
                    await asyncio.sleep(0.005)
                    before = batcher.replace(engines[(turn + 1) % 3])
                    assert before is engines[turn % 3]

            await asyncio.gather(operator(), *(client(number) for number in range(20)))
        return answers

    answers = asyncio.run(scene())
    assert len(answers) == 800
    for texts, answer in answers:
        assert intents(answer) == [f"{answer.engine.runtime}:{text}" for text in texts]
    assert {answer.engine.runtime for _texts, answer in answers} == {"a", "b", "c"}
