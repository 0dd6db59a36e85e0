"""``pouce experiment analyse``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.analysis.plan import AnalysisPlan
    from experiments.analysis.trial_analysis import TrialAnalysis

Names = list[str] | None


def command(
    data: Annotated[str, typer.Argument(help="CSV, TSV or Parquet file, or a glob of them.")],
    outcome: Annotated[Names, typer.Option(help="Outcome column; repeat for several.")] = None,
    arm: Annotated[str | None, typer.Option(help="Column of the arm.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Column of the unit of randomisation.")
    ] = None,
    strata: Annotated[str | None, typer.Option(help="Column clusters were drawn within.")] = None,
    pairs: Annotated[str | None, typer.Option(help="Column of matched pairs.")] = None,
    covariate: Annotated[Names, typer.Option(help="Column measured before the draw.")] = None,
    pairwise: Annotated[
        bool, typer.Option(help="With several arms, fit each contrast on its two arms only.")
    ] = False,
    control: Annotated[str | None, typer.Option(help="Level of the arm to compare with.")] = None,
    estimator: Annotated[
        Names, typer.Option(help="Repeatable; 'list' names them. Default: the design chooses.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="YAML plan; options given beside it replace its settings.")
    ] = None,
    design: Annotated[
        Path | None, typer.Option(help="Folder of `pouce experiment design`: its allocation set.")
    ] = None,
    scale: Annotated[Names, typer.Option(help="Further scale, e.g. ratio or odds_ratio.")] = None,
    family: Annotated[
        str | None, typer.Option(help="gaussian, binomial or poisson; found out by default.")
    ] = None,
    estimand: Annotated[
        str | None, typer.Option(help="cluster or unit: whose average effect.")
    ] = None,
    lower_is_better: Annotated[
        bool, typer.Option(help="The outcome improves downwards, for the number needed to treat.")
    ] = False,
    moderator: Annotated[
        Names, typer.Option(help="Column whose interaction was declared in advance.")
    ] = None,
    multiplicity: Annotated[
        str | None, typer.Option(help="none, holm, dunnett or romano-wolf.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Equivalence within plus or minus this much.")
    ] = None,
    non_inferiority: Annotated[
        float | None, typer.Option(help="Not inferior if no more than this much is lost.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Column of the wave of measurement.")] = None,
    baseline: Annotated[
        Names, typer.Option(help="Wave before the draw, used as a covariate; needs --period.")
    ] = None,
    level: Annotated[float | None, typer.Option(help="Coverage of the intervals.")] = None,
    draws: Annotated[int | None, typer.Option(help="Randomisation and bootstrap draws.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of these draws.")] = None,
    missing: Annotated[
        str | None, typer.Option(help="error, or drop to leave out rows and count them.")
    ] = None,
    success: Annotated[
        str | None,
        typer.Option(
            help="Level of a text outcome that counts as 1; yes, oui, true or 1 unless said."
        ),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Column that identifies units; duplicates are an error.")
    ] = None,
    outcome_range: Annotated[
        tuple[float, float] | None, typer.Option(help="Smallest and largest admissible outcome.")
    ] = None,
    arms_within_clusters: Annotated[
        bool, typer.Option(help="Arms were drawn for units inside clusters.")
    ] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the estimates here as a list of objects.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for estimates.csv, plan.yaml and figures.")
    ] = None,
    influence: Annotated[bool, typer.Option(help="Estimate without each cluster in turn.")] = True,
    track: Annotated[bool, typer.Option(help="Log the run in MLflow.")] = True,
) -> None:
    """Estimate the effect of each arm, with the method the design calls for."""
    quiet_libraries()
    if estimator == ["list"]:
        _list_estimators()
        return
    settings = {
        "outcomes": outcome, "arm": arm, "cluster": cluster, "strata": strata, "pairs": pairs,
        "covariates": covariate, "control": control, "estimators": estimator, "design": design,
        "scales": scale, "family": family, "estimand": estimand, "moderators": moderator,
        "multiplicity": multiplicity, "non_inferiority": non_inferiority, "period": period,
        "baseline": baseline, "level": level,
        "draws": draws, "seed": seed, "missing": missing, "success": success, "unit": unit,
        "outcome_range": outcome_range,
        "margin": None if margin is None else {"lower": -margin, "upper": margin},
        "influence": None if influence else False,
        "pairwise": pairwise or None,
        "higher_is_better": False if lower_is_better else None,
        "arms_within_clusters": arms_within_clusters or None,
    }  # fmt: skip
    with user_errors():
        from experiments.analysis.analyze import analyze

        analysis = analyze(data, _plan(plan, settings))
        _write(analysis, json_path, output)
    _show(analysis)
    if track:
        _log(analysis, data)


def _plan(path: Path | None, settings: dict[str, Any]) -> "AnalysisPlan":
    from experiments.analysis.plan import load_plan, make_plan
    from experiments.errors import InputError

    given = {name: value for name, value in settings.items() if value not in (None, [])}
    if path is not None:
        return make_plan(**(load_plan(path).model_dump(exclude_unset=True) | given))
    missing = [name for name in ("outcomes", "arm", "cluster") if name not in given]
    if missing:
        options = ", ".join("--" + name.removesuffix("s") for name in missing)
        message = f"{options}: needed, unless --plan names a file that has them"
        raise InputError(message)
    return make_plan(**given)


def _write(analysis: "TrialAnalysis", json_path: Path | None, folder: Path | None) -> None:
    from experiments.analysis.analysis_figures import figures
    from experiments.analysis.plan import plan_to_yaml
    from experiments.analysis.trial_analysis import estimates_frame, estimates_records
    from experiments.errors import InputError

    texts: dict[Path, str] = {}
    if json_path is not None:
        records = json.dumps(estimates_records(analysis), indent=2, ensure_ascii=False)
        texts[json_path] = records + "\n"
    if folder is not None:
        texts[folder / "estimates.csv"] = estimates_frame(analysis).to_csv(index=False)
        texts[folder / "plan.yaml"] = plan_to_yaml(analysis.plan)
        texts |= {folder / name: svg for name, svg in figures(analysis).items()}
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            message = f"{path}: cannot be written ({error.strerror})"
            raise InputError(message) from None


def _show(analysis: "TrialAnalysis") -> None:
    from experiments.analysis.findings import findings

    pairs = dict.fromkeys((one.outcome, one.contrast) for one in analysis.estimates)
    for outcome, contrast in pairs:
        out.print(_table(analysis, outcome, contrast))
    for note in findings(analysis):
        out.print(f"- {note}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"data fingerprint {analysis.fingerprint[:12]}", highlight=False)


def _table(analysis: "TrialAnalysis", outcome: str, contrast: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    chosen = [
        one for one in analysis.estimates if (one.outcome, one.contrast) == (outcome, contrast)
    ]
    adjusted = any(one.p_adjusted is not None for one in analysis.estimates)
    table = Table(title=escape(f"{outcome}: {contrast}"), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("estimator", no_wrap=True)
    table.add_column("scale")
    for name in ("estimate", f"{100 * analysis.plan.level:g} % interval", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    if adjusted:
        table.add_column("adjusted", justify="right", no_wrap=True)
    for one in chosen:
        cells = [
            one.estimator,
            one.scale.replace("_", " "),
            f"{one.estimate:.4g}",
            f"{one.ci_low:.4g}, {one.ci_high:.4g}",
            f"{one.p_value:.3g}",
        ]
        if adjusted:
            cells.append("" if one.p_adjusted is None else f"{one.p_adjusted:.3g}")
        table.add_row(*cells)
    return table


def _log(analysis: "TrialAnalysis", data: str) -> None:
    from experiments.analysis.analysis_figures import figures
    from experiments.analysis.plan import plan_to_yaml
    from experiments.analysis.trial_analysis import estimates_records
    from experiments.tracking import log_run

    with err.status("logging in MLflow"):
        metrics: dict[str, float] = {}
        for one in analysis.estimates:
            key = f"{one.outcome} {one.contrast} {one.estimator} {one.scale}"
            metrics |= {f"{key} estimate": one.estimate, f"{key} p": one.p_value}
        run = log_run(
            name=f"analyse {analysis.plan.outcomes[0]}",
            parameters={
                "data": data,
                "data_fingerprint": analysis.fingerprint,
                **analysis.plan.model_dump(mode="json", exclude_none=True),
            },
            metrics=metrics,
            texts={
                "plan.yaml": plan_to_yaml(analysis.plan),
                "estimates.json": json.dumps(
                    estimates_records(analysis), indent=2, ensure_ascii=False
                ),
                **figures(analysis),
            },
        )
    err.print(f"MLflow run {run}")


def _list_estimators() -> None:
    from rich.table import Table

    from experiments.analysis.estimators.catalogue import CATALOGUE

    table = Table(title="Estimators")
    for name in ("name", "what it does", "follows"):
        table.add_column(name)
    for name, entry in CATALOGUE.items():
        table.add_row(name, entry.title, entry.reference)
    out.print(table)
