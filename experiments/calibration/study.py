"""The whole grid, in parallel and resumable: one small file per finished scenario."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from experiments.calibration.measurement import Tally, measure
from experiments.calibration.scenario import Scenario, describe
from experiments.errors import InputError

DEFAULT_ESTIMATORS = (
    "zone-t",
    "zone-welch",
    "randomization",
    "ols-cr2",
    "wild-webb",
    "gee-md",
    "gee-kc",
    "gee-fg",
    "mixed-logit",
    "ols-cr1",
    "gee-robust",
)
BINARY_ONLY = {"mixed-logit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """Tallies of every estimator on one scenario."""

    scenario: Scenario
    tallies: dict[str, Tally]


def run_study(
    scenarios: Sequence[Scenario],
    estimators: Sequence[str],
    *,
    n_trials: int,
    seed: int,
    folder: Path,
    jobs: int = -1,
    progress: Callable[[], None] = lambda: None,
) -> list[ScenarioResult]:
    """Measure every scenario, skipping those whose file is already there.

    A file counts only for the same trials, seed and estimators: it is named by their hash, so
    that an interrupted run goes on where it stopped and a changed one starts afresh.

    Parameters
    ----------
    folder
        Where result files are kept; made when missing.
    jobs
        Processes; -1 for one per core.
    progress
        Called after each scenario.
    """
    from joblib import Parallel, delayed

    from experiments.analysis.estimators.catalogue import CATALOGUE

    unknown = [name for name in estimators if name not in CATALOGUE]
    if unknown:
        message = f"estimators: {', '.join(unknown)} unknown; there are {', '.join(CATALOGUE)}"
        raise InputError(message)
    folder.mkdir(parents=True, exist_ok=True)
    todo = [one for one in scenarios if not _path(folder, one, estimators, n_trials, seed).exists()]
    for _ in range(len(scenarios) - len(todo)):
        progress()
    # Many clusters take longest: starting with them keeps all processes busy to the end.
    work = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_measured)(one, tuple(estimators), n_trials, seed, folder) for one in todo[::-1]
    )
    for _ in work:
        progress()
    return [_load(_path(folder, one, estimators, n_trials, seed), one) for one in scenarios]


def rows(results: Sequence[ScenarioResult]) -> Iterator[dict[str, object]]:
    """Yield one flat row per scenario and estimator, rates with their Monte Carlo intervals."""
    from statsmodels.stats.proportion import proportion_confint

    for result in results:
        for name, tally in result.tallies.items():
            row: dict[str, object] = {**describe(result.scenario), "estimator": name}
            done = tally.trials - tally.refused
            done_effect = tally.trials_effect - tally.refused_effect
            rates = {
                "type_1_error": (tally.rejected_null, done),
                "power": (tally.rejected_effect, done_effect),
            }
            if tally.has_truth:
                rates["coverage"] = (tally.covered_effect, done_effect)
            for measure_name, (count, total) in rates.items():
                low, high = (float("nan"), float("nan"))
                if total:
                    low, high = proportion_confint(count, total, method="wilson")
                row[measure_name] = count / total if total else float("nan")
                row[f"{measure_name}_low"], row[f"{measure_name}_high"] = low, high
            row["refused"] = tally.refused / tally.trials
            row["trials"] = tally.trials
            yield row


def _measured(
    scenario: Scenario, estimators: tuple[str, ...], n_trials: int, seed: int, folder: Path
) -> None:
    from threadpoolctl import threadpool_limits

    able = [name for name in estimators if name not in BINARY_ONLY or scenario.outcome == "binary"]
    with threadpool_limits(1):
        tallies = measure(scenario, able, n_trials=n_trials, seed=seed)
    path = _path(folder, scenario, estimators, n_trials, seed)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({name: asdict(one) for name, one in tallies.items()}))
    partial.replace(path)


def _path(
    folder: Path, scenario: Scenario, estimators: Sequence[str], n_trials: int, seed: int
) -> Path:
    settings = json.dumps([sorted(estimators), n_trials, seed])
    return folder / f"{scenario.key}-{hashlib.sha256(settings.encode()).hexdigest()[:10]}.json"


def _load(path: Path, scenario: Scenario) -> ScenarioResult:
    content = json.loads(path.read_text(encoding="utf-8"))
    return ScenarioResult(
        scenario=scenario, tallies={name: Tally(**tally) for name, tally in content.items()}
    )
