"""``pouce campaign portfolio``."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import say, user_errors


def portfolio_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DOSSIER|RESULTAT.json]…",
            help="Dossiers de campagnes, ou résultats ; par défaut le dossier courant.",
        ),
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DOSSIER", help="Où écrire.")] = Path(
        "portefeuille"
    ),
) -> None:
    """Met côte à côte les campagnes analysées, sans jamais mêler les familles de critères."""
    with user_errors():
        from nudge.portfolio.portfolio_folder import write_portfolio
        from nudge.portfolio.result_files import load_results

        results = load_results(paths or [Path()])
        written = write_portfolio(results, output)
    for path in written:
        say(str(path))
