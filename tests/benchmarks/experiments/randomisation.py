"""Speed and memory of randomisation inference, beside pyfixest's ritest.

Run it by hand on a quiet machine: ``python tests/benchmarks/experiments/randomisation.py``. Every
case runs in a process of its own, so that its peak memory is its own; times are the best of three
runs after imports, pyfixest's of one. Not collected by pytest: speed is reported, not asserted.
"""

import argparse
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

LEVELS = 60


def peak_mebibytes() -> float:
    # getrusage also counts what the parent held when it started this process.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def zone_trial(n_clusters: int, n_strata: int = 1):
    """Cluster means with an effect of half a deviation, arms half and half in every stratum."""
    rng = np.random.default_rng(1)
    stratum = np.arange(n_clusters) % n_strata
    observed = ((np.arange(n_clusters) // n_strata) % 2).astype(np.int8)
    return rng.normal(size=n_clusters) + 0.5 * observed, observed, stratum


def streamed(n_clusters: int, n_draws: int, *, chunk: int):
    """Draws of many clusters made, used and dropped a few at a time."""
    from experiments.analysis.randomisation_inference import randomisation_test

    values, observed, _ = zone_trial(n_clusters)
    n_treated = int(observed.sum())

    def blocks():
        rng = np.random.default_rng(2)
        for start in range(0, n_draws, chunk):
            keys = rng.random((min(chunk, n_draws - start), n_clusters), dtype=np.float32)
            chosen = np.argpartition(keys, n_treated, axis=1)[:, :n_treated]
            drawn = np.zeros(keys.shape, dtype=np.int8)
            np.put_along_axis(drawn, chosen, 1, axis=1)
            yield drawn

    started = time.perf_counter()
    found = randomisation_test(values, observed, blocks(), arm=1, control=0, enumerated=False)
    return time.perf_counter() - started, found.p_value


def project(n_clusters: int, n_draws: int, *, n_strata: int = 1, chunk: int = 0):
    """Draw, test and invert; allocations are held whole, or streamed ``chunk`` at a time."""
    from experiments.analysis.randomisation_inference import randomisation_test
    from experiments.design.randomisation import sample_allocations, scheme_from_observed

    values, observed, stratum = zone_trial(n_clusters, n_strata)
    rng = np.random.default_rng(2)
    started = time.perf_counter()
    scheme = scheme_from_observed(observed, n_arms=2, stratum_codes=stratum)
    sizes = [chunk] * (n_draws // chunk) + [n_draws % chunk] if chunk else [n_draws]
    drawn = (sample_allocations(scheme, n_draws=size, rng=rng) for size in sizes if size)
    found = randomisation_test(
        values, observed, drawn, arm=1, control=0, enumerated=False,
        stratum=stratum if n_strata > 1 else None,
    )  # fmt: skip
    return time.perf_counter() - started, found.p_value


def rows_to_means(n_rows: int, n_draws: int):
    """The work of ritest on rows: zone means, draws and test, with the interval beside it."""
    from experiments.analysis.randomisation_inference import randomisation_test
    from experiments.design.randomisation import sample_allocations, scheme_from_observed

    y, zone, arm = row_trial(n_rows)
    started = time.perf_counter()
    size = np.bincount(zone)
    means, observed = np.bincount(zone, y) / size, np.bincount(zone, arm).astype(bool)
    scheme = scheme_from_observed(observed.astype(np.int8), n_arms=2)
    drawn = sample_allocations(scheme, n_draws=n_draws, rng=np.random.default_rng(2))
    found = randomisation_test(
        means, observed.astype(np.int8), drawn, arm=1, control=0, enumerated=False, weights=size,
    )  # fmt: skip
    return time.perf_counter() - started, found.p_value


def row_trial(n_rows: int):
    rng = np.random.default_rng(3)
    zone = rng.integers(0, LEVELS, n_rows)
    arm = (zone % 2).astype(np.int8)
    y = rng.normal(size=n_rows) + 0.3 * rng.normal(size=LEVELS)[zone] + 0.1 * arm
    return y, zone, arm


def ritest(n_rows: int, n_draws: int, kind: str):
    import pandas as pd
    import pyfixest

    y, zone, arm = row_trial(n_rows)
    frame = pd.DataFrame({"y": y, "zone": zone, "arm": arm.astype(float)})
    started = time.perf_counter()
    fit = pyfixest.feols("y ~ arm", data=frame, vcov={"CRV1": "zone"})
    found = fit.ritest("arm", cluster="zone", reps=n_draws, type=kind, rng=np.random.default_rng(2))
    return time.perf_counter() - started, float(found["Pr(>|t|)"])


CASES = {
    "100,000 draws x 60 clusters, with the interval": (project, (60, 100_000), {}, 3),
    "the same, 4 strata": (project, (60, 100_000), {"n_strata": 4}, 3),
    "119,999 clusters x 999 draws, streamed by 32": (
        streamed, (119_999, 999), {"chunk": 32}, 1,
    ),
    "the same, 10,000 strata": (project, (120_000, 999), {"chunk": 32, "n_strata": 10_000}, 1),
    "10,000 rows in 60 zones, 1,000 draws, with the interval": (
        rows_to_means, (10_000, 1_000), {}, 3,
    ),
    "pyfixest ritest, the same rows, randomization-c, no interval": (
        ritest, (10_000, 1_000, "randomization-c"), {}, 1,
    ),
    "pyfixest ritest, the same rows, randomization-t, no interval": (
        ritest, (10_000, 1_000, "randomization-t"), {}, 1,
    ),
}  # fmt: skip
ROWS_CASE = "10,000 rows in 60 zones, 1,000 draws, with the interval"


def measure(name: str) -> tuple[float, float, float]:
    """Seconds, p and peak memory in MiB of one case."""
    function, arguments, options, repeats = CASES[name]
    timed = [function(*arguments, **options) for _ in range(repeats)]
    peak = peak_mebibytes()
    return min(seconds for seconds, _ in timed), timed[0][1], peak


def processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-peer", action="store_true", help="leave pyfixest out")
    without = parser.parse_args().without_peer
    print(f"{processor()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}, numpy {np.__version__}\n")  # fmt: skip
    print("| case | seconds | ratio to the same rows | peak memory MiB | p |")
    print("|---|---|---|---|---|")
    reference = None
    for name in CASES:
        if without and "pyfixest" in name:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, p_value, peak = pool.submit(measure, name).result()
        reference = seconds if name == ROWS_CASE else reference
        ratio = f"{seconds / reference:,.0f}" if reference else ""
        print(f"| {name} | {seconds:.3f} | {ratio} | {peak:.0f} | {p_value:.4g} |", flush=True)


if __name__ == "__main__":
    main()
