"""Time and memory of a whole analysis, from a Parquet file to effects, beside other packages.

Run it by hand on a quiet machine, with the ``peers`` dependencies installed:

- ``python tests/benchmarks/experiments/analysis_speed.py compare --rows 1e7 --zones 60``: against
  a bare DuckDB group-by of the same columns, then beside packages that read the same rows;
- ``... shapes --rows 1e7``: against the group-by, for zones as text and numbers, rows in order;
- ``... memory --rows 1e8``: time and peak memory of a fresh process;
- ``... growth --most-rows 1e7 --output FOLDER``: time against rows, zones and draws, as a figure.

Our analysis is least squares with CR2, Welch on zone means and randomisation inference, with what
always goes with them (influence of each zone, sample ratio, data fingerprint). Rows are seeded and
written in chunks to a temporary folder. Not collected by pytest: speed is reported, not asserted.
"""

import argparse
import importlib.metadata
import itertools
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from engine import bare, write_rows
from randomisation import processor

from experiments.engine.grouped_scan import grouped_scan
from experiments.svg import figure_svg

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ESTIMATORS = ("ols-cr2", "zone-welch", "randomization")
OUTCOMES = {"sorted": "binary outcome", "score": "real outcome"}
DRAWS = 9_999
MEBIBYTE = 2**20
# A package that needs more time or memory than this is run on a tenth of the rows.
PEER_SECONDS, PEER_MEMORY = 300, 12 * 2**30


# Packages are imported where used, so that no process holds another's.
def ours(path: Path, outcome: str, draws: int) -> float:
    from experiments.analysis.analyze import analyze
    from experiments.analysis.plan import make_plan

    plan = make_plan(
        outcome=outcome, arm="arm", cluster="zone", control="control", estimators=ESTIMATORS,
        draws=draws,
    )  # fmt: skip
    return analyze(path, plan).estimates[0].p_value


def bare_scan(path: Path, outcome: str, draws: int) -> float:
    bare(path, outcome)
    return float("nan")


def tea_tasting_mean(path: Path, outcome: str, draws: int) -> float:
    import tea_tasting as tt

    rows = duckdb.connect().read_parquet(str(path))
    experiment = tt.Experiment({"y": tt.Mean(outcome)}, variant="arm")
    return experiment.analyze(rows, control="control")["y"].pvalue


def tea_tasting_ratio(path: Path, outcome: str, draws: int) -> float:
    import tea_tasting as tt

    sums = duckdb.connect().sql(
        f"SELECT zone, arm, sum({outcome}) AS y, count(*) AS n FROM read_parquet('{path}') "
        "GROUP BY zone, arm"
    )
    experiment = tt.Experiment({"y": tt.RatioOfMeans("y", "n")}, variant="arm")
    return experiment.analyze(sums, control="control")["y"].pvalue


def rows_in_memory(path: Path, outcome: str) -> "pd.DataFrame":
    import pandas as pd

    # Categories are what packages in memory take fastest.
    return pd.read_parquet(path, columns=["zone", "arm", outcome], read_dictionary=["zone", "arm"])


def pyfixest_crv1(path: Path, outcome: str, draws: int) -> float:
    import pyfixest

    rows = rows_in_memory(path, outcome)
    return pyfixest.feols(f"{outcome} ~ arm", data=rows, vcov={"CRV1": "zone"}).pvalue().iloc[1]


def statsmodels_ols(path: Path, outcome: str, draws: int) -> float:
    import statsmodels.api as sm

    rows = rows_in_memory(path, outcome)
    design = np.column_stack([np.ones(len(rows)), rows["arm"] == "nudge"])
    fit = sm.OLS(rows[outcome].to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": rows["zone"].cat.codes.to_numpy()}, use_t=True
    )
    return fit.pvalues[1]


