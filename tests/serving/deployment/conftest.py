import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent
SHIPPED = Path(__file__).parents[3] / "serving" / "deployment"
# Shorter than the drain, as in what is shipped.
PROXY_KEEPS_SECONDS = 1


class Replicas:
    """Real ``pouce serve`` processes on the ports of two replicas."""

    def __init__(self, folder, environment, ports, words):
        self.ports, self._words = ports, words
        self._http = httpx.Client(timeout=20)
        self._log = (folder / "replicas.log").open("a")
        self._parent = subprocess.Popen(
            [sys.executable, str(HERE / "replicas.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        )  # fmt: skip
        self.log = folder / "replicas.log"
        assert self._parent.stdout.readline() == "ready\n", self.log.read_text()
        self._processes = {}

    def address(self, place):
        return f"http://127.0.0.1:{self.ports[place]}"

    def start(self, place):
        self._processes[place] = self._ask("--port", str(self.ports[place]), *self._words)

    def wait_until_ready(self, place):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.readiness(place) == 200:
                return
            time.sleep(0.02)
        pytest.fail(f"replica {place} does not start: {self.log.read_text()[-2000:]}")

    def readiness(self, place):
        """Status of ``/readyz``; None where nothing listens."""
        with suppress(httpx.TransportError):
            return self._http.get(f"{self.address(place)}/readyz").status_code
        return None

    def stop(self, place):
        """Ask a replica to leave, as an engine does."""
        os.kill(self._processes[place], signal.SIGTERM)

    def kill(self, place):
        os.kill(self._processes[place], signal.SIGKILL)

    def end_of(self, place):
        """Wait for the process of a replica; return its status, negative for a signal."""
        return self._ask("wait", self._processes.pop(place))

    def close(self):
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._parent.kill()
        self._parent.wait()
        self._log.close()
        self._http.close()

    def _ask(self, *words):
        self._parent.stdin.write(json.dumps(words) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())


@pytest.fixture
def start_replicas(no_model, free_port):
    """Start two replicas that share a store."""
    started = []

    def start(folder, url, *, drain_seconds):
        limits = ("RATE_PER_MINUTE", "RATE_BURST", "PUBLIC_RATE_PER_MINUTE")
        environment = {f"POUCE_SERVE_{name}": "600000" for name in limits}
        environment["POUCE_STORE"] = url
        words = ("--model", no_model, "--drain-seconds", str(drain_seconds))
        replicas = Replicas(folder, environment, (free_port(), free_port()), words)
        started.append(replicas)
        for place in (0, 1):
            replicas.start(place)
        for place in (0, 1):
            replicas.wait_until_ready(place)
        return replicas

    yield start
    for replicas in started:
        replicas.close()


def nginx_command(folder, port, addresses):
    """What starts nginx with the shipped configuration, for other ports and replicas."""
    text = (SHIPPED / "proxy" / "nginx.conf").read_text("utf-8")
    text = re.sub(r"listen 8080;", f"listen 127.0.0.1:{port};", text)
    text = text.replace("/tmp/", f"{folder}/")
    (folder / "nginx.conf").write_text(text, "utf-8")
    servers = "\n".join(f"server {one.removeprefix('http://')} max_fails=0;" for one in addresses)
    (folder / "replicas.conf").write_text(
        f"upstream replicas {{\n{servers}\nkeepalive 32;\n"
        f"keepalive_timeout {PROXY_KEEPS_SECONDS}s;\n}}\n",
        "utf-8",
    )
    more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [shutil.which("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", more]


@pytest.fixture
def start_proxy(free_port):
    """Start a proxy before addresses; nginx as shipped, or its rule where it is not installed."""
    started = []

    def start(folder, addresses):
        port = free_port()
        if shutil.which("nginx"):
            command = nginx_command(folder, port, addresses)
        else:
            command = [sys.executable, str(HERE / "retrying_proxy.py"), str(port), *addresses]
        with (folder / "proxy.log").open("w") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{address}/healthz").status_code == 200:
                    return address
            time.sleep(0.05)
        return pytest.fail((folder / "proxy.log").read_text())

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=10)
