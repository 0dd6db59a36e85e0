"""``pouce nlu train``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    from nlu.registry.tracked_training import TrackedTraining


def command(
    config: Annotated[
        Path | None, typer.Option(help="YAML with any subset of the settings.")
    ] = None,
    corpus: Annotated[
        str | None, typer.Option(help="Corpus folder or file (JSON Lines, CSV, TSV).")
    ] = None,
    text_column: Annotated[str | None, typer.Option(help="Column of the messages.")] = None,
    label_column: Annotated[str | None, typer.Option(help="Column of the labels.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="embedded, a hub id or a local folder.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any setting, such as optimisation.epochs=3; repeatable."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder that also gets the trained classifier.")
    ] = None,
    register: Annotated[
        bool, typer.Option(help="Register the model as challenger in MLflow.")
    ] = True,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print the settings in force and stop.")
    ] = False,
) -> None:
    """Fine-tune an encoder on a corpus, calibrate it, measure it, register it as challenger."""
    from nlu.training.config import load_config

    overrides = [
        f"{key}={value}"
        for key, value in (
            ("corpus.path", corpus),
            ("corpus.text_column", text_column),
            ("corpus.label_column", label_column),
            ("encoder.source", encoder),
        )
        if value is not None
    ]
    with user_errors():
        chosen = load_config(config, tuple(overrides + (settings or [])))
    if show_config:
        typer.echo(chosen.to_yaml(), nl=False)
        return
    if process_rank_in_environment() > 0:
        # Under `accelerate launch` every process trains, the first one alone reports.
        from nlu.training.pipeline import train_classifier

        with user_errors():
            train_classifier(chosen)
        return
    err.print("loading libraries, corpus and encoder (the first run builds the encoder: 1 min)")
    quiet_libraries()
    from nlu.cli.progress import TrainingProgress
    from nlu.registry.tracked_training import train_tracked

    with user_errors():
        result = train_tracked(
            chosen,
            output=output,
            register=register,
            progress=TrainingProgress(err),
            note=lambda step: err.print(f"{step}…"),
        )
    _show(result)


def process_rank_in_environment() -> int:
    """Rank given by the launcher, read without importing torch."""
    return int(os.environ.get("RANK", "0"))


def _show(result: "TrackedTraining") -> None:
    from nlu.cli.headline import headline_table

    out.print(headline_table(result.evaluation))
    tuned = result.trained.fine_tuned
    out.print(
        f"{len(tuned.history)} epochs in {tuned.seconds:.0f} s ({tuned.rows_per_second:.0f} "
        f"messages/s, {result.trained.hardware.precision} on {result.trained.hardware.name}); "
        f"whole run {result.seconds:.0f} s, peak memory {result.peak_memory_gib:.1f} GiB"
    )
    if result.version is not None:
        out.print(f"registered {result.version.name} version {result.version.version}: challenger")
    if result.folder is not None:
        out.print(f"classifier saved in {result.folder}")
    out.print(f"MLflow run {result.run_id}")