OURS, BARE = "this project", "bare DuckDB group-by"
ANALYSES: dict[str, Callable[[Path, str, int], float]] = {
    BARE: bare_scan,
    OURS: ours,
    "tea-tasting Mean, rows in DuckDB": tea_tasting_mean,
    "tea-tasting RatioOfMeans, zone sums by DuckDB": tea_tasting_ratio,
    "pyfixest CRV1": pyfixest_crv1,
    "statsmodels OLS cluster": statsmodels_ols,
}
PEERS = tuple(name for name in ANALYSES if name not in {OURS, BARE})
PACKAGES = ("numpy", "duckdb", "pandas", "tea-tasting", "pyfixest", "statsmodels")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Median seconds after a first small call, peak memory of the process in MiB, and p."""

    seconds: float
    peak: float
    p_value: float


def measure_here(name: str, path: Path, small: Path, outcome: str, draws: int) -> Measured:
    """Run one analysis in this process; imports and compilation are spent on the small file."""
    if name in PEERS:
        resource.setrlimit(resource.RLIMIT_DATA, (PEER_MEMORY, PEER_MEMORY))
    analysis, times = ANALYSES[name], []
    analysis(small, outcome, 999)
    while len(times) < 7 and sum(times) < 2:
        started = time.perf_counter()
        p_value = analysis(path, outcome, draws)
        times.append(time.perf_counter() - started)
    return Measured(seconds=statistics.median(times), peak=peak_mebibytes(), p_value=float(p_value))


def peak_mebibytes() -> float:
    # getrusage also counts what the parent held when it started this process.
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure(
    name: str, path: Path, *, outcome: str, draws: int = DRAWS, timeout: float | None = None
) -> Measured | None:
    """Run one analysis in a fresh process; None where it fails or takes too long."""
    small = path.with_name("small.parquet")
    if not small.exists():
        write_rows(small, rows=1_000, zones=10)
    command = [sys.executable, __file__, "once", name, path, small, outcome, draws]
    try:
        done = subprocess.run(
            [str(part) for part in command],
            check=True, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        print(f"{name}: {error.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    except subprocess.TimeoutExpired:
        return None
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def compare(options: argparse.Namespace) -> None:
    rows = int(options.rows)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path, tenth = Path(folder) / "rows.parquet", Path(folder) / "tenth.parquet"
        write_rows(path, rows=rows, zones=options.zones)
        print(f"{rows:,} rows, {options.zones} zones, {path.stat().st_size / MEBIBYTE:.0f} MiB of "
              f"Parquet, {DRAWS:,} draws; {machine()}\n")  # fmt: skip
        print("| case | bare group-by, median (best) ms | our scan | our analysis | "
              "ratio of medians | ratio of bests |\n|---|---:|---:|---:|---:|---:|")  # fmt: skip
        for outcome, case in OUTCOMES.items():
            print(against_bare(path, outcome, case, options.repeats), flush=True)
        print("\n| analysis | rows | seconds | ratio to ours | peak MiB | p |")
        print("|---|---:|---:|---:|---:|---:|")
        reference = float("nan")
        for name in (OURS, BARE, *PEERS):
            used, limit = rows, PEER_SECONDS if name in PEERS else None
            found = measure(name, path, outcome="sorted", timeout=limit)
            if found is None:
                used = rows // 10
                write_rows(tenth, rows=used, zones=options.zones)
                found = measure(name, tenth, outcome="sorted", timeout=limit)
            if found is None:
                print(f"| {name} | {used:,} | failed | | | |", flush=True)
                continue
            reference = found.seconds if name == OURS else reference
            ratio = f"{found.seconds / reference:.2f}" if used == rows else "–"
            p_value = "–" if np.isnan(found.p_value) else f"{found.p_value:.4f}"
            print(f"| {name} | {used:,} | {found.seconds:.3f} | {ratio} | {found.peak:,.0f} | "
                  f"{p_value} |", flush=True)  # fmt: skip


def against_bare(path: Path, outcome: str, case: str, repeats: int) -> str:
    """Row of medians and bests of interleaved runs in this process."""
    runs = (
        lambda: bare(path, outcome),
        lambda: grouped_scan(path, cluster="zone", arm="arm", outcomes=[outcome]),
        lambda: ours(path, outcome, DRAWS),
    )
    times = [[seconds(run) for run in runs] for _ in range(repeats + 1)][1:]
    medians = [1e3 * statistics.median(column) for column in zip(*times, strict=True)]
    bests = [1e3 * min(column) for column in zip(*times, strict=True)]
    cells = [f"{middle:.0f} ({low:.0f})" for middle, low in zip(medians, bests, strict=True)]
    return f"| {case} | {' | '.join(cells)} | {medians[2] / medians[0]:.2f} | " + (
        f"{bests[2] / bests[0]:.2f} |"
    )


def shapes(options: argparse.Namespace) -> None:
    print(f"{int(options.rows):,} rows, {options.zones} zones, {DRAWS:,} draws; {machine()}\n")
    print("| case | bare group-by, median (best) ms | our scan | our analysis | "
          "ratio of medians | ratio of bests |\n|---|---:|---:|---:|---:|---:|")  # fmt: skip
    kinds = {False: "zones as text", True: "zones as whole numbers"}
    orders = {False: "in random order", True: "in the order of the zones"}
    for numbered, in_order in itertools.product(kinds, orders):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "rows.parquet"
            write_rows(
                path, rows=int(options.rows), zones=options.zones,
                numbered=numbered, in_order=in_order,
            )  # fmt: skip
            for outcome, case in OUTCOMES.items():
                words = f"{kinds[numbered]}, rows {orders[in_order]}, {case}"
                print(against_bare(path, outcome, words, options.repeats), flush=True)


def seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def memory(options: argparse.Namespace) -> None:
    rows = int(options.rows)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "rows.parquet"
        write_rows(path, rows=rows, zones=options.zones)
        print(f"{rows:,} rows, {options.zones} zones, {path.stat().st_size / MEBIBYTE:,.0f} MiB of "
              f"Parquet, {DRAWS:,} draws; {machine()}\n")  # fmt: skip
        print("| case | seconds | peak MiB of a fresh process |\n|---|---:|---:|")
        for outcome, case in OUTCOMES.items():
            for name in (BARE, OURS):
                found = measure(name, path, outcome=outcome)
                assert found is not None
                print(f"| {name}, {case} | {found.seconds:.2f} | {found.peak:,.0f} |", flush=True)


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of the growth figure."""

    along: str
    name: str
    rows: int
    zones: int
    draws: int
    seconds: float
    peak: float

    @property
    def x(self) -> int:
        return getattr(self, self.along)


