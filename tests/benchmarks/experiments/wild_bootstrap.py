"""Speed and memory of the wild cluster bootstrap, beside pyfixest and wildboottest.

Run it by hand on a quiet machine: ``python tests/benchmarks/experiments/wild_bootstrap.py``. Every
case runs in a process of its own, so that its peak memory is its own; times start from rows held
in arrays and are the best of three runs, the first of which compiles what a peer compiles (one run
for 200,000 clusters). Peers give p alone, the project p and the interval. Not collected by pytest:
speed is reported, not asserted.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def peak_mebibytes() -> float:
    # getrusage also counts what the parent held when it started this process.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def trial(n_clusters: int, per_cluster: int) -> Rows:
    """Cluster, design (intercept, arm, two covariates) and outcome of each row."""
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(n_clusters), rng.integers(1, 2 * per_cluster, n_clusters))
    x = np.column_stack([np.ones(len(g)), g % 2, rng.normal(size=(len(g), 2))])
    y = 0.2 * x[:, 1] + rng.normal(0, 0.5, n_clusters)[g] + rng.normal(size=len(g))
    return g, x, y


def project(rows: Rows, draws: int, *, absorbed: bool = False) -> float:
    from experiments.analysis.cluster_robust import cluster_robust_fit
    from experiments.analysis.statsmodels_ols import row_moments
    from experiments.analysis.wild_cluster_bootstrap import wild_cluster_bootstrap

    g, x, y = rows
    moments = row_moments(x, y, g, columns=("(intercept)", "arm", "age", "size"))
    blocks = moments.clusters.astype(int) // 20 if absorbed else None
    fit = cluster_robust_fit(moments, correction="CR1", absorbed=blocks)
    return wild_cluster_bootstrap(fit, "arm", rng=np.random.default_rng(2), draws=draws).p_value


def cr2(rows: Rows, draws: int, *, absorbed: bool = False) -> float:
    from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
    from experiments.analysis.statsmodels_ols import row_moments

    g, x, y = rows
    moments = row_moments(x, y, g, columns=("(intercept)", "arm", "age", "size"))
    blocks = moments.clusters.astype(int) // 20 if absorbed else None
    return coefficient_test(cluster_robust_fit(moments, absorbed=blocks), "arm").p_value


def pyfixest(rows: Rows, draws: int) -> float:
    import pandas as pd
    import pyfixest as pf

    g, x, y = rows
    frame = pd.DataFrame({"y": y, "g": g, "arm": x[:, 1], "age": x[:, 2], "size": x[:, 3]})
    fit = pf.feols("y ~ arm + age + size", data=frame, vcov={"CRV1": "g"})
    found = fit.wildboottest(param="arm", reps=draws, seed=2, weights_type="webb")
    return float(found["Pr(>|t|)"])


def wildboottest(rows: Rows, draws: int) -> float:
    import pandas as pd
    import statsmodels.api as sm
    from wildboottest.wildboottest import wildboottest as peer

    g, x, y = rows
    model = sm.OLS(y, pd.DataFrame(x, columns=["const", "arm", "age", "size"]))
    found = peer(
        model, param="arm", cluster=pd.Series(g), B=draws, weights_type="webb", seed=2, show=False
    )
    return float(found["p-value"].iloc[0])


CASES: dict[str, tuple[Callable[..., float], tuple[int, int], int, dict[str, bool]]] = {
    "project, 60 clusters, 6,000 rows, 9,999 draws": (project, (60, 100), 9_999, {}),
    "wildboottest, the same": (wildboottest, (60, 100), 9_999, {}),
    "pyfixest, the same": (pyfixest, (60, 100), 9_999, {}),
    "project, 60 clusters, 1,000,000 rows, 9,999 draws": (project, (60, 16_667), 9_999, {}),
    "wildboottest, the same rows": (wildboottest, (60, 16_667), 9_999, {}),
    "pyfixest, the same rows": (pyfixest, (60, 16_667), 9_999, {}),
    "project, 1,000 clusters, 10,000 rows, 999 draws": (project, (1_000, 10), 999, {}),
    "wildboottest, 1,000 clusters": (wildboottest, (1_000, 10), 999, {}),
    "pyfixest, 1,000 clusters": (pyfixest, (1_000, 10), 999, {}),
    "project, 200,000 clusters, 400,000 rows, 999 draws": (project, (200_000, 2), 999, {}),
    "project, the same, 10,000 blocks absorbed, 199 draws": (
        project, (200_000, 2), 199, {"absorbed": True},
    ),
    "project, CR2 with Satterthwaite, the same, no draws": (
        cr2, (200_000, 2), 0, {"absorbed": True},
    ),
}  # fmt: skip


def measure(name: str) -> tuple[float, float, float]:
    """Seconds, p and peak memory in MiB of one case."""
    function, size, draws, options = CASES[name]
    rows = trial(*size)
    times = []
    for _ in range(1 if size[0] > 100_000 else 3):
        started = time.perf_counter()
        p_value = function(rows, draws, **options)
        times.append(time.perf_counter() - started)
    return min(times), p_value, peak_mebibytes()


def processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-peers", action="store_true", help="leave the peers out")
    without = parser.parse_args().without_peers
    # One core for everyone: the processes started below read these as they load numpy.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[variable] = "1"
    print(f"{processor()}, one of {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"numpy {np.__version__}; Webb weights\n")  # fmt: skip
    print("| case | seconds | peak memory MiB | p |\n|---|---|---|---|")
    for name, (function, *_) in CASES.items():
        if without and function in {pyfixest, wildboottest}:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, p_value, peak = pool.submit(measure, name).result()
        print(f"| {name} | {seconds:.3f} | {peak:,.0f} | {p_value:.4f} |", flush=True)


if __name__ == "__main__":
    main()
