"""``pouce campaign describe``: the report of a past action known by its tallies only."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import say, user_errors


def describe_command(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE.CSV",
            help=(
                "Une ligne par vague : vague, n_controles, n_non_presentes, n_vert, n_orange, "
                "n_rouge (ou week, addresses_tagged, not_set_out, great, good_try, oops)."
            ),
        ),
    ],
    title: Annotated[str, typer.Option("--title", help="Titre du rapport.")],
    source: Annotated[str, typer.Option("--source", help="Origine et date des données.")],
    start: Annotated[
        datetime, typer.Option("--start", formats=["%Y-%m-%d"], help="Premier jour de la table.")
    ],
    first_after: Annotated[
        str, typer.Option("--after", metavar="VAGUE", help="Première vague d'après.")
    ],
    days: Annotated[int, typer.Option("--days", min=1, help="Jours d'une vague à l'autre.")] = 7,
    output: Annotated[
        Path, typer.Option("--output", metavar="DOSSIER", help="Dossier du rapport.")
    ] = Path("rapport"),
) -> None:
    """Décrit une action passée, sans groupe témoin : une évolution, jamais une cause.

    Code 0 : rapport écrit ; 2 : table refusée.
    """
    with user_errors():
        from datetime import date

        from nudge.analysis.retrospective import PastAction, retrospective
        from nudge.report.answer import answer
        from nudge.report.report_folder import write_report

        action = PastAction(
            title=title, source=source, start=start.date(), days=days, first_after=first_after
        )
        result = retrospective(table, action, today=date.today())
        written = write_report(result, output)
    said = answer(result)
    for sentence in (*said.sentences, *said.details):
        say(sentence)
    say(f"Niveau de preuve : {result.grade}")
    for path in written:
        say(str(path))
