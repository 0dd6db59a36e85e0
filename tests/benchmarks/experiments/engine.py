"""Grouped scan against a bare DuckDB group-by of the same columns.

Run it by hand: ``python tests/benchmarks/experiments/engine.py --rows 1e7 --zones 60``. Both read
the same seeded Parquet file in the same process, one after the other; peak memory is that of a
fresh process for each. Not collected by pytest: speed is reported, not asserted.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.engine.cluster_moments import cluster_moments
from experiments.engine.grouped_scan import grouped_scan

ROW_GROUP = 1_000_000
CASES = {
    "binary outcome": {"outcomes": ["sorted"]},
    "binary outcome, declared so": {"outcomes": ["sorted"], "binary": True},
    "real outcome": {"outcomes": ["score"]},
    "real outcome, missing dropped": {"outcomes": ["score"], "missing": "drop"},
}


def peak_mebibytes() -> float:
    # getrusage also counts what the parent held when it started this process.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def write_rows(
    path: Path, *, rows: int, zones: int, numbered: bool = False, in_order: bool = False
) -> None:
    """Seeded rows written a row group at a time, zones in random order unless ``in_order``.

    Zones are texts, or whole numbers where ``numbered``.
    """
    codes = range(zones)
    names = pa.array(codes if numbered else [f"zone {code:05d}" for code in codes])
    generator = np.random.default_rng(1)
    writer = None
    for start in range(0, rows, ROW_GROUP):
        size = min(ROW_GROUP, rows - start)
        zone = generator.integers(0, zones, size)
        if in_order:
            zone = np.arange(start, start + size) * zones // rows
        arms = np.where(zone % 2 == 1, "nudge", "control")
        sorted_rightly = (generator.random(size) < 0.3).astype(np.int32)
        score = 500 + 100 * generator.normal(size=size)
        table = pa.table(
            {
                "zone": names.take(pa.array(zone)),
                "arm": arms,
                "sorted": sorted_rightly,
                "score": score,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def bare(path: Path, outcome: str) -> object:
    """What any analysis from cluster sums needs, and nothing else."""
    return duckdb.execute(
        f"SELECT zone, arm, count(*), sum({outcome}), sum({outcome} * {outcome}) "
        f"FROM read_parquet('{path}') GROUP BY zone, arm"
    ).fetchnumpy()


def ours(path: Path, case: str) -> object:
    """The same, checked and made into the moments of a regression."""
    settings = CASES[case]
    table = grouped_scan(path, cluster="zone", arm="arm", **settings)
    return cluster_moments(table, outcome=table.outcomes[0], control="control")


def seconds(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def peak_of_process(path: Path, what: str, case: str) -> float:
    """Peak memory of a fresh process that runs one scan."""
    command = [sys.executable, __file__, "--once", what, case, str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_once(what: str, case: str, path: str) -> None:
    if what == "bare":
        bare(Path(path), CASES[case]["outcomes"][0])
    else:
        ours(Path(path), case)
    print(peak_mebibytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--zones", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--once", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        run_once(*options.once)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write_rows(path, rows=int(options.rows), zones=options.zones)
        print(
            f"{options.rows:.0e} rows, {options.zones} zones, {path.stat().st_size / 2**20:.0f} MiB"
            f" of Parquet; {os.cpu_count()} cores ({platform.processor() or platform.machine()}), "
            f"DuckDB {duckdb.__version__}, Python {platform.python_version()}\n"
        )
        print("| Case | Bare, best (median) ms | Ours, best (median) ms | Ratio of bests | "
              "Ratio of medians | Bare, peak MiB | Ours, peak MiB |")  # fmt: skip
        print("|---|---|---|---|---|---|---|")
        for case, settings in CASES.items():
            outcome = settings["outcomes"][0]
            times = [
                (seconds(lambda: bare(path, outcome)), seconds(lambda: ours(path, case)))  # noqa: B023
                for _ in range(options.repeats + 1)
            ][1:]
            best = [1e3 * min(column) for column in zip(*times, strict=True)]
            median = [1e3 * statistics.median(column) for column in zip(*times, strict=True)]
            memory = [peak_of_process(path, what, case) for what in ("bare", "ours")]
            print(
                f"| {case} | {best[0]:.0f} ({median[0]:.0f}) | {best[1]:.0f} ({median[1]:.0f}) | "
                f"{best[1] / best[0]:.2f} | {median[1] / median[0]:.2f} | {memory[0]:.0f} | "
                f"{memory[1]:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
