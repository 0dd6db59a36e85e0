"""Type-I error of other packages beside ours, on the same simulated trials.

Run it by hand, with the ``peers`` dependencies installed: ``python
tests/benchmarks/experiments/peers_size.py --trials 1000 --clusters 6 8 12 20 40 100 --output
FOLDER``. Trials have no effect, two equal arms, a binary outcome, 20 to 119 units a zone and zone
log odds of mean 0.9 and standard deviation 0.42. Every finished batch of trials is kept as a file
in the folder, so that an interrupted run goes on and more trials can be added to it; start with an
empty folder after a change to an estimator. Not collected by pytest: rates are reported, not
asserted.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, cached_property
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FunctionType
from unittest import mock

import numba
import numpy as np
import pandas as pd
import pyarrow as pa
import pyfixest
import statsmodels.api as sm
import tea_tasting as tt
from matplotlib.figure import Figure
from statsmodels.stats.proportion import proportion_confint
from threadpoolctl import threadpool_limits
from wildboottest import wildboottest

from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.plan import make_plan
from experiments.errors import AssumptionError
from experiments.power.simulated_trials import SimulatedTrials, simulate_logit_normal
from experiments.power.trial_of_sums import trial_of_sums
from experiments.svg import figure_svg

BATCH = 50
DRAWS = 399
ALPHA = 0.05
SIZES, LOGIT, SD_LOGIT = (20, 119), 0.9, 0.42
BAND = (4, 6)
# Percentage at which the figure's axis begins.
LOWEST = 1


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One simulated trial as zone sums, and as rows for packages that read rows."""

    units: np.ndarray
    successes: np.ndarray
    arm: np.ndarray

    @cached_property
    def zone(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.units)), self.units)

    @cached_property
    def treated(self) -> np.ndarray:
        return np.repeat(self.arm.astype(np.float64), self.units)

    @cached_property
    def outcome(self) -> np.ndarray:
        first = np.cumsum(self.units) - self.units
        place = np.arange(self.units.sum()) - np.repeat(first, self.units)
        return (place < np.repeat(self.successes, self.units)).astype(np.float64)

    @cached_property
    def design(self) -> np.ndarray:
        return np.column_stack([np.ones(len(self.treated)), self.treated])


def tea_tasting_mean(trial: Trial) -> float:
    rows = pa.table({"y": trial.outcome, "variant": trial.treated.astype(np.int64)})
    return tt.Experiment(y=tt.Mean("y")).analyze(rows)["y"].pvalue


def tea_tasting_ratio(trial: Trial) -> float:
    zones = pa.table({"y": trial.successes, "n": trial.units, "variant": trial.arm})
    return tt.Experiment(y=tt.RatioOfMeans("y", "n")).analyze(zones)["y"].pvalue


def statsmodels_ols(trial: Trial, *, use_t: bool | None = None) -> float:
    fit = sm.OLS(trial.outcome, trial.design).fit(
        cov_type="cluster", cov_kwds={"groups": trial.zone}, use_t=use_t
    )
    return fit.pvalues[1]


def statsmodels_gee(trial: Trial, *, covariance: str = "robust") -> float:
    model = sm.GEE(
        trial.outcome,
        trial.design,
        groups=trial.zone,
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    )
    return model.fit(cov_type=covariance).pvalues[1]


def pyfixest_crv1(trial: Trial) -> float:
    rows = pd.DataFrame({"y": trial.outcome, "arm": trial.treated, "zone": trial.zone})
    return pyfixest.feols("y ~ arm", data=rows, vcov={"CRV1": "zone"}).pvalue()["arm"]


def wild_bootstrap(trial: Trial) -> float:
    model = sm.OLS(trial.outcome, pd.DataFrame(trial.design, columns=["one", "arm"]))
    with mock.patch.object(wildboottest, "njit", compile_once):
        found = wildboottest.wildboottest(
            model, param="arm", cluster=pd.Series(trial.zone), B=DRAWS, seed=1, parallel=False,
            show=False,
        )  # fmt: skip
    return found["p-value"].iloc[0]


def compile_once(*, parallel: bool) -> Callable:
    # The package compiles the same nested function at every call, which takes over a second.
    return lambda function: compiled(function.__code__, parallel)


@cache
def compiled(code: CodeType, parallel: bool) -> Callable:
    names = {"np": np, "prange": numba.prange}
    return numba.njit(parallel=parallel)(FunctionType(code, names))


def ours(name: str) -> Callable[[Trial], float]:
    plan = make_plan(outcome="y", arm="arm", cluster="zone", control="0", draws=DRAWS)

    def p_value(trial: Trial) -> float:
        sums = trial.successes.astype(np.float64)
        data = trial_of_sums(
            n=trial.units.astype(np.float64), sum_y=sums, sum_yy=sums, arm=trial.arm, plan=plan
        )
        return CATALOGUE[name].estimate(data)[0].effect.p_value

    return p_value


