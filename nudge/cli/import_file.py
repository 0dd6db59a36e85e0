"""``pouce campaign import``."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import (
    USER_ERROR,
    CampaignArgument,
    StoreOption,
    err,
    identifier_of,
    say,
    say_error,
    store_of,
    user_errors,
)

if TYPE_CHECKING:
    from nudge.imports.import_file import ImportReport

SHOWN = 20


def import_command(
    campaign: CampaignArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER", help="Fichier de terrain, CSV, XLSX ou Parquet.")
    ],
    instrument: Annotated[
        str | None,
        typer.Option(metavar="NOM", help="Instrument ; sinon reconnu d'après les colonnes."),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(
            metavar="DOSSIER",
            file_okay=False,
            help="Où écrire les erreurs ; sinon près du fichier.",
        ),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Écrire le compte rendu en JSON sur la sortie.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Importe un fichier de terrain : toutes ses lignes, ou aucune.

    Un fichier refusé laisse à côté de lui la liste des erreurs et un classeur des lignes à
    corriger. Importer deux fois le même fichier n'ajoute rien.

    Étape suivante : « pouce campaign monitor ».

    Code 0 : importé ; 2 : refusé, rien n'est entré.
    """
    from nudge.imports.import_file import RefusedImportError, import_file

    with user_errors():
        identifier = identifier_of(campaign)
        opened = store_of(store)
        try:
            with _progress() as tell:
                report = import_file(
                    opened,
                    campaign=identifier,
                    path=file,
                    instrument=instrument,
                    errors=errors,
                    progress=tell,
                )
        except RefusedImportError as refused:
            _show_refusal(refused.report)
            if json_output:
                _say_json(refused.report)
            raise typer.Exit(USER_ERROR) from None
    if json_output:
        _say_json(report)
    else:
        _show(report)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, nothing in a pipe."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Contrôle et import", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(report: "ImportReport") -> None:
    from nudge.french.numbers import count
    from nudge.instruments.catalogue import INSTRUMENTS

    if report.recognised:
        say(f"Instrument reconnu : {report.instrument} ({INSTRUMENTS[report.instrument].title})")
    for notice in report.notices:
        say_error(f"Remarque : {notice}")
    known = f", {count(report.n_known, 'déjà connue', 'déjà connues')}" if report.n_known else ""
    new = count(report.n_new, "ligne nouvelle", "lignes nouvelles")
    say(f"{report.file} : {new}{known} (import n° {report.batch_id})")


def _show_refusal(report: "ImportReport") -> None:
    from nudge.french.numbers import count

    for problem in report.problems[:SHOWN]:
        say_error(str(problem))
    if report.n_problems > SHOWN:
        say_error(f"… et {count(report.n_problems - SHOWN, 'autre problème', 'autres problèmes')}")
    say_error(
        f"Refusé : {count(report.n_problems, 'problème')} dans {report.file}, rien n'est importé."
    )
    if report.error_file is not None:
        say_error(f"Liste des erreurs : {report.error_file}")
        say_error(f"Lignes à corriger : {report.template_file}")


def _say_json(report: "ImportReport") -> None:
    say(json.dumps(asdict(report), ensure_ascii=False, indent=2))
