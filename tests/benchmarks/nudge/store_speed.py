"""A million bin checks in and out of the store, against ``pandas.to_sql``.

Each measure runs in a process of its own, for its peak memory:
``python tests/benchmarks/nudge/store_speed.py [rows] [url]``.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import create_engine

from nudge.store.audit import audit
from nudge.store.batches import new_batch, record_batch
from nudge.store.campaigns import save_campaign
from nudge.store.database import open_store, writing
from nudge.store.observations import insert_observations, observations

CHUNK = 100_000
MEASURES = ("insert", "again", "read", "audit", "to_sql", "read_sql")


def checks(start, size):
    number = np.arange(start, start + size)
    rng = np.random.default_rng(start)
    return pd.DataFrame(
        {
            "controle_id": [f"c{i}" for i in number],
            "zone_id": [f"rue-14220-{i % 240:03d}" for i in number],
            "foyer_id": [f"f{i % 100_000}" for i in number],
            "vague": "reference",
            "date": pd.Timestamp("2027-06-01") + pd.to_timedelta(number % 20, unit="D"),
            "presente": rng.random(size) < 0.8,
            "couleur": rng.choice(["vert", "orange", "rouge"], size),
            "codes_erreur": np.where(number % 3 == 0, "verre|textile", None),
            "controleur": "agent-1",
            "rang": 1,
            "meteo": "sec",
        }
    )


def chunks(rows):
    return (checks(start, min(CHUNK, rows - start)) for start in range(0, rows, CHUNK))


def import_checks(store, rows, name):
    with writing(store) as connection:
        batch = new_batch(
            connection, campaign="c", instrument="controle_bac", file_name=name, sha256=name
        )
        summary = insert_observations(
            connection,
            campaign="c",
            instrument="controle_bac",
            batch_id=batch,
            chunks=chunks(rows),
        )
        record_batch(connection, batch, summary)
    return summary.n_new + summary.n_known


def measure(name, rows, url):
    if name in {"to_sql", "read_sql"}:
        engine = create_engine(f"{url}-peer" if url.startswith("sqlite") else url)
        if name == "read_sql":
            return len(pd.read_sql("SELECT * FROM peer", engine, parse_dates=["date"]))
        with engine.begin() as connection:
            for number, chunk in enumerate(chunks(rows)):
                mode = "append" if number else "replace"
                chunk.to_sql("peer", connection, if_exists=mode, index=False)
        return rows
    store = open_store(url)
    if name == "insert":
        with writing(store) as connection:
            save_campaign(
                connection, identifier="c", title="C", yaml="", status="validee",
                simulation=True, folder=".",
            )  # fmt: skip
        return import_checks(store, rows, "a.csv")
    if name == "again":
        return import_checks(store, rows, "b.csv")
    if name == "read":
        return len(observations(store, campaign="c", instrument="controle_bac"))
    report = audit(store)
    assert not [problem for problem in report.problems if "controle_bac" in problem]
    return report.rows


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 3:
        before = resource.getrusage(resource.RUSAGE_SELF)
        start = time.perf_counter()
        found = measure(sys.argv[3], rows, sys.argv[2])
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        peak = after.ru_maxrss / 1024
        print(f"{sys.argv[3]:>9}: {wall:6.1f} s ({cpu:5.1f} s CPU), {peak:5.0f} MiB, {found} rows")
        return
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'pouce.db'}"
        for name in MEASURES:
            command = [sys.executable, __file__, str(rows)]
            subprocess.run([*command, url, name], check=True)


if __name__ == "__main__":
    main()