@dataclass(frozen=True, kw_only=True)
class Method:
    """One analysis: who provides it, in what colour and marker it is drawn."""

    label: str
    package: str
    p_value: Callable[[Trial], float]
    style: tuple[str, str, str]


OURS = "ours"
OKABE_ITO = (
    "#D55E00", "#E69F00", "#CC79A7", "#0072B2", "#56B4E9", "#009E73", "#000000", "#6E6E6E",
)  # fmt: skip
STYLES = tuple(zip(OKABE_ITO, "osv^DPX*", ("-", "-", "-", "-", "--", "--", "--", ":"), strict=True))
METHODS = {
    "tea-tasting-mean": Method(
        label="tea-tasting Mean, on rows", package="tea-tasting", p_value=tea_tasting_mean,
        style=STYLES[0],
    ),
    "statsmodels-gee": Method(
        label="statsmodels GEE, robust, z", package="statsmodels", p_value=statsmodels_gee,
        style=STYLES[1],
    ),
    "statsmodels-ols": Method(
        label="statsmodels OLS cluster, z", package="statsmodels", p_value=statsmodels_ols,
        style=STYLES[2],
    ),
    "statsmodels-ols-t": Method(
        label="statsmodels OLS cluster, use_t", package="statsmodels",
        p_value=lambda trial: statsmodels_ols(trial, use_t=True), style=STYLES[3],
    ),
    "pyfixest": Method(
        label="pyfixest CRV1", package="pyfixest", p_value=pyfixest_crv1, style=STYLES[4]
    ),
    "statsmodels-gee-md": Method(
        label="statsmodels GEE, bias_reduced, z", package="statsmodels",
        p_value=lambda trial: statsmodels_gee(trial, covariance="bias_reduced"), style=STYLES[5],
    ),
    "tea-tasting-ratio": Method(
        label="tea-tasting RatioOfMeans, on zone sums", package="tea-tasting",
        p_value=tea_tasting_ratio, style=STYLES[6],
    ),
    "wildboottest": Method(
        label="wildboottest, Rademacher", package="wildboottest", p_value=wild_bootstrap,
        style=STYLES[7],
    ),
    **{
        name: Method(label=name, package=OURS, p_value=ours(name), style=STYLES[place])
        for place, name in enumerate((
            "zone-t", "zone-welch", "randomization", "ols-cr2", "wild-webb", "gee-md", "gee-kc",
            "mixed-logit",
        ))
    },
}  # fmt: skip


def batch_path(folder: Path, clusters: int, batch: int, seed: int) -> Path:
    settings = json.dumps([list(METHODS), seed, BATCH, DRAWS, SIZES, LOGIT, SD_LOGIT])
    name = hashlib.sha256(settings.encode()).hexdigest()[:10]
    return folder / "batches" / f"{clusters}-{batch:04d}-{name}.json"


def run_batch(clusters: int, batch: int, seed: int, path: Path) -> None:
    """Rejections and refusals of every method over one batch of trials."""
    trials = simulate_logit_normal(
        sizes=SIZES, clusters_per_arm=(clusters // 2, clusters // 2), logit=LOGIT,
        sd_logit=SD_LOGIT, n_trials=BATCH, rng=np.random.default_rng([seed, clusters, batch]),
    )  # fmt: skip
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.array([p_values(trials, place) for place in range(BATCH)])
    counted = {
        name: {
            "refused": int(np.isnan(found[:, j]).sum()),
            "rejected": int((found[:, j] <= ALPHA).sum()),
        }
        for j, name in enumerate(METHODS)
    }
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(counted), encoding="utf-8")
    partial.replace(path)


def p_values(trials: SimulatedTrials, place: int) -> list[float]:
    trial = Trial(
        units=trials.n[place].astype(np.int64),
        successes=trials.sum_y[place].astype(np.int64),
        arm=trials.arm[place],
    )
    found = []
    for method in METHODS.values():
        # Whatever another package raises counts as a refusal; ours refuses in one way only.
        refusal = AssumptionError if method.package == OURS else Exception
        try:
            found.append(float(method.p_value(trial)))
        except refusal:
            found.append(np.nan)
    return found


def run(options: argparse.Namespace) -> None:
    folder = options.output / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        (clusters, batch, options.seed, path)
        # Many clusters take longest: starting with them keeps all processes busy to the end.
        for clusters in sorted(options.clusters, reverse=True)
        for batch in range(-(-options.trials // BATCH))
        if not (path := batch_path(options.output, clusters, batch, options.seed)).exists()
    ]
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(run_batch, *arguments) for arguments in wanted]
        for done, future in enumerate(as_completed(running), start=1):
            future.result()
            print(f"{done} of {len(wanted)} batches of {BATCH} trials", flush=True)


