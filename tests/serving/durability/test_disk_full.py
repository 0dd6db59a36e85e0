import json
import logging
import shutil
import time
from functools import partial

import httpx
import pytest
from sqlalchemy import event

from serving.observability.json_logs import FIELDS, LOGGER
from serving.store.database import open_serving_store
from serving.store.tables import metadata

FORM = {"service_code": "pav_plein", "lat": "49.36", "long": "0.08", "description": "Pleine",
        "email": "a@exemple.fr"}  # fmt: skip
WRITES = {
    "feedback": ("/v1/feedback", {"json": {"rating": 5, "comment": "merci " * 200}}),
    "messages": ("/v1/messages", {"json": {"text": "parler à un conseiller " * 40}}),
    "open311": ("/open311/v2/requests.json", {"data": FORM}),
}


def check_told(answer, *, path):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    if path.startswith("/open311"):
        (told,) = answer.json()
        assert "plein" in told["description"]
        return
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == "/problems/storage-full"
    assert "plein" in told["detail"]
    assert "Rien n'a été enregistré" in told["detail"]


def refusal(send):
    """Send until nothing fits: there may be room left in pages, or from what was refused."""
    for _ in range(300):
        answer = send()
        if not answer.is_success:
            return answer
    pytest.fail("the disk is not full")


def counts(store):
    with store.engine.connect() as connection:
        return {
            table.name: len(connection.execute(table.select()).all())
            for table in metadata.sorted_tables
        }


@pytest.fixture
def full(api):
    """The store of the running application may grow no more, until it is called."""

    def limit(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    engine = api.store.engine

    def make_room():
        if event.contains(engine, "connect", limit):
            event.remove(engine, "connect", limit)
            engine.dispose()

    event.listen(engine, "connect", limit)
    engine.dispose()
    yield make_room
    make_room()


@pytest.fixture
def logged(caplog):
    """Codes of the store's failures in the log, whether or not the log goes further."""
    logger = logging.getLogger(LOGGER)
    logger.addHandler(caplog.handler)
    yield lambda: [getattr(record, FIELDS, {}).get("code") for record in caplog.records]
    logger.removeHandler(caplog.handler)


def test_a_full_store_refuses_what_it_cannot_keep_and_recovers(api, full, logged):
    for scope, (path, body) in WRITES.items():
        refusal(partial(api.call, "POST", path, scope, **body))
        before = counts(api.store)
        check_told(api.call("POST", path, scope, **body), path=path)
        assert counts(api.store) == before
    assert "SQLITE_FULL" in logged()
    assert api.call("POST", "/v1/parse", "parse", json={"texts": ["bac jaune"]}).is_success
    assert api.call("GET", "/sophie", None).is_success
    full()
    for scope, (path, body) in WRITES.items():
        headers = {"Idempotency-Key": f"{scope}-apres-01"}
        first = api.call("POST", path, scope, headers=headers, **body)
        assert first.is_success
        assert api.call("POST", path, scope, headers=headers, **body).json() == first.json()


def test_a_full_disk_is_told_and_forgotten_once_there_is_room(
    tmp_path, no_model, make_keys, small_disk, processes, make_server, make_clients
):
    # SQLite's log takes four of them.
    disk = small_disk(megabytes=16)
    started = processes(under=disk.under)
    seen = disk.seen_in(started.parent)
    prepared = open_serving_store(f"sqlite:///{tmp_path / 'pouce.db'}")
    keys = make_keys(prepared)
    prepared.engine.dispose()
    shutil.copy(tmp_path / "pouce.db", seen / "pouce.db")
    server = make_server(started, store_url=f"sqlite:///{disk.folder / 'pouce.db'}", model=no_model)
    server.start()
    http = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=10)
    with http, make_clients(server, keys, 2) as clients:
        for _ in range(3):
            time.sleep(0.3)
            disk.fill(seen)
            wait_until(lambda: 503 in clients.statuses)
            for scope, (path, body) in WRITES.items():
                answer = refusal(partial(clients.ask, (scope, path, body)))
                check_told(answer, path=path)
            headers = {"Authorization": f"Bearer {keys['parse']}"}
            asked = {"texts": ["quand passe le bac jaune ?"]}
            assert http.post("/v1/parse", headers=headers, json=asked).status_code == 200
            for page in ("/sophie", "/readyz"):
                assert http.get(page).status_code == 200
            disk.make_room(seen)
            clients.wait_for_answers(6)
            clients.forget_statuses()
        clients.end()
    clients.check_repeated(every=5)
    server.kill()
    for name in ("pouce.db", "pouce.db-wal", "pouce.db-shm"):
        shutil.copy(seen / name, tmp_path / name)
    clients.check_stored(open_serving_store(f"sqlite:///{tmp_path / 'pouce.db'}"))
    lines = [json.loads(line) for line in (tmp_path / "processes.log").read_text().splitlines()
             if line.startswith("{")]  # fmt: skip
    assert "SQLITE_FULL" in {line.get("code") for line in lines}


def wait_until(found):
    deadline = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)
