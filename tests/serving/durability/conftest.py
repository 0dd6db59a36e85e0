import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

SCRIPT = Path(__file__).with_name("processes.py")
# Nothing here is about limits.
FAST = {"rate_per_minute": 600_000, "rate_burst": 600_000, "public_rate_per_minute": 600_000}
TRANSIENT = {409, 429, 503}


class Processes:
    """Real servers and promotions, started by a process that has read everything once."""

    def __init__(self, folder, *, with_promotions=False, environment=None, under=()):
        words = [*under, sys.executable, str(SCRIPT)]
        with (folder / "processes.log").open("a") as log:
            self._parent = subprocess.Popen(
                [*words, "promotions"] if with_promotions else words,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder,
                env={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
            )  # fmt: skip
        assert self._parent.stdout.readline() == "ready\n"
        self.parent = self._parent.pid

    def start(self, action, *arguments) -> int:
        """Start one; return its process."""
        return self._ask(action, *arguments)

    def end_of(self, process) -> int:
        """Wait for one; return its status, negative for a signal."""
        return self._ask("wait", process)

    def kill(self, process) -> int:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        return self.end_of(process)

    def close(self):
        self._parent.kill()
        self._parent.wait()

    def _ask(self, *words) -> int:
        self._parent.stdin.write(json.dumps(words) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())


class Server:
    """A server that is killed and started again on one port."""

    def __init__(self, processes, port, **settings):
        self._processes, self.port = processes, port
        self._settings = json.dumps({**FAST, **settings})
        self._process = 0
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)

    def start(self):
        self._process = self._processes.start("serve", self._settings, str(self.port))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if self.http.get("/readyz").status_code == 200:
                    return
            time.sleep(0.01)
        pytest.fail("the server does not start again")

    def kill(self):
        assert self._processes.kill(self._process) == -signal.SIGKILL

    def close(self):
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        self.http.close()


class Client(threading.Thread):
    """Sends requests one after the other, each until it is answered, as Sophie's servers do."""

    def __init__(self, server, keys, name, stop):
        super().__init__(daemon=True)
        self._keys, self._prefix, self._done = keys, name, stop
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=10)
        self._session = None
        self.answers = {}
        self.faults = []
        self.statuses = set()
        self.slowest = 0.0

    def run(self):
        number = 0
        while not self._done.is_set():
            number += 1
            self.send_until_answered(f"{self._prefix}-{number:06d}", self._request(number))
        self._http.close()

    def _request(self, number):
        """Opinions, first turns and further turns that each open a ticket, and reports."""
        if number % 4 == 0:
            return "feedback", "/v1/feedback", {"json": {"rating": 5}}
        if number % 4 == 1:
            report = {"service_code": "pav_plein", "lat": "49.36", "long": "0.08",
                      "description": f"Pleine {number}", "email": "a@exemple.fr"}  # fmt: skip
            return "open311", "/open311/v2/requests.json", {"data": report}
        said = {"text": "parler à un conseiller"}
        if number % 4 == 3 and self._session is not None:
            said["session_id"] = self._session
        return "messages", "/v1/messages", {"json": said}

    def send_until_answered(self, name, request):
        while True:
            started = time.monotonic()
            try:
                answer = self.send(name, request)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            finally:
                self.slowest = max(self.slowest, time.monotonic() - started)
            self.statuses.add(answer.status_code)
            if answer.is_success:
                self.answers[name] = (request, answer.json())
                if request[0] == "messages":
                    self._session = answer.json()["session_id"]
                return
            if answer.status_code not in TRANSIENT:
                self.faults.append(answer.text)
                return
            time.sleep(0.02)

    def send(self, name, request):
        scope, path, body = request
        headers = {"Authorization": f"Bearer {self._keys[scope]}", "Idempotency-Key": name}
        return self._http.post(path, headers=headers, **body)


class Clients:
    """Several clients at once, and what must be true of what they were answered."""

    def __init__(self, server, keys, count):
        self._stop = threading.Event()
        self._all = [Client(server, keys, f"client-{one}", self._stop) for one in range(count)]
        self._asking = Client(server, keys, "asked", self._stop)
        self._numbers = itertools.count()

    def __enter__(self):
        for one in self._all:
            one.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()

    def ask(self, request):
        """Send a request of one's own, once; what is acknowledged counts like the rest."""
        name = f"asked-{next(self._numbers):06d}"
        answer = self._asking.send(name, request)
        if answer.is_success:
            self._asking.answers[name] = (request, answer.json())
        return answer

    def end(self):
        self._stop.set()
        for one in self._all:
            one.join(timeout=60)
            assert not one.is_alive(), "a client was never answered"
        assert [fault for one in self._all for fault in one.faults] == []

    @property
    def answers(self):
        every = (*self._all, self._asking)
        return {name: found for one in every for name, found in one.answers.items()}

    @property
    def statuses(self):
        return set().union(*(one.statuses for one in self._all))

    def wait_for_answers(self, count, *, seconds=20):
        wanted = len(self.answers) + count
        deadline = time.monotonic() + seconds
        while len(self.answers) < wanted:
            assert time.monotonic() < deadline, "clients are not answered"
            time.sleep(0.005)

    def forget_statuses(self):
        for one in self._all:
            one.statuses = set()

    @property
    def slowest(self):
        return max(one.slowest for one in self._all)

    def check_stored(self, store):
        """All that was acknowledged is stored once, and nothing else is."""
        from serving.store import extension_tables, tables

        told = {"feedback": [], "messages": [], "open311": []}
        for (scope, _path, _body), answer in self.answers.values():
            told[scope].append(answer[0] if scope == "open311" else answer)
        said = told["messages"]
        reports = [one["service_request_id"] for one in told["open311"]]
        assert min(map(len, told.values())) > 5
        turns = {}
        for one in said:
            pseudonym = tables_pseudonym(one["session_id"])
            turns[pseudonym] = max(turns.get(pseudonym, 0), one["turn"])
        with store.engine.connect() as connection:

            def kept(table, *names):
                columns = [table.c[name] for name in names]
                rows = connection.execute(table.select().with_only_columns(*columns)).all()
                return sorted(row[0] if len(names) == 1 else tuple(row) for row in rows)

            assert kept(tables.feedback, "identifier") == sorted(
                one["feedback_id"] for one in told["feedback"]
            )
            assert kept(tables.message, "identifier") == sorted(one["message_id"] for one in said)
            assert kept(tables.ticket, "identifier", "message") == sorted(
                (one["ticket"], one["message_id"]) for one in said
            )
            assert kept(tables.conversation, "pseudonym", "turns") == sorted(turns.items())
            assert kept(tables.service_request, "identifier") == sorted(reports)
            assert kept(extension_tables.report_contact, "request") == sorted(reports)

    def check_repeated(self, *, every=1):
        """A request sent again is answered what it was answered first."""
        for name, (request, answer) in list(self.answers.items())[::every]:
            assert self._asking.send(name, request).json() == answer


def tables_pseudonym(session):
    from serving.store.sessions import pseudonym_of

    return pseudonym_of(session)


@pytest.fixture
def processes(tmp_path):
    """Start processes that read everything once."""
    opened = []

    def open_them(**options):
        opened.append(Processes(tmp_path, **options))
        return opened[-1]

    yield open_them
    for one in opened:
        one.close()


@pytest.fixture
def make_server(free_port):
    """Prepare a server on a port of its own."""
    opened = []

    def make(processes, **settings):
        opened.append(Server(processes, free_port(), **settings))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def make_clients():
    """Prepare clients of a server."""
    return Clients
