"""``pouce experiment calibrate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    import pandas as pd


def command(
    trials: Annotated[
        int,
        typer.Option(
            min=1, help="Simulated trials per scenario, a quarter of them again with an effect."
        ),
    ] = 2_000,
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
        text, svg = _write(table, output, json_path)
    out.print(text, markup=False, highlight=False, soft_wrap=True)
    out.print(f"table and figure: {output}", soft_wrap=True)
    if track:
        _log(table, text, svg, trials, seed)


def _write(table: "pd.DataFrame", folder: Path, json_path: Path | None) -> tuple[str, str]:
    """Write table and figure; return the table's summary and the figure as text."""
    from experiments.calibration.figure import type_1_error_figure
    from experiments.calibration.summary import markdown_table
    from experiments.errors import InputError
    from experiments.svg import figure_svg

    text, svg = markdown_table(table), figure_svg(type_1_error_figure(table))
    files = {
        folder / "calibration.csv": table.to_csv(index=False),
        folder / "type_1_error.svg": svg,
        folder / "type_1_error.md": text,
    }
    if json_path is not None:
        records = json.loads(table.to_json(orient="records"))
        files[json_path] = json.dumps(records, indent=2) + "\n"
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            message = f"{path}: cannot be written ({error.strerror})"
            raise InputError(message) from None
    return text, svg


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
    table = pd.DataFrame(rows(results))
    if table.empty:
        raise InputError("--estimator mixed-logit: for binary outcomes only; add --outcome binary")
    return table


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
