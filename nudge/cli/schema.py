"""``pouce campaign schema``."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import say, user_errors
from nudge.errors import CampaignError, Problem, os_reason


def schema_command(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FICHIER", help="Fichier à écrire ; sinon l'écran."),
    ] = None,
) -> None:
    """Affiche le schéma JSON de campagne.yaml, pour les éditeurs qui complètent et vérifient.

    Étape suivante : le déclarer dans l'éditeur pour les fichiers campagne.yaml.

    Code 0 : écrit ; 2 : écriture impossible.
    """
    with user_errors():
        from nudge.campaign.json_schema import campaign_schema_text

        text = campaign_schema_text()
        if output is None:
            typer.echo(text, nl=False)
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            what = f"écriture impossible ({os_reason(error)})"
            raise CampaignError(Problem(place=str(output), what=what)) from None
    say(f"Écrit : {output}")
