"""``pouce campaign new``."""

from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import CAMPAIGN_FILE, say, user_errors
from nudge.errors import CampaignError, Problem, os_reason


def new_command(
    folder: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier de la campagne.")],
    lever: Annotated[
        str | None,
        typer.Option(metavar="LEVIER", help="Levier du nudge (voir « pouce campaign levers »)."),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(
            metavar="FAMILLE",
            help="qualite, participation, quantite, incivilites ou sensibilisation.",
        ),
    ] = None,
    simulation: Annotated[
        bool, typer.Option("--simulation", help="Les données seront simulées.")
    ] = False,
    example: Annotated[
        str | None,
        typer.Option(
            metavar="NOM", help="Exemple complet : comparaison, cendrier, eau ou eco_geste."
        ),
    ] = None,
) -> None:
    """Crée DOSSIER/campagne.yaml, commenté, à compléter.

    Étape suivante : remplir ce qui est marqué « À REMPLIR », puis « pouce campaign check ».

    Code 0 : écrit ; 2 : refusé (rien n'est écrit par-dessus).
    """
    with user_errors():
        text = _text(folder, lever=lever, family=family, simulation=simulation, example=example)
        path = folder / CAMPAIGN_FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            mend = "choisir un autre dossier : rien n'est écrit par-dessus"
            raise CampaignError(Problem(place=str(path), what="existe déjà", mend=mend)) from None
        except OSError as error:
            what = f"écriture impossible ({os_reason(error)})"
            raise CampaignError(Problem(place=str(path), what=what)) from None
    say(f"Écrit : {path}")
    say(f"Ensuite : compléter ce fichier, puis « pouce campaign check {folder} ».")


def _text(
    folder: Path, *, lever: str | None, family: str | None, simulation: bool, example: str | None
) -> str:
    from datetime import date
    from typing import get_args

    from nudge.campaign.template import EXAMPLES, campaign_template
    from nudge.campaign.template import example as packaged
    from nudge.outcomes.outcome import Family

    if example is not None:
        if example not in EXAMPLES:
            mend = f"choisir parmi {', '.join(EXAMPLES)}"
            raise CampaignError(Problem(what=f"exemple inconnu : « {example} »", mend=mend))
        if lever is not None or family is not None:
            raise CampaignError("--example est complet : retirer --lever et --family")
        return packaged(example, today=date.today())
    families: tuple[Family, ...] = get_args(Family)
    chosen = next((one for one in families if one == family), None)
    if family is not None and chosen is None:
        mend = f"choisir parmi {', '.join(families)}"
        raise CampaignError(Problem(what=f"famille inconnue : « {family} »", mend=mend))
    return campaign_template(
        folder.resolve().name, lever=lever, family=chosen, simulation=simulation
    )
