"""Seconds and peak memory of a year of weekly checks on 20,000 dwellings.

python tests/benchmarks/nudge/simulation_speed.py
"""

import resource
import sys
import time

from nudge.simulation.year import simulate_year


def main() -> None:
    idle = _peak_mib()
    begin = time.perf_counter()
    rows = simulate_year(n_households=20_000, weeks=52)
    seconds = time.perf_counter() - begin
    print(f"{len(rows):,} rows in {seconds:.1f} s; peak {_peak_mib():.0f} MiB, {idle:.0f} before")


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


if __name__ == "__main__":
    main()
