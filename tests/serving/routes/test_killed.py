import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from serving.store.database import open_serving_store
from serving.store.tables import feedback, message, ticket

TRIES = 10
CLIENTS = 2
SCRIPT = Path(__file__).with_name("server_to_kill.py")


class Server:
    """Starts and kills the real thing on one port."""

    def __init__(self, url, model, port):
        self._parent = subprocess.Popen(
            [sys.executable, str(SCRIPT), url, model],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert self._parent.stdout.readline() == "ready\n"
        self.port = port
        self._pid = 0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._parent.stdin.write(f"start {self.port}\n")
        self._parent.stdin.flush()
        self._pid = int(self._parent.stdout.readline())
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            time.sleep(0.02)
        pytest.fail("the server does not start again")

    def kill(self):
        os.kill(self._pid, signal.SIGKILL)

    def close(self):
        with suppress(ProcessLookupError):
            self.kill()
        self._parent.kill()
        self._parent.wait()


class Client(threading.Thread):
    """Sends requests one after the other, each until it is answered, like a real client."""

    def __init__(self, server, keys, name, stop):
        super().__init__(daemon=True)
        self._server, self._keys, self._prefix, self._done = server, keys, name, stop
        self.answers = {}
        self.faults = []

    def run(self):
        number = 0
        while not self._done.is_set():
            number += 1
            kind = ("feedback", "messages")[number % 2]
            body = {"rating": 5} if kind == "feedback" else {"text": "parler à un conseiller"}
            self._send_until_answered(kind, f"{self._prefix}-{number:06d}", body)

    def _send_until_answered(self, kind, key, body):
        headers = {"Authorization": f"Bearer {self._keys[kind]}", "Idempotency-Key": key}
        while True:
            try:
                answer = httpx.post(
                    f"{self._server.address}/v1/{kind}", json=body, headers=headers, timeout=10
                )
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.is_success:
                self.answers[key] = (kind, body, answer.json())
                return
            if answer.status_code not in {409, 503}:
                self.faults.append(answer.text)
                return


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    tmp_path, no_model, make_keys, free_port
):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    store = open_serving_store(url)
    keys = make_keys(store)
    server = Server(url, no_model, free_port())
    stop = threading.Event()
    clients = [Client(server, keys, f"client-{place}", stop) for place in range(CLIENTS)]
    chance = random.Random(5)
    try:
        server.start()
        for client in clients:
            client.start()
        for _ in range(TRIES):
            time.sleep(chance.uniform(0.05, 0.3))
            server.kill()
            server.start()
        stop.set()
        for client in clients:
            client.join(timeout=30)
        answers = {key: found for client in clients for key, found in client.answers.items()}
        check_stored(store, answers)
        check_repeated(server, keys, answers)
        check_stored(store, answers)
    finally:
        stop.set()
        server.close()
    assert [fault for client in clients for fault in client.faults] == []


def check_stored(store, answers):
    given = [body for kind, _, body in answers.values() if kind == "feedback"]
    said = [body for kind, _, body in answers.values() if kind == "messages"]
    assert len(given) > TRIES
    assert len(said) > TRIES
    with store.engine.connect() as connection:
        opinions = connection.execute(feedback.select()).mappings().all()
        messages = connection.execute(message.select()).mappings().all()
        tickets = connection.execute(ticket.select()).mappings().all()
    assert sorted(row["identifier"] for row in opinions) == sorted(
        body["feedback_id"] for body in given
    )
    assert sorted(row["identifier"] for row in messages) == sorted(
        body["message_id"] for body in said
    )
    assert sorted(row["identifier"] for row in tickets) == sorted(body["ticket"] for body in said)


def check_repeated(server, keys, answers):
    for key, (kind, body, earlier) in list(answers.items())[:20]:
        headers = {"Authorization": f"Bearer {keys[kind]}", "Idempotency-Key": key}
        again = httpx.post(f"{server.address}/v1/{kind}", json=body, headers=headers, timeout=10)
        assert again.json() == earlier