def rates(options: argparse.Namespace) -> pd.DataFrame:
    """One row for each method and number of zones."""
    rows = []
    for clusters in sorted(options.clusters):
        paths = [
            batch_path(options.output, clusters, batch, options.seed)
            for batch in range(-(-options.trials // BATCH))
        ]
        counts = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        for name, method in METHODS.items():
            refused, rejected = (
                sum(count[name][what] for count in counts) for what in ("refused", "rejected")
            )
            done = BATCH * len(counts) - refused
            low, high = (
                proportion_confint(rejected, done, method="wilson") if done else (np.nan,) * 2
            )
            rows.append({
                "method": name, "label": method.label, "package": method.package,
                "version": version(method.package), "zones": clusters,
                "trials": BATCH * len(counts), "refused": refused, "rejected": rejected,
                "rate": rejected / done if done else np.nan, "low": low, "high": high,
            })  # fmt: skip
    return pd.DataFrame(rows)


def version(package: str) -> str:
    return importlib.metadata.version("coup-de-pouce" if package == OURS else package)


def markdown(table: pd.DataFrame) -> str:
    counts = sorted(table["zones"].unique())
    lines = [
        "| analysis | " + " | ".join(f"{count} zones" for count in counts) + " |",
        "|---|" + "---:|" * len(counts),
    ]
    for name, method in METHODS.items():
        part = table[table["method"] == name].set_index("zones")
        label = f"**{method.label}**" if method.package == OURS else method.label
        lines.append(f"| {label} | " + " | ".join(cell(part.loc[count]) for count in counts) + " |")
    versions = table.drop_duplicates("package").set_index("package")["version"].drop(OURS)
    lines += [
        "",
        f"False positives in percent at a nominal 5 %, with Wilson 95 % intervals, over "
        f"{table['trials'].min():,} simulated trials without effect for each number of zones; "
        f"{SIZES[0]} to {SIZES[1]} units a zone, log odds of mean {LOGIT:g} and standard deviation "
        f"{SD_LOGIT:g}, equal arms, {DRAWS} bootstrap or sampled randomisation draws. Ours in "
        "bold. " + ", ".join(f"{name} {number}" for name, number in versions.items())
        + f", Python {platform.python_version()}.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def cell(row: pd.Series) -> str:
    if np.isnan(row["rate"]):
        return "refused"
    text = f"{100 * row['rate']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    return text + (f", {row['refused']:,} refused" if row["refused"] else "")


def figure(table: pd.DataFrame) -> Figure:
    """Rates against zones on a log scale, other packages on the left and ours on the right."""
    counts = sorted(table["zones"].unique())
    drawn = Figure(figsize=(10.5, 6.2), layout="constrained")
    panels = drawn.subplots(1, 2, sharey=True)
    for panel, is_ours, title in zip(
        panels, (False, True), ("Other packages", "This project"), strict=True
    ):
        panel.axhspan(*BAND, color="#DDDDDD", zorder=0)
        panel.axhline(100 * ALPHA, color="#888888", linewidth=0.8, zorder=0)
        shown = [name for name in METHODS if (METHODS[name].package == OURS) == is_ours]
        for place, name in enumerate(shown):
            part = 100 * table[table["method"] == name].set_index("zones")[["rate", "low", "high"]]
            part = part.clip(lower=LOWEST)
            colour, marker, dashes = METHODS[name].style
            panel.errorbar(
                np.arange(len(counts)) + 0.08 * (place - (len(shown) - 1) / 2),
                part["rate"],
                yerr=[part["rate"] - part["low"], part["high"] - part["rate"]],
                color=colour, marker=marker, linestyle=dashes, markersize=4.5, linewidth=1.2,
                elinewidth=0.7, label=METHODS[name].label,
            )  # fmt: skip
        panel.set_title(title, fontsize=11)
        panel.set_xticks(np.arange(len(counts)), [str(count) for count in counts])
        panel.set_xlabel("Zones in all")
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(
            frameon=False, fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.12)
        )
    ticks = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50]
    panels[0].set_yscale("log")
    panels[0].set_yticks(ticks, [str(tick) for tick in ticks])
    panels[0].set_yticks([], minor=True)
    panels[0].set_ylim(LOWEST, 60)
    panels[0].set_ylabel(f"False positives at a nominal 5 % (%, log scale from {LOWEST})")
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000, help="rounded up to whole batches")
    parser.add_argument("--clusters", type=int, nargs="+", default=[6, 8, 12, 20, 40, 100])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    odd = [count for count in options.clusters if count < 4 or count % 2]
    if odd:
        parser.error(f"--clusters: {odd[0]} is not an even number of at least 4")
    os.environ.update(OMP_NUM_THREADS="1", RAYON_NUM_THREADS="1")
    run(options)
    table = rates(options)
    table.to_csv(options.output / "peers_size.csv", index=False)
    text = markdown(table)
    (options.output / "peers_size.md").write_text(text, encoding="utf-8")
    (options.output / "peers_size.svg").write_text(figure_svg(figure(table)), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
