"""``pouce experiment power``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from experiments.power.baseline_data import BaselineEstimates
    from experiments.power.icc_uncertainty import PowerDistribution
    from experiments.power.power_plan import PowerPlan
    from experiments.power.power_result import PowerResult
    from experiments.power.simulation import SimulatedPower


def power_command(
    plan: Annotated[
        Path | None, typer.Argument(help="Plan of the calculation, YAML (see --show-example).")
    ] = None,
    design: Annotated[str | None, typer.Option(help="parallel or stepped-wedge.")] = None,
    outcome_kind: Annotated[
        str | None, typer.Option(help="binary, continuous, count or ordinal.")
    ] = None,
    baseline_level: Annotated[
        float | None, typer.Option(help="Control share, or rate per unit of exposure.")
    ] = None,
    sd: Annotated[float | None, typer.Option(help="Standard deviation of one unit.")] = None,
    solve_for: Annotated[
        str | None, typer.Option(help="power, effect, clusters, units or waves.")
    ] = None,
    effect: Annotated[
        float | None, typer.Option(help="Difference from the control; ordinal: an odds ratio.")
    ] = None,
    direction: Annotated[
        str | None, typer.Option(help="increase or decrease, when the effect is looked for.")
    ] = None,
    icc: Annotated[float | None, typer.Option(help="Intraclass correlation.")] = None,
    units: Annotated[float | None, typer.Option(help="Units per cluster and wave.")] = None,
    cv: Annotated[
        float | None, typer.Option(help="Coefficient of variation of the units per cluster.")
    ] = None,
    clusters: Annotated[
        float | None, typer.Option(help="Clusters per treated arm, or per sequence.")
    ] = None,
    control_clusters: Annotated[
        float | None, typer.Option(help="Clusters in the control arm, if another number.")
    ] = None,
    arms: Annotated[int | None, typer.Option(help="Arms, the control among them.")] = None,
    waves: Annotated[int | None, typer.Option(help="Waves after the start.")] = None,
    baseline_waves: Annotated[
        int | None, typer.Option(help="Waves before the start, used as a covariate.")
    ] = None,
    cluster_autocorrelation: Annotated[
        float | None, typer.Option(help="Correlation of a cluster's level between waves.")
    ] = None,
    individual_autocorrelation: Annotated[
        float | None, typer.Option(help="The same for one unit; 0 unless a cohort.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a stepped wedge.")] = None,
    target_power: Annotated[float | None, typer.Option(help="Power to be reached.")] = None,
    level: Annotated[
        float | None, typer.Option(help="One minus the level of significance.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Baseline data to estimate the ICC, sizes and level from."),
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Outcome column of the baseline.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Cluster column of the baseline.")] = None,
    success: Annotated[
        str | None, typer.Option(help="Level of a text outcome that counts as 1.")
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write inputs and answer here.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="Folder for power curves, SVG and CSV.")
    ] = None,
    simulate: Annotated[
        str | None,
        typer.Option(
            help="Estimator to check the answer with, on simulated trials of the plan: zone-t, "
            "zone-ancova with baseline waves, gee-kc for a stepped wedge…"
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Simulated trials.")] = 1_000,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 2026,
    show_example: Annotated[
        bool, typer.Option("--show-example", help="Print a plan with remarks and leave.")
    ] = False,
) -> None:
    """Power of a cluster trial, or the effect, clusters, units or waves that reach it.

    Settings come from PLAN.yaml, are replaced by baseline estimates and those by options.
    Status 0: answered; 2: a setting is missing or wrong.
    """
    if show_example:
        from experiments.power.power_plan import example_plan

        typer.echo(example_plan(), nl=False)
        return
    options = {
        "design": design, "outcome_kind": outcome_kind, "baseline_level": baseline_level,
        "sd": sd, "solve_for": solve_for, "effect": effect, "direction": direction, "icc": icc,
        "units": units, "cv": cv, "clusters": clusters, "control_clusters": control_clusters,
        "arms": arms, "waves": waves, "baseline_waves": baseline_waves,
        "cluster_autocorrelation": cluster_autocorrelation,
        "individual_autocorrelation": individual_autocorrelation, "steps": steps,
        "target_power": target_power, "level": level,
    }  # fmt: skip
    given = {name: value for name, value in options.items() if value is not None}
    with user_errors():
        from experiments.power.planned_power import icc_distribution, solve

        estimates = _estimates(baseline, outcome=outcome, cluster=cluster, success=success)
        settled = _plan(plan, given, estimates)
        result = solve(settled)
        spread = icc_distribution(settled, result)
        simulated = _simulated(result, simulate, trials=trials, seed=seed)
        if json_path is not None:
            content = _content(settled, result, spread, estimates)
            if simulated is not None:
                content["simulated"] = asdict(simulated)
            _write_json(json_path, content)
        if figures is not None:
            _write_figures(figures, settled, result)
    _show(result, spread, estimates)
    if simulated is not None:
        out.print(
            f"simulated with {simulated.estimator}: power {100 * simulated.power:.1f} % "
            f"[{100 * simulated.ci_low:.1f}, {100 * simulated.ci_high:.1f}] over "
            f"{simulated.n_trials} trials, {simulated.n_refused} refused",
            soft_wrap=True,
        )
        for note in simulated.warnings:
            err.print(f"simulation: {note}", markup=False, highlight=False, soft_wrap=True)


def _simulated(
    result: "PowerResult", estimator: str | None, *, trials: int, seed: int
) -> "SimulatedPower | None":
    if estimator is None:
        return None
    from experiments.power.design_simulation import simulate_design

    with err.status(f"simulating {trials} trials"):
        return simulate_design(result.design, estimator=estimator, n_trials=trials, seed=seed)


def _estimates(
    baseline: str | None, *, outcome: str | None, cluster: str | None, success: str | None
) -> "BaselineEstimates | None":
    """Estimates from baseline data, or None without a table."""
    from experiments.errors import InputError

    if baseline is None:
        if outcome is not None or cluster is not None:
            message = "--outcome and --cluster name columns of --baseline DATA, which is missing"
            raise InputError(message)
        return None
    if outcome is None or cluster is None:
        message = "--baseline: name its columns with --outcome and --cluster"
        raise InputError(message)
    from experiments.engine.cluster_table import cluster_table
    from experiments.engine.grouped_scan import grouped_scan
    from experiments.power.baseline_data import baseline_estimates

    table = grouped_scan(baseline, cluster=cluster, arm=None, outcomes=[outcome], success=success)
    sums = cluster_table(table, outcome=outcome)
    return baseline_estimates(n=sums.n, sum_y=sums.sum_y, sum_yy=sums.sum_yy, centre=sums.centre)


def _plan(
    path: Path | None, given: dict[str, Any], estimates: "BaselineEstimates | None"
) -> "PowerPlan":
    from experiments.errors import InputError
    from experiments.power.power_plan import load_power_plan, make_power_plan, read_settings

    settings = {} if path is None else read_settings(path)
    kind = given.get("outcome_kind", settings.get("outcome_kind"))
    if kind is None:
        message = (
            "give PLAN.yaml, or at least --outcome-kind, --icc, --units and --clusters "
            "(--show-example prints a plan)"
        )
        raise InputError(message)
    measured = {} if estimates is None else estimates.settings(kind)
    if path is None:
        return make_power_plan("options", **(measured | given))
    return load_power_plan(path, **(measured | given))


def _content(
    plan: "PowerPlan",
    result: "PowerResult",
    spread: "PowerDistribution | None",
    estimates: "BaselineEstimates | None",
) -> dict[str, Any]:
    from experiments.power.detectability import detectability

    return {
        "plan": plan.model_dump(mode="json", exclude_none=True),
        "solved_for": result.solved_for,
        "solution": result.solution,
        "target_power": result.target,
        "power": result.power,
        "limit": result.limit,
        "effect": result.design.effect,
        "clusters": result.design.clusters,
        "total_clusters": result.design.total_clusters(),
        "units": result.design.units,
        "waves": result.design.waves,
        "contrast": asdict(result.contrast),
        "icc_uncertainty": None
        if spread is None
        else {
            "expected_power": spread.expected,
            "power_low": spread.low,
            "power_high": spread.high,
            "probability_of_target": spread.reached,
        },
        "baseline": None if estimates is None else asdict(estimates),
        "sentence": detectability(result),
        "warnings": list(result.warnings),
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    from experiments.errors import InputError

    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"--json {path}: {error.strerror}"
        raise InputError(message) from None


def _write_figures(folder: Path, plan: "PowerPlan", result: "PowerResult") -> None:
    from experiments.errors import InputError
    from experiments.power.plan_figures import plan_figures
    from experiments.svg import figure_svg

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (curve, figure) in plan_figures(plan, result).items():
            curve.to_csv(folder / f"{name}.csv", index=False)
            (folder / f"{name}.svg").write_text(figure_svg(figure), encoding="utf-8")
    except OSError as error:
        message = f"--figures {folder}: {error.strerror}"
        raise InputError(message) from None


def _show(
    result: "PowerResult",
    spread: "PowerDistribution | None",
    estimates: "BaselineEstimates | None",
) -> None:
    from rich.table import Table

    from experiments.power.detectability import answer_rows, baseline_rows, detectability

    table = Table(title=f"Solved for {result.solved_for}", show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    for name, value in answer_rows(result):
        table.add_row(name, value)
    if spread is not None:
        table.add_section()
        table.add_row("expected power, ICC uncertain", f"{100 * spread.expected:.1f} %")
        table.add_row("95 % range of power", f"{100 * spread.low:.1f} to {100 * spread.high:.1f} %")
        table.add_row(
            f"probability of a power of {100 * spread.target:g} %", f"{100 * spread.reached:.0f} %"
        )
    out.print(table)
    if estimates is not None:
        measured = Table(title="Estimated from the baseline data", show_header=False)
        measured.add_column("")
        measured.add_column("", justify="right")
        for name, value in baseline_rows(estimates):
            measured.add_row(name, value)
        out.print(measured)
    out.print(detectability(result), markup=False, highlight=False, soft_wrap=True)
    notes = (() if estimates is None else estimates.icc.warnings) + result.warnings
    for note in notes:
        err.print(f"warning: {note}", markup=False, highlight=False, soft_wrap=True)