def growth(options: argparse.Namespace) -> None:
    options.output.mkdir(parents=True, exist_ok=True)
    points, here = [], machine()
    header = "| along | analysis | rows | zones | draws | seconds | peak MiB |"
    lines = [header, "|---|---|---:|---:|---:|---:|---:|"]
    print(f"{here}\n\n" + "\n".join(lines))
    for point in growth_points(options):
        points.append(point)
        lines.append(
            f"| {point.along} | {point.name} | {point.rows:,} | {point.zones:,} | "
            f"{point.draws:,} | {point.seconds:.4f} | {point.peak:,.0f} |"
        )
        print(lines[-1], flush=True)
    text = "\n".join([*lines, "", here]) + "\n"
    (options.output / "analysis_growth.md").write_text(text, encoding="utf-8")
    figure = growth_figure(points)
    (options.output / "analysis_growth.svg").write_text(figure_svg(figure), encoding="utf-8")


def growth_points(options: argparse.Namespace) -> Iterator[Point]:
    most, fewest = int(options.most_rows), min(1_000_000, int(options.most_rows))
    plans = [("rows", 10**power, 60, DRAWS, tuple(ANALYSES)) for power in range(4, len(str(most)))]
    plans += [("zones", fewest, zones, DRAWS, (OURS,)) for zones in (6, 60, 600, 6_000)]
    plans += [("draws", fewest, 60, 10**power, (OURS,)) for power in range(3, 7)]
    too_slow: set[str] = set()
    for along, rows, zones, draws, names in plans:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "rows.parquet"
            write_rows(path, rows=rows, zones=zones)
            for name in names:
                if name in too_slow or (name in PEERS and rows > options.most_peer_rows):
                    continue
                limit = PEER_SECONDS if name in PEERS else None
                found = measure(name, path, outcome="sorted", draws=draws, timeout=limit)
                if found is None:
                    too_slow.update({name} & set(PEERS))
                    continue
                yield Point(
                    along=along, name=name, rows=rows, zones=zones, draws=draws,
                    seconds=found.seconds, peak=found.peak,
                )  # fmt: skip


# Okabe-Ito colours; markers and dashes tell the lines apart in grey.
STYLES = dict(
    zip(
        ANALYSES,
        (("#000000", "x", ":"), ("#0072B2", "o", "-"), ("#D55E00", "s", "--"),
         ("#E69F00", "v", "--"), ("#009E73", "^", "-."), ("#CC79A7", "D", "-.")),
        strict=True,
    )
)  # fmt: skip


def growth_figure(points: Sequence[Point]) -> "Figure":
    """Seconds against rows, zones and draws, all on log scales."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    fixed = f"{points[-1].rows:,} rows"
    words = {
        "rows": f"Rows (60 zones, {DRAWS:,} draws)",
        "zones": f"Zones ({fixed}, {DRAWS:,} draws)",
        "draws": f"Draws ({fixed}, 60 zones)",
    }
    for panel, (along, label) in zip(panels, words.items(), strict=True):
        plot(panel, [point for point in points if point.along == along])
        panel.set_xlabel(label)
    panels[0].set_ylabel("Seconds, file to effects")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def plot(panel: "Axes", points: Sequence[Point]) -> None:
    for name in dict.fromkeys(point.name for point in points):
        colour, marker, dashes = STYLES[name]
        part = sorted((point.x, point.seconds) for point in points if point.name == name)
        panel.plot(*zip(*part, strict=True), color=colour, marker=marker, linestyle=dashes,
                   markersize=5, label=name)  # fmt: skip
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.grid(color="#E5E5E5", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)


def machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    load = os.getloadavg()[0]
    return (f"{processor()}, {os.cpu_count()} cores (load {load:.1f} at the start), "
            f"Python {platform.python_version()}, {versions}")  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["once"]:
        name, path, small, outcome, draws = sys.argv[2:]
        found = measure_here(name, Path(path), Path(small), outcome, int(draws))
        print(json.dumps(asdict(found)))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(required=True)
    for part, default in ((compare, 1e7), (shapes, 1e7), (memory, 1e8), (growth, None)):
        added = parts.add_parser(part.__name__)
        added.set_defaults(run=part)
        added.add_argument("--folder", type=Path, help="where the temporary rows are written")
        if part is growth:
            added.add_argument("--most-rows", type=float, default=1e7)
            added.add_argument("--most-peer-rows", type=float, default=1e7)
            added.add_argument("--output", type=Path, required=True)
            continue
        added.add_argument("--rows", type=float, default=default)
        added.add_argument("--zones", type=int, default=60)
        if part in {compare, shapes}:
            added.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
