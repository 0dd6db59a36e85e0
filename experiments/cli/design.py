"""``pouce experiment design``."""

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from experiments.design.draw import Draw


def design_command(
    design: Annotated[
        Path | None, typer.Argument(help="Design of the trial, YAML (see --show-example).")
    ] = None,
    clusters: Annotated[
        Path | None, typer.Option(help="Table of clusters, CSV, one row each.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="New folder for the draw and its report.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the draw; that of the design otherwise.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the summary as JSON.")
    ] = None,
    show_example: Annotated[
        bool, typer.Option("--show-example", help="Print a design with remarks and leave.")
    ] = False,
) -> None:
    """Draw clusters into arms: allocation, admissible set, balance table and report.

    Writes design.yaml, clusters.csv, allocation.csv, allocations.npz, balance.csv and report.html,
    all or none. Status 0: drawn; 2: the design or the table cannot be used, nothing is written.
    """
    if show_example:
        example = resources.files("experiments.design").joinpath("example_design.yaml")
        typer.echo(example.read_text("utf-8"), nl=False)
        return
    from experiments.errors import InputError

    with user_errors():
        if design is None or clusters is None or output is None:
            raise InputError("give DESIGN.yaml, --clusters TABLE.csv and --output FOLDER")
        if json_file is not None and not json_file.parent.is_dir():
            raise InputError(f"--json {json_file}: no such folder: make it first")
        from experiments.design.cluster_frame import read_cluster_frame
        from experiments.design.draw import draw
        from experiments.design.draw_folder import write_draw
        from experiments.design.trial_design import load_design

        declared = load_design(design)
        frame = read_cluster_frame(clusters, cluster_column=declared.cluster)
        drawn = draw(declared, frame, seed=seed)
        write_draw(drawn, output)
        if json_file is not None:
            _write_json(json_file, _summary(drawn))
    _show(drawn)
    err.print(f"written to {output}", markup=False, highlight=False, soft_wrap=True)


def _summary(drawn: "Draw") -> dict[str, Any]:
    return {
        "name": drawn.design.name,
        "seed": drawn.design.seed,
        "fingerprint": drawn.fingerprint,
        "index": drawn.index,
        "allocation": drawn.allocation,
        "left_out": list(drawn.declared.excluded),
        "clusters_per_arm": {
            arm: list(drawn.allocation.values()).count(arm) for arm in drawn.design.arms
        },
        "admissible_allocations": drawn.allocation_set.size,
        "enumerated": drawn.allocation_set.enumerated,
        "balance": [
            {
                "covariate": row.covariate,
                "level": row.level,
                "means": dict(zip(drawn.balance.arms, row.means, strict=True)),
                "standardised_differences": dict(
                    zip(drawn.balance.arms[1:], row.differences, strict=True)
                ),
                "flagged": row.flagged,
            }
            for row in drawn.balance.rows
        ],
        "notes": list(drawn.declared.notes),
        "warnings": list(drawn.warnings),
    }


def _counted(number: float) -> str:
    return f"{number:.0f}" if number < 1e9 else f"{number:.3g}"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    from experiments.errors import InputError

    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--json {path}: {error.strerror}") from None


def _show(drawn: "Draw") -> None:
    from rich.markup import escape
    from rich.table import Table

    from experiments.design.allocation_report import arm_counts
    from experiments.design.balance import FLAG_ABOVE

    arms = [escape(arm) for arm in drawn.design.arms]
    counts = Table(title="Clusters in each arm")
    counts.add_column("")
    for arm in arms:
        counts.add_column(arm, justify="right")
    for count in arm_counts(drawn):
        units = count.units or ()
        cells = [str(number) for number in count.clusters]
        if units:
            cells = [f"{cell} ({total})" for cell, total in zip(cells, units, strict=True)]
        counts.add_row(escape(count.name), *cells)
    out.print(counts)
    if drawn.balance.rows:
        balance = Table(title=f"Standardised differences from {arms[0]}")
        balance.add_column("covariate")
        for arm in arms[1:]:
            balance.add_column(arm, justify="right")
        for row in drawn.balance.rows:
            cells = [f"{gap:.2f}{' *' if abs(gap) > FLAG_ABOVE else ''}" for gap in row.differences]
            balance.add_row(escape(row.name), *cells)
        out.print(balance)
    drawn_from = drawn.allocation_set
    how = "all listed" if drawn_from.enumerated else f"{len(drawn_from.allocations)} sampled"
    out.print(f"allocations: {_counted(drawn_from.size)} admissible ({how})", highlight=False)
    out.print(f"seed {drawn.design.seed}, fingerprint {drawn.fingerprint}", soft_wrap=True)
    for note in drawn.declared.notes:
        err.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    for warning in drawn.warnings:
        err.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
