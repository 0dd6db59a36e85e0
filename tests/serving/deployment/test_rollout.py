import itertools
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import create_engine, func, select, text

from serving.security.key_ring import REMEMBERED_SECONDS
from serving.store.api_keys import revoke_key
from serving.store.database import open_serving_store
from serving.store.tables import (
    conversation,
    exposure,
    feedback,
    idempotent_response,
    message,
    service_request,
)

CLIENTS = 3
DRAIN_SECONDS = 1.5
FORM = {"service_code": "depot_sauvage", "lat": "49.36", "long": "0.08", "description": "essai"}


@pytest.fixture
def shared_store(postgresql_server):
    """Address of an empty database for the replicas."""
    name = f"deploiement_{time.time_ns()}"
    engine = create_engine(
        f"{postgresql_server}/postgres".replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{postgresql_server}/{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


class Citizens(threading.Thread):
    """Sends one request after the other through the proxy, and never sends one again."""

    def __init__(self, address, keys, stop):
        super().__init__(daemon=True)
        self._http = httpx.Client(base_url=address, timeout=40)
        self._keys, self._done = keys, stop
        self.answers = {"parse": [], "messages": [], "feedback": [], "open311": []}
        self.failures = []

    def run(self):
        session = None
        for number in itertools.count():
            if self._done.is_set():
                return
            # Two turns of each conversation.
            session = None if number % 2 == 0 else session
            body = {"payload": "intent:redevance_pro", "session_id": session}
            said = self._send("messages", "/v1/messages", json=_given(body))
            session = said["session_id"] if said else None
            self._send("parse", "/v1/parse", json={"texts": ["parler à un conseiller"]})
            self._send("feedback", "/v1/feedback", json={"rating": 4})
            self._send("open311", "/open311/v2/requests.json", data=FORM)

    def _send(self, scope, path, **content):
        headers = {"Authorization": f"Bearer {self._keys[scope]}"}
        try:
            answer = self._http.post(path, headers=headers, **content)
        except httpx.TransportError as error:
            self.failures.append(f"{path}: {error!r}")
            return None
        if not answer.is_success:
            self.failures.append(f"{path}: {answer.status_code} {answer.text}")
            return None
        self.answers[scope].append(answer.json())
        return answer.json()


def _given(body):
    return {name: value for name, value in body.items() if value is not None}


def _half_sent(replicas, place, keys):
    """A request whose body is half sent; gives what sends the rest and reads the answer."""
    body = b'{"texts": ["parler a un conseiller"]}'
    link = socket.create_connection(("127.0.0.1", replicas.ports[place]), timeout=20)
    link.sendall(
        b"POST /v1/parse HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer " + keys["parse"].encode() + b"\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body[:10]
    )

    def finish():
        link.sendall(body[10:])
        answer = b""
        with link:
            while received := link.recv(65_536):
                answer += received
        return answer

    return finish


def _replace(replicas, place, keys):
    """Replace the process of a replica, as a rollout does, and see how the old one leaves."""
    finish = _half_sent(replicas, place, keys)
    replicas.stop(place)
    stopped = time.monotonic()
    seen = [replicas.readiness(place)]
    while seen[-1] == 200:
        seen.append(replicas.readiness(place))
    served = httpx.get(f"{replicas.address(place)}/healthz")
    assert (served.status_code, served.headers["connection"]) == (200, "close")
    while seen[-1] is not None:
        time.sleep(0.05)
        seen.append(replicas.readiness(place))
    # It says that it leaves, long enough for a proxy that asks, and only then stops listening.
    assert seen[-2] == 503, seen
    assert time.monotonic() - stopped >= DRAIN_SECONDS
    answer = finish()
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    assert b"connection: close" in answer
    replicas.end_of(place)
    replicas.start(place)
    replicas.wait_until_ready(place)


def _post(replicas, place, keys, scope, path, body, **headers):
    headers = {"Authorization": f"Bearer {keys[scope]}", **headers}
    return httpx.post(f"{replicas.address(place)}{path}", json=body, headers=headers, timeout=20)


def _wait_until_used(replicas, place, keys):
    """The proxy finds the new process by itself."""
    deadline = time.monotonic() + 15
    while not _served(replicas, place, keys):
        assert time.monotonic() < deadline, f"nothing reaches the new replica {place}"
        time.sleep(0.05)


def _served(replicas, place, keys):
    headers = {"Authorization": f"Bearer {keys['admin']}"}
    lines = httpx.get(f"{replicas.address(place)}/metrics", headers=headers).text.splitlines()
    return sum(
        float(line.rpartition(" ")[2]) for line in lines
        if line.startswith("pouce_requests_total") and 'method="POST"' in line
    )  # fmt: skip


def test_a_rollout_is_not_seen_by_clients(
    tmp_path, shared_store, make_keys, start_replicas, start_proxy
):
    store = open_serving_store(shared_store)
    keys = make_keys(store)
    replicas = start_replicas(tmp_path, shared_store, drain_seconds=DRAIN_SECONDS)
    proxy = start_proxy(tmp_path, [replicas.address(place) for place in (0, 1)])
    stop = threading.Event()
    citizens = [Citizens(proxy, keys, stop) for _ in range(CLIENTS)]
    for one in citizens:
        one.start()
    _check_one_service(replicas, keys)
    for place in (0, 1):
        _replace(replicas, place, keys)
        _wait_until_used(replicas, place, keys)
    _check_kill(replicas)
    stop.set()
    for one in citizens:
        one.join(timeout=60)
    failures = [failure for one in citizens for failure in one.failures]
    assert failures == []
    _check_stored(store, citizens)
    _check_revocation(store, replicas, keys)
    store.engine.dispose()


def _check_one_service(replicas, keys):
    """What one replica began, the other goes on with."""
    asked = {"payload": "intent:redevance_pro"}
    name = {"Idempotency-Key": "essai-0001"}
    first = _post(replicas, 0, keys, "messages", "/v1/messages", asked, **name)
    assert _post(replicas, 1, keys, "messages", "/v1/messages", asked, **name).json() == (
        first.json()
    )
    asked["session_id"] = first.json()["session_id"]
    second = _post(replicas, 1, keys, "messages", "/v1/messages", asked).json()
    assert (first.json()["turn"], second["turn"]) == (1, 2)
    assert second["disclosure"] is None
    assert second["session_id"] == first.json()["session_id"]


def _check_kill(replicas):
    """A process that dies under its requests is not seen either."""
    replicas.kill(1)
    replicas.end_of(1)
    time.sleep(0.5)
    replicas.start(1)
    replicas.wait_until_ready(1)
    time.sleep(0.5)


def _check_stored(store, citizens):
    """All that was acknowledged is stored once, and nothing else is."""
    answers = {
        scope: [body for one in citizens for body in one.answers[scope]]
        for scope in citizens[0].answers
    }
    assert min(map(len, answers.values())) > 50
    with store.engine.connect() as connection:

        def column(one):
            return sorted(connection.execute(select(one)).scalars())

        messages, opinions = column(message.c.identifier), column(feedback.c.identifier)
        reports, conversations = (
            column(service_request.c.identifier),
            column(exposure.c.conversation),
        )
        talks = connection.execute(select(func.count()).select_from(conversation)).scalar_one()
        names = column(idempotent_response.c.key)
    # The proxy named each of them, so that a replica that has done one does not do it again.
    assert len(names) == len(answers["messages"]) + len(answers["feedback"]) + 1
    assert opinions == sorted(body["feedback_id"] for body in answers["feedback"])
    assert reports == sorted(body[0]["service_request_id"] for body in answers["open311"])
    told = {body["message_id"] for body in answers["messages"]}
    # The two turns of `_check_one_service` went past the proxy.
    assert len(messages) == len(told) + 2
    assert told < set(messages)
    # Each conversation had its exposure, once, though its turns went to both replicas.
    assert len(conversations) == len(set(conversations)) == talks
    shown = [body["session_id"] for body in answers["messages"] if body["nudge"]]
    assert 0 < len(shown) == len(set(shown)) < talks


def _check_revocation(store, replicas, keys):
    """A key revoked anywhere is refused everywhere within the time that is documented."""
    body = {"texts": ["bonjour"]}
    for place in (0, 1):
        assert _post(replicas, place, keys, "parse", "/v1/parse", body).status_code == 200
    revoke_key(store, keys["parse"].split("_")[1], now=datetime.now(UTC))
    deadline = time.monotonic() + REMEMBERED_SECONDS + 1
    refused = set()
    while refused != {0, 1} and time.monotonic() < deadline:
        time.sleep(0.1)
        for place in (0, 1):
            with suppress(httpx.TransportError):
                answer = _post(replicas, place, keys, "parse", "/v1/parse", body)
                refused |= {place} if answer.status_code == 401 else set()
    assert refused == {0, 1}
