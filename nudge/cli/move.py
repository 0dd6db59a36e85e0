"""``pouce campaign move``: where the folder of a campaign now is."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, identifier_of, say, store_of, user_errors


def move_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DOSSIER", help="Dossier de la campagne, à sa nouvelle place.")
    ],
    store: StoreOption = None,
) -> None:
    """Dit à l'entrepôt où se trouve le dossier d'une campagne qui a été déplacé ou renommé.

    Code 0 : noté ; 2 : ce n'est pas le dossier de cette campagne.
    """
    with user_errors():
        from nudge.lifecycle.relocation import relocate_campaign

        place = relocate_campaign(store_of(store), identifier_of(str(folder)), folder=folder)
    say(f"Dossier de la campagne : {place}")
