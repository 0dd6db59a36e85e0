"""Time and memory of GEE and mixed logistic regression, beside statsmodels' bias-reduced GEE.

Run it by hand on a quiet machine: ``python tests/benchmarks/experiments/gee.py``. Every case runs
in a process of its own, so that its peak memory is its own; the time is from rows in memory to
the test of the treated arm, grouping included. statsmodels runs under a limit of address space.
Not collected by pytest: speed is reported, not asserted.
"""

import argparse
import os
import platform
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

ZONES = 60
LIMIT_GIB = 6


def peak_mebibytes() -> float:
    # getrusage also counts what the parent held when it started this process.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def rows(size: int, *, covariates: bool):
    """Binomial rows sorted by zone, half of the zones treated; a factor and a real covariate."""
    rng = np.random.default_rng(1)
    zone = np.sort(rng.integers(0, ZONES, size))
    treated = (zone % 2).astype(float)
    design = [np.ones(size), treated]
    eta = 0.4 + 0.1 * treated + 0.3 * rng.normal(size=ZONES)[zone]
    if covariates:
        level, real = rng.integers(0, 4, size), rng.normal(size=size)
        design += [(level == k).astype(float) for k in (1, 2, 3)] + [real]
        eta += 0.2 * (level == 1) + 0.1 * real
    event = (rng.random(size) < 1 / (1 + np.exp(-eta))).astype(float)
    return event, np.column_stack(design), zone


def patterns_of(event, design, zone):
    """One pattern a zone without covariates, one a row with a real one."""
    from experiments.engine.covariate_patterns import CovariatePatterns

    names = ("(intercept)", "treated", "f1", "f2", "f3", "x")[: design.shape[1]]
    if design.shape[1] == 2:
        n, events = np.bincount(zone).astype(float), np.bincount(zone, event)
        x = np.column_stack([np.ones(ZONES), np.arange(ZONES) % 2]).astype(float)
        start = np.arange(ZONES + 1)
    else:
        n, events, x = np.ones(len(event)), event, design
        start = np.searchsorted(zone, np.arange(ZONES + 1))
    return CovariatePatterns(
        clusters=np.arange(ZONES).astype(object), columns=names, start=start, x=x, n=n,
        sum_y=events, sum_yy=events,
    )  # fmt: skip


def gee(size: int, *, covariates: bool):
    from experiments.analysis.gee import fit_gee
    from experiments.analysis.gee_small_sample import coefficient_test

    data = rows(size, covariates=covariates)
    started = time.perf_counter()
    fit = fit_gee(patterns_of(*data), family="binomial")
    test = coefficient_test(fit, "treated", correction="mancl-derouen")
    return time.perf_counter() - started, test.std_error


def mixed_logit(size: int, *, covariates: bool, profile: bool):
    from experiments.analysis.mixed_logit import coefficient_test, fit_mixed_logit

    data = rows(size, covariates=covariates)
    started = time.perf_counter()
    fit = fit_mixed_logit(patterns_of(*data), profile=profile)
    test = coefficient_test(fit, "treated")
    return time.perf_counter() - started, test.std_error


def statsmodels_gee(size: int, *, covariates: bool):
    import statsmodels.api as sm

    event, design, zone = rows(size, covariates=covariates)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_GIB << 30, LIMIT_GIB << 30))
    started = time.perf_counter()
    model = sm.GEE(
        event, design, groups=zone, family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    )  # fmt: skip
    fit = model.fit(cov_type="bias_reduced")
    return time.perf_counter() - started, float(fit.bse[1])


CASES = {
    "GEE Mancl-DeRouen, 10^4 rows, covariates": (gee, 10**4, {"covariates": True}),
    "statsmodels bias_reduced, the same": (statsmodels_gee, 10**4, {"covariates": True}),
    "GEE Mancl-DeRouen, 3 x 10^4 rows, covariates": (gee, 3 * 10**4, {"covariates": True}),
    "statsmodels bias_reduced, the same ": (statsmodels_gee, 3 * 10**4, {"covariates": True}),
    "GEE Mancl-DeRouen, 10^6 rows, no covariate": (gee, 10**6, {"covariates": False}),
    "GEE Mancl-DeRouen, 10^7 rows, no covariate": (gee, 10**7, {"covariates": False}),
    "GEE Mancl-DeRouen, 10^6 rows, covariates": (gee, 10**6, {"covariates": True}),
    "statsmodels bias_reduced, the same  ": (statsmodels_gee, 10**6, {"covariates": True}),
    "GEE Mancl-DeRouen, 10^7 rows, covariates": (gee, 10**7, {"covariates": True}),
    "mixed logit, 10^7 rows, no covariate, profile interval": (
        mixed_logit, 10**7, {"covariates": False, "profile": True},
    ),
    "mixed logit, 10^6 rows, covariates": (
        mixed_logit, 10**6, {"covariates": True, "profile": False},
    ),
    "the same with profile interval": (mixed_logit, 10**6, {"covariates": True, "profile": True}),
}  # fmt: skip


def measure(name: str) -> tuple[float | None, float | None, float]:
    """Seconds, standard error and peak memory in MiB; no time where memory ran out."""
    function, size, options = CASES[name]
    try:
        seconds, std_error = function(size, **options)
    except MemoryError:
        seconds = std_error = None
    return seconds, std_error, peak_mebibytes()


def processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    only = parser.parse_args().only
    print(f"{processor()}, {os.cpu_count()} cores, {ZONES} zones, "
          f"Python {platform.python_version()}, numpy {np.__version__}\n")  # fmt: skip
    print("| case | seconds | peak memory MiB | s.e. of treated |")
    print("|---|---|---|---|")
    for name in CASES:
        if only not in name:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, std_error, peak = pool.submit(measure, name).result()
        told = f"MemoryError at {LIMIT_GIB} GiB" if seconds is None else f"{seconds:.3f}"
        print(f"| {name.strip()} | {told} | {peak:.0f} | {std_error or '':.6} |", flush=True)


if __name__ == "__main__":
    main()
