"""Sophie's API beside the plain pipeline of transformers, LitServe and MLflow, in one run.

Run it by hand on a quiet machine, with the ``peers`` dependencies installed::

    python tests/benchmarks/serving/compare_servers.py SERVING CLASSIFIER [--quick]

``SERVING`` is a serving folder (``pouce nlu export``), ``CLASSIFIER`` the classifier folder it was
exported from. Each server is a process of its own on this machine, so is the client: they share
its processors. All are started, then measured in turn in every round, the others stopped by a
signal, so that a busy neighbour slows all of them alike; processor time is beside wall time for
the same reason. Requests carry real messages of the ``dev`` and ``blind`` splits. Not collected by
pytest: speed is reported, not asserted. Standard error says what is being done.
"""

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import psutil
from comparison_tables import call_summary, is_beyond, tables
from measurements import Latencies, ServerFigures, texts_per_second
from messages import corpus_messages
from server_processes import (
    HERE,
    RunningServer,
    ServerKind,
    environment,
    free_port,
    generate_load,
    run_generator,
    server_kinds,
)

BATCH = 32
RATES = (20, 100)
LEVELS = (1, 2, 4, 8, 16, 32, 64)
BATCH_CONNECTIONS = 4
# A level that gains less than this is not worth the longer queue.
GAIN = 1.05
PACKAGES = ("onnxruntime", "torch", "transformers", "fastapi", "uvicorn", "litserve", "mlflow")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long everything is measured; seconds are a server and a round."""

    rounds: int
    starts: int
    search_seconds: float
    open_seconds: float
    closed_seconds: float
    compared: int
    calls: int


QUICK = Plan(
    rounds=1, starts=1, search_seconds=0.5, open_seconds=2, closed_seconds=1.5, compared=128,
    calls=300,
)  # fmt: skip
FULL = Plan(
    rounds=4, starts=3, search_seconds=1.0, open_seconds=5, closed_seconds=4, compared=512,
    calls=500,
)  # fmt: skip


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


class Measurement:
    """One server under measurement."""

    def __init__(self, server: RunningServer, texts: list[str], plan: Plan) -> None:
        self.server, self.plan, self.figures = server, plan, ServerFigures()
        self.kind: ServerKind = server.kind
        self.ones = [self.kind.body([text]) for text in texts]
        rows = range(0, len(texts) - BATCH + 1, BATCH)
        self.batches = [self.kind.body(texts[row : row + BATCH]) for row in rows]

    def compare_answers(self) -> None:
        """Warm up, and keep the intents of the first texts."""
        count = self.plan.compared // BATCH
        result = generate_load(
            self.server, self.batches[:count], path=next(reversed(self.kind.batch_paths.values())),
            connections=1, seconds=120.0, most_requests=count, keep_answers=True,
        )  # fmt: skip
        self.figures.count(result)
        by_body = dict(zip(result["body"], result["answer"], strict=True))
        self.figures.intents = [
            intent for body in range(count) for intent in self.kind.intents(by_body[body])
        ]

    def search_saturation(self) -> None:
        """Double the number of waiting clients until no more is answered."""
        best = 0.0
        for level in LEVELS:
            result = self.closed(self.ones, level, self.plan.search_seconds)
            rate = texts_per_second(result, texts=1)
            if rate > GAIN * best:
                best, self.figures.connections = rate, level
            elif level > 2 * self.figures.connections:
                break
        self.figures.saturation = best

    def measure_round(self) -> None:
        """Every rate once, then the throughput of single texts and of batches."""
        for rate in RATES:
            self.open(str(rate), rate)
        self.open("half", self.figures.saturation / 2)
        result = self.throughput("one", self.ones, self.figures.connections, texts=1)
        self.figures.latencies.setdefault("saturation", Latencies()).add(result)
        for label, path in self.kind.batch_paths.items():
            name = self.kind.name + label
            self.throughput(name, self.batches, BATCH_CONNECTIONS, texts=BATCH, path=path)

    def open(self, name: str, rate: float) -> None:
        if is_beyond(rate, self.figures.saturation):
            return
        result = generate_load(
            self.server, self.ones, rate=rate, seconds=self.plan.open_seconds, connections=4
        )
        self.figures.count(result)
        self.figures.latencies.setdefault(name, Latencies()).add(result)

    def throughput(
        self, name: str, bodies: list[str], connections: int, *, texts: int, path: str | None = None
    ) -> dict:
        busy = self.server.cpu_seconds()
        result = self.closed(bodies, connections, self.plan.closed_seconds, path=path)
        busy = self.server.cpu_seconds() - busy
        self.figures.rates.setdefault(name, []).append(texts_per_second(result, texts=texts))
        per_text = 1e3 * busy / (texts * len(result["status"]))
        self.figures.cpu.setdefault(name, []).append(per_text)
        return result

    def closed(
        self, bodies: list[str], connections: int, seconds: float, *, path: str | None = None
    ) -> dict:
        result = generate_load(
            self.server, bodies, path=path or self.kind.path, connections=connections,
            seconds=seconds, drain=30.0,
        )  # fmt: skip
        self.figures.count(result)
        return result


def cold_starts(kind: ServerKind, scratch: Path, plan: Plan) -> tuple[RunningServer, list[float]]:
    """Start a server some times; the last one stays. The first start fills the page cache."""
    seconds = []
    for _ in range(plan.starts - 1):
        server = RunningServer(kind, scratch)
        seconds.append(server.ready_seconds)
        server.stop()
    server = RunningServer(kind, scratch)
    return server, [*seconds, server.ready_seconds]


def time_model_call(serving: Path, calls: int) -> dict:
    done = subprocess.run(
        [sys.executable, str(HERE / "model_call.py"), str(serving), str(calls)],
        env=environment(), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def generator_cost(texts: list[str]) -> str:
    """What the client itself costs, against a server that does nothing."""
    port = free_port()
    idle = subprocess.Popen([sys.executable, str(HERE / "idle_server.py"), str(port)])
    try:
        time.sleep(0.5)
        job = {"port": port, "path": "/", "headers": {}, "bodies": texts}
        open_loop = run_generator(job | {"rate": 100, "seconds": 3.0})
        closed = run_generator(job | {"connections": 4, "seconds": 1.0})
    finally:
        idle.terminate()
        idle.wait()
    due, sent = np.asarray(open_loop["due"]), np.asarray(open_loop["sent"])
    latency = 1e3 * (np.asarray(open_loop["done"]) - due)
    late = 1e3 * (sent - due)
    return (
        f"The load generator alone, against a server that does nothing: "
        f"{1e6 * closed['cpu_seconds'] / len(closed['due']):.0f} µs of processor time a request "
        f"({len(closed['due']):.0f} requests/s at most); at 100/s p50 {np.median(latency):.2f} ms, "
        f"p99 {np.quantile(latency, 0.99):.2f} ms, sent {np.quantile(late, 0.99):.2f} ms late "
        "at p99, which latencies include."
    )


def machine() -> str:
    names = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in names if line.startswith("model name")), "?")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"{len(os.sched_getaffinity(0))} processors ({model}), "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()}, "
        f"{versions}; HTTP by {http_stack()}. Servers and client share this machine."
    )


def http_stack() -> str:
    installed = {one.metadata["Name"] for one in metadata.distributions()}
    return " and ".join(
        good if good in installed else plain
        for good, plain in (("uvloop", "asyncio"), ("httptools", "h11"))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("serving", type=Path)
    parser.add_argument("classifier", type=Path)
    parser.add_argument("--quick", action="store_true", help="one short round, about two minutes")
    parser.add_argument("--rounds", type=int, help="rounds instead of 4")
    parser.add_argument("--only", action="append", help="a word of the names of servers to keep")
    given = parser.parse_args()
    # Paused servers would outlive a benchmark that is asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = QUICK if given.quick else FULL
    rounds = given.rounds or plan.rounds
    started, load = time.perf_counter(), os.getloadavg()[0]
    texts = corpus_messages()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pouce-bench-")))
        cost = generator_cost(texts)
        measurements: list[Measurement] = []
        for kind in server_kinds(given.serving.resolve(), given.classifier.resolve(), scratch):
            if given.only and not any(word in kind.name for word in given.only):
                continue
            say(f"starting {kind.name}")
            server, seconds = cold_starts(kind, scratch, plan)
            stack.callback(server.stop)
            one = Measurement(server, texts, plan)
            one.figures.ready = seconds
            say(f"ready in {', '.join(f'{s:.1f}' for s in seconds)} s; warming up, then saturation")
            one.compare_answers()
            one.search_saturation()
            say(f"saturates at {one.figures.saturation:.0f}/s, {one.figures.connections} waiting")
            server.pause()
            measurements.append(one)
        calls = []
        for turn in range(rounds):
            calls.append(time_model_call(given.serving, plan.calls))
            for one in random.Random(turn).sample(measurements, len(measurements)):
                say(f"round {turn + 1} of {rounds}: {one.kind.name}")
                one.server.resume()
                one.measure_round()
                one.server.pause()
        for one in measurements:
            one.server.resume()
            one.figures.memory = one.server.memory()
            one.server.pause()
    minutes = (time.perf_counter() - started) / 60
    print(f"{machine()} Load before the run {load:.1f}; {rounds} rounds, {minutes:.0f} minutes.")
    print(f"\n{cost}\n")
    print(tables({one.kind.name: one.figures for one in measurements}, call_summary(calls)))


if __name__ == "__main__":
    main()
