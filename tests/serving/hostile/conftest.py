"""A real socket, and all that the store holds."""

import socket
import threading
import time
from dataclasses import dataclass

import httpx
import pytest
import sqlalchemy
import uvicorn

SOCKET_SECONDS = 20


@dataclass
class Socket:
    """A server on a real socket; requests to it need not be HTTP."""

    port: int
    keys: dict[str, str]
    services: object

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def head(self, path, scope, *lines, method="POST"):
        key = [f"Authorization: Bearer {self.keys[scope]}"] if scope else []
        return "\r\n".join(
            [f"{method} {path} HTTP/1.1", "Host: sophie", *key, *lines, "", ""]
        ).encode()

    def send(self, *chunks, pause=0.0, close=False):
        """Send bytes as they are; gives all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=SOCKET_SECONDS) as link:
            try:
                for chunk in chunks:
                    link.sendall(chunk)
                    time.sleep(pause)
                if close:
                    return b""
                link.shutdown(socket.SHUT_WR) if not chunks else None
            except ConnectionError:
                pass
            return _all_of(link)

    def is_alive(self):
        answer = httpx.post(
            f"{self.address}/v1/parse",
            json={"texts": ["bonjour"]},
            headers={"Authorization": f"Bearer {self.keys['parse']}"},
            timeout=SOCKET_SECONDS,
        )
        return answer.status_code == 200


def _all_of(link):
    found = b""
    try:
        while chunk := link.recv(65_536):
            found += chunk
            head, _, body = found.partition(b"\r\n\r\n")
            length = [
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ]
            if length and len(body) >= length[0]:
                break
    except (ConnectionError, TimeoutError):
        pass
    return found


@pytest.fixture(scope="module")
def server(degraded):
    """The application without a model, under uvicorn with the parser that the project installs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        degraded.client.app, port=port, log_config=None, lifespan="off", http="h11",
        server_header=False,
    )  # fmt: skip
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield Socket(port=port, keys=degraded.keys, services=degraded.services)
    running.should_exit = True
    thread.join()


@pytest.fixture
def everything_kept():
    """Give all text that a store holds, but for its keys."""

    def everything(store):
        known = sqlalchemy.MetaData()
        with store.engine.connect() as connection:
            known.reflect(connection)
            return "\n".join(
                str(tuple(row))
                for table in known.sorted_tables
                for row in connection.execute(table.select())
            )

    return everything


@pytest.fixture
def refused():
    """Check that an answer is a clear refusal in French, of one of those statuses."""

    def check(answer, *statuses):
        assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["detail"]
        assert told["type"].startswith("/problems/")
        return told

    return check
