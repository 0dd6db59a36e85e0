import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from serving.store.database import open_serving_store

# Longer than a key is remembered without asking the store: see serving.security.key_ring.
LONGER_THAN_KEYS = 6.0
# A request may wait for a statement, then for a connection: see serving.store.postgresql_outage.
BOUND_SECONDS = 8.0


@contextmanager
def stopped(postgresql, mode):
    postgresql.stop(mode)
    yield
    postgresql.start()


@contextmanager
def hanging(postgresql):
    """The server's processes are there and do nothing, as on a disk that no longer answers."""
    main = int((postgresql.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    # Itself first: it starts no other then.
    os.kill(main, signal.SIGSTOP)
    found = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True, check=False)
    processes = [main, *map(int, found.stdout.split())]
    for process in processes[1:]:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(processes):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@contextmanager
def dropped(postgresql):
    """What is sent to the server's port is lost: its queue is full and nobody takes from it."""
    with stopped(postgresql, "fast"), ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", postgresql.port))
        listener.listen(0)
        for _ in range(8):
            filler = opened.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", postgresql.port))
        yield


class Reader(threading.Thread):
    """Asks what needs no store, without a pause."""

    def __init__(self, server, key):
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=20)
        self._headers = {"Authorization": f"Bearer {key}"}
        self.slowest, self.count, self.faults = 0.0, 0, []

    def run(self):
        while not self._ended.is_set():
            started = time.monotonic()
            answer = self._http.post(
                "/v1/parse", headers=self._headers, json={"texts": ["quand passe le bac jaune ?"]}
            )
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.count += 1
            if answer.status_code != 200:
                self.faults.append(answer.text)
            time.sleep(0.01)

    def end(self):
        self._ended.set()
        self.join(30)
        self._http.close()


def check_refused(http, keys):
    """What stores says quickly that it cannot, and so does the look at readiness."""
    headers = {"Authorization": f"Bearer {keys['feedback']}"}
    for answer in (
        http.post("/v1/feedback", headers=headers, json={"rating": 5}),
        http.get("/readyz"),
    ):
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["type"] == "/problems/unavailable"
        assert answer.elapsed.total_seconds() < BOUND_SECONDS


def wait_until(found, *, seconds):
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="processes and queues of Linux")
def test_postgresql_may_go_and_come_back_under_load(
    own_postgresql_server, no_model, make_keys, processes, make_server, make_clients
):
    postgresql = own_postgresql_server
    url = f"{postgresql.address}/postgres"
    keys = make_keys(open_serving_store(url))
    server = make_server(processes(), store_url=url, model=no_model)
    server.start()
    reader = Reader(server, keys["parse"])
    http = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=20)
    with http, make_clients(server, keys, 3) as clients:
        reader.start()
        outages = (
            (stopped(postgresql, "fast"), LONGER_THAN_KEYS),
            (stopped(postgresql, "immediate"), 0.5),
            (hanging(postgresql), 0.5),
            (dropped(postgresql), 1.0),
        )
        for outage, seconds in outages:
            time.sleep(0.5)
            with outage:
                check_refused(http, keys)
                time.sleep(seconds)
                check_refused(http, keys)
            clients.wait_for_answers(10, seconds=10)
            wait_until(lambda: http.get("/readyz").status_code == 200, seconds=5)
        clients.end()
        reader.end()
    assert reader.faults == []
    assert reader.count > 100
    assert max(clients.slowest, reader.slowest) < BOUND_SECONDS
    store = open_serving_store(url)
    clients.check_stored(store)
    clients.check_repeated(every=10)
    clients.check_stored(store)
    store.engine.dispose()
