"""The servers that are compared: how each is started, asked, read, paused and weighed."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).parent
PARSE = "/v1/parse"
READY_SECONDS = 180.0
PIPELINE = "transformers pipeline"
OURS = "pouce serve"
# The benchmark is one client: limits of rate are lifted, and still counted.
NO_LIMITS = {
    "POUCE_SERVE_RATE_PER_MINUTE": "100000000",
    "POUCE_SERVE_RATE_BURST": "1000000",
    "POUCE_SERVE_PUBLIC_RATE_PER_MINUTE": "1000000",
}


def parse_body(texts: list[str]) -> str:
    return json.dumps({"texts": texts}, ensure_ascii=False)


def parse_intents(answer: str) -> list[str | None]:
    return [one["intent"] for one in json.loads(answer)["results"]]


def invocation_body(texts: list[str]) -> str:
    return json.dumps({"dataframe_records": [{"text": text} for text in texts]}, ensure_ascii=False)


def invocation_intents(answer: str) -> list[str | None]:
    return [one["intent"] for one in json.loads(answer)["predictions"]]


@dataclass(frozen=True, kw_only=True)
class ServerKind:
    """One row of the comparison.

    Attributes
    ----------
    name : str
    command : callable
        Command that serves on a port.
    ready : str
        Path that answers 200 when the server is ready.
    path : str
        Path that classifies.
    headers : mapping
        Of a request, beside its content type.
    batch_paths : mapping of str to str
        Path of requests of 32 texts, by what distinguishes it in the table.
    body, intents : callable
        Texts to a request, an answer to intents.
    """

    name: str
    command: Callable[[int], list[str]]
    ready: str = "/readyz"
    path: str = PARSE
    headers: Mapping[str, str] = field(default_factory=dict)
    batch_paths: Mapping[str, str] = field(default_factory=lambda: {"": PARSE})
    body: Callable[[list[str]], str] = parse_body
    intents: Callable[[str], list[str | None]] = parse_intents


def server_kinds(serving: Path, classifier: Path, scratch: Path) -> list[ServerKind]:
    """Every server of the comparison; what some of them need is written to ``scratch``.

    Parameters
    ----------
    serving : Path
        Serving folder, from ``pouce nlu export``.
    classifier : Path
        The classifier folder that it was exported from.
    scratch : Path
        Empty folder.
    """
    store = f"sqlite:///{scratch / 'store.db'}"
    pouce = [sys.executable, "-m", "serving.cli", "serve"]
    key = [*pouce, "key", "create", "benchmark", "--scope", "parse", "--store", store]
    made = subprocess.run(key, capture_output=True, text=True, check=True)
    logged = log_for_mlflow(classifier, scratch / "mlflow_model")

    def script(name: str, folder: Path) -> Callable[[int], list[str]]:
        return lambda port: [sys.executable, str(HERE / name), str(folder), str(port)]

    return [
        ServerKind(
            name=OURS,
            command=lambda port: [
                *pouce, "--port", str(port), "--model", str(serving), "--store", store
            ],
            headers={"Authorization": f"Bearer {made.stdout.strip()}"},
        ),
        ServerKind(
            name="its ONNX engine in bare FastAPI", command=script("bare_server.py", serving)
        ),
        ServerKind(
            name=PIPELINE,
            command=script("transformers_server.py", classifier),
            batch_paths={"": PARSE, ", batch_size=32": f"{PARSE}?batch_size=32"},
        ),
        ServerKind(
            name="the pipeline in LitServe",
            command=script("litserve_server.py", classifier),
            ready="/health",
        ),
        ServerKind(
            name="mlflow models serve",
            command=lambda port: [
                sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", str(logged),
                "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port),
            ],
            ready="/ping",
            path="/invocations",
            batch_paths={"": "/invocations"},
            body=invocation_body,
            intents=invocation_intents,
        ),
    ]  # fmt: skip


def log_for_mlflow(classifier: Path, destination: Path) -> Path:
    """Write the classifier as the MLflow model that training logs, without a registry."""
    import mlflow

    from nlu.registry import served_model

    mlflow.pyfunc.save_model(
        destination,
        python_model=served_model.__file__,
        artifacts={served_model.ARTIFACT_KEY: str(classifier)},
        pip_requirements=["mlflow"],
    )
    return destination


class RunningServer:
    """A server process and all its children.

    Parameters
    ----------
    kind : ServerKind
        What to start.
    scratch : Path
        Its working folder, and where its output goes.
    """

    def __init__(self, kind: ServerKind, scratch: Path) -> None:
        self.kind = kind
        self.port = free_port()
        self._log = (scratch / f"{kind.name.replace(' ', '_')}.log").open("ab")
        started = time.perf_counter()
        self._process = subprocess.Popen(
            kind.command(self.port),
            cwd=scratch,
            env=environment(),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait_until_ready(started + READY_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.ready_seconds = time.perf_counter() - started

    def _wait_until_ready(self, limit: float) -> None:
        address = f"http://127.0.0.1:{self.port}{self.kind.ready}"
        while time.perf_counter() < limit:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.kind.name} stopped:\n{self._last_words()}")
            with (
                suppress(urllib.error.URLError, ConnectionError, TimeoutError),
                urllib.request.urlopen(address, timeout=5) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"{self.kind.name} is not ready:\n{self._last_words()}")

    def _last_words(self) -> str:
        return Path(self._log.name).read_text(errors="replace")[-2_000:]

    def tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Processor time of the whole tree until now."""
        times = [one.cpu_times() for one in self.tree()]
        return sum(one.user + one.system for one in times)

    def memory(self) -> dict[str, float]:
        """Resident, proportional and greatest resident memory of the tree, in MB (10⁶ bytes)."""
        found = {"resident": 0.0, "proportional": 0.0, "peak": 0.0}
        for one in self.tree():
            memory = one.memory_full_info()
            found["resident"] += memory.rss / 1e6
            found["proportional"] += memory.pss / 1e6
            status = Path(f"/proc/{one.pid}/status").read_text()
            found["peak"] += int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
        return found

    def pause(self) -> None:
        """Stop the tree, so that servers that poll take nothing from the one that is measured."""
        for one in self.tree():
            one.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        for one in reversed(self.tree()):
            one.send_signal(signal.SIGCONT)
        self._wait_until_ready(time.perf_counter() + READY_SECONDS)

    def stop(self) -> None:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGCONT)
                os.killpg(self._process.pid, ending)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=15)
        self._log.close()


def environment() -> dict[str, str]:
    """Same for every server: all processors, threads of torch that sleep while they wait.

    OpenMP's default is to spin. On two processors that the client and the neighbours also use,
    LitServe's worker then answered ten to thirty times slower.
    """
    threads = str(len(os.sched_getaffinity(0)))
    given = {"OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "PASSIVE"}
    quiet = {"TOKENIZERS_PARALLELISM": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    # MLflow starts uvicorn by its name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, **given, **quiet, **NO_LIMITS}


def free_port() -> int:
    """A port below those that systems give to outgoing connections."""
    for port in random.SystemRandom().sample(range(20_000, 30_000), 50):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free between 20000 and 30000")


def generate_load(server: RunningServer, bodies: list[str], **job: Any) -> dict[str, Any]:
    """Run the load generator, in a process of its own; results as its columns."""
    headers = {"Content-Type": "application/json", **server.kind.headers}
    asked = {"port": server.port, "path": server.kind.path, "headers": headers, "bodies": bodies}
    return run_generator(asked | job)


def run_generator(job: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", str(HERE / "load_generator.py")],
        input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found
