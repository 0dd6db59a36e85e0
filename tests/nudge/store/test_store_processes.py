import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nudge.store.audit import audit
from nudge.store.batches import batches
from nudge.store.database import open_store
from nudge.store.event_log import events
from nudge.store.observations import count_observations

ROOT = Path(__file__).parents[3]
OPEN_AND_WRITE = """
import sys
from nudge.store.database import open_store, writing
from nudge.store.event_log import append_event
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
for number in range(12):
    with writing(store) as connection:
        append_event(connection, campaign=sys.argv[2], kind="alerte", payload={"n": number})
"""
INSERT_WITHOUT_END = """
import sys
import pandas as pd
from nudge.store.batches import new_batch
from nudge.store.database import open_store, writing
from nudge.store.observations import insert_observations

def chunks():
    for number in range(1_000_000):
        if number == 3:
            print("ready", flush=True)
        names = [f"x{number}-{i}" for i in range(2_000)]
        yield pd.DataFrame({
            "releve_id": names, "zone_id": "r1", "vague": "v", "nombre": 1, "duree_jours": 7.0,
            "date": pd.Timestamp("2027-05-10"),
        })

store = open_store(sys.argv[1])
with writing(store) as connection:
    batch = new_batch(connection, campaign="bacs", instrument="depot_sauvage", file_name="f",
                      sha256="s")
    insert_observations(connection, campaign="bacs", instrument="depot_sauvage", batch_id=batch,
                        chunks=chunks())
"""


@pytest.fixture
def start():
    """Start a Python program and wait until it says that it is ready."""
    started = []

    def run(code, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_processes_that_open_a_new_store_at_once_lose_no_event(empty_url, start):
    writers = [start(OPEN_AND_WRITE, empty_url, f"c{number}") for number in range(4)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    store = open_store(empty_url)
    log = events(store)
    assert [event.number for event in log] == list(range(1, 49))
    for number in range(4):
        own = [event.payload["n"] for event in log if event.campaign == f"c{number}"]
        assert own == list(range(12))
    assert not [problem for problem in audit(store).problems if problem.startswith("journal")]


def test_an_import_killed_midway_leaves_nothing_and_the_next_one_works(
    store, store_url, start, add_rows, make_checks
):
    doomed = start(INSERT_WITHOUT_END, store_url)
    assert doomed.stdout.readline() == "ready\n"
    doomed.send_signal(signal.SIGKILL)
    assert doomed.wait(timeout=30) == -signal.SIGKILL
    assert count_observations(store, campaign="bacs") == {}
    add_rows(store, make_checks(100))
    assert count_observations(store, campaign="bacs") == {"controle_bac": 100}
    assert [batch.id for batch in batches(store, "bacs")] == [1]
    assert audit(store).intact
