"""``pouce campaign verify``."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, identifier_of, say, say_error, store_of, user_errors

DIFFERENT = 1


def verify_command(
    campaign: Annotated[
        str,
        typer.Argument(
            metavar="CAMPAGNE|DOSSIER",
            help="Campagne à comparer à l'entrepôt, ou dossier « tirage » seul.",
        ),
    ],
    store: StoreOption = None,
) -> None:
    """Refait le tirage et compare plan, zones, graine et groupes à ce qui a été verrouillé.

    Un dossier « tirage » se vérifie seul, sans entrepôt : par un journaliste, un élu, un habitant.

    Étape suivante : si tout est identique, « pouce campaign sheets ».

    Code 0 : identique ; 1 : quelque chose diffère ; 2 : un fichier manque ou ne se lit pas.
    """
    with user_errors():
        from nudge.french.numbers import count
        from nudge.lifecycle.verification import verify_campaign, verify_folder

        folder = Path(campaign)
        if (folder / "design.yaml").is_file():
            found = verify_folder(folder)
        else:
            found = verify_campaign(store_of(store), identifier_of(campaign))
    for fact in found.facts:
        say(fact)
    for remark in found.remarks:
        say_error(f"Remarque : {remark}")
    if not found.identical:
        for difference in found.differences:
            say_error(f"Diffère : {difference}")
        say_error(
            f"{count(len(found.differences), 'différence')} : ce n'est pas ce qui a été verrouillé."
        )
        raise typer.Exit(DIFFERENT)
    say("Identique : rien ne diffère.")
