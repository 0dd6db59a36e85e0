"""``pouce experiment calibrate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    import pandas as pd


def command(
    trials: Annotated[int, typer.Option(help="Simulated trials per scenario and truth.")] = 2_000,
    clusters: Annotated[
        list[int] | None, typer.Option(help="Clusters in all; repeatable. Default 6 to 100.")
    ] = None,
    icc: Annotated[
        list[float] | None, typer.Option(help="Intraclass correlation; repeatable.")
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help="binary, continuous or count; repeatable.")
    ] = None,
    estimator: Annotated[
        list[str] | None, typer.Option(help="Estimator; repeatable. Default: all main ones.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 2026,
    jobs: Annotated[int, typer.Option(help="Processes; -1 for one per core.")] = -1,
    output: Annotated[
        Path, typer.Option(help="Folder; run again with the same one to go on where it stopped.")
    ] = Path("mlruns/calibration"),
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows here as a list of objects.")
    ] = None,
    track: Annotated[bool, typer.Option(help="Log the run in MLflow.")] = True,
) -> None:
    """Measure type-I error, coverage and power of the estimators over a grid of trials."""
    quiet_libraries()
    with user_errors():
        table = _study(trials, clusters, icc, outcome, estimator, seed, jobs, output)
    from experiments.calibration.figure import type_1_error_figure
    from experiments.calibration.summary import markdown_table
    from experiments.svg import figure_svg

    text, svg = markdown_table(table), figure_svg(type_1_error_figure(table))
    table.to_csv(output / "calibration.csv", index=False)
    (output / "type_1_error.svg").write_text(svg, encoding="utf-8")
    (output / "type_1_error.md").write_text(text, encoding="utf-8")
    if json_path is not None:
        json_path.write_text(
            json.dumps(json.loads(table.to_json(orient="records")), indent=2) + "\n", "utf-8"
        )
    out.print(text, markup=False, highlight=False)
    out.print(f"table and figure: {output}", soft_wrap=True)
    if track:
        _log(table, text, svg, trials, seed)


def _study(
    trials: int,
    clusters: list[int] | None,
    icc: list[float] | None,
    outcome: list[str] | None,
    estimator: list[str] | None,
    seed: int,
    jobs: int,
    output: Path,
) -> "pd.DataFrame":
    import pandas as pd
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from experiments.calibration.scenario import CLUSTERS, ICCS, LEVEL, grid
    from experiments.calibration.study import DEFAULT_ESTIMATORS, rows, run_study
    from experiments.errors import InputError

    kinds = tuple(outcome or LEVEL)
    wrong = [kind for kind in kinds if kind not in LEVEL]
    if wrong:
        raise InputError(f"--outcome {wrong[0]}: one of {', '.join(LEVEL)}")
    scenarios = grid(
        clusters=tuple(clusters or CLUSTERS),
        iccs=tuple(icc or ICCS),
        outcomes=kinds,  # type: ignore[arg-type]
    )
    columns = ("calibrating", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("", total=len(scenarios))
        results = run_study(
            scenarios,
            tuple(estimator or DEFAULT_ESTIMATORS),
            n_trials=trials,
            seed=seed,
            folder=output / "scenarios",
            jobs=jobs,
            progress=lambda: bar.advance(task),
        )
    return pd.DataFrame(rows(results))


def _log(table: "pd.DataFrame", text: str, svg: str, trials: int, seed: int) -> None:
    from experiments.tracking import log_run

    means = table.groupby(["estimator", "clusters"])["type_1_error"].mean()
    run = log_run(
        name="calibrate",
        parameters={"trials": trials, "seed": seed, "scenarios": len(table)},
        metrics={
            f"type_1_error {name} {count} clusters": float(rate)
            for (name, count), rate in means.items()
        },
        texts={
            "calibration.csv": table.to_csv(index=False),
            "type_1_error.md": text,
            "type_1_error.svg": svg,
        },
    )
    err.print(f"MLflow run {run}")
