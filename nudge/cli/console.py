"""What every campaign command shares: consoles, errors in French, and where the store is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from experiments.errors import InputError
from nudge.errors import CampaignError, Problem

if TYPE_CHECKING:
    from nudge.store.database import Store

USER_ERROR = 2
CAMPAIGN_FILE = "campagne.yaml"

# Results go to stdout, progress and remarks to stderr, so that pipes stay clean.
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

CampaignArgument = Annotated[
    str,
    typer.Argument(
        metavar="CAMPAGNE",
        help="Identifiant de la campagne, dossier qui la contient, ou son campagne.yaml.",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Entrepôt ; sinon $POUCE_STORE, sinon sqlite:///pouce.db dans le dossier courant.",
    ),
]


@contextmanager
def user_errors() -> Iterator[None]:
    """Print what is wrong on stderr and leave with status 2 instead of a traceback."""
    try:
        yield
    except (CampaignError, InputError) as error:
        err.print("[bold red]Erreur :[/]", end=" ")
        say_error(str(error))
        raise typer.Exit(USER_ERROR) from None
    except Exception as error:
        from sqlalchemy.exc import OperationalError

        if not isinstance(error, OperationalError):
            raise
        err.print("[bold red]Erreur :[/]", end=" ")
        say_error(
            f"l'entrepôt ne répond plus ({str(error.orig).splitlines()[0]}). Vérifier la place sur "
            "le disque ou le serveur, puis recommencer : une opération est écrite entière ou pas "
            "du tout."
        )
        raise typer.Exit(USER_ERROR) from None


def say(text: str) -> None:
    """Print text on stdout as it is: no markup, no line breaks of our own."""
    out.print(_shown(text), markup=False, soft_wrap=True)


def say_error(text: str) -> None:
    """Print text on stderr as it is: no markup, no line breaks of our own."""
    err.print(_shown(text), markup=False, soft_wrap=True)


def _shown(text: str) -> str:
    """Text without what a terminal obeys: cells and messages may hold escape sequences."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\ufffd", text)


def store_of(url: str | None) -> "Store":
    """Open the store named by ``--store``, ``$POUCE_STORE`` or the default."""
    from nudge.store.database import open_store

    return open_store(url)


def identifier_of(campaign: str) -> str:
    """Return the identifier of a campaign named by its folder, its file or itself.

    Raises
    ------
    CampaignError
        The folder holds no campaign file, or the file names no identifier.
    """
    file = campaign_file(campaign)
    if file is None:
        return campaign
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(
            Problem(place=str(file), what=f"fichier illisible ({error})",
                    mend="le corriger, ou nommer la campagne par son identifiant")
        ) from None  # fmt: skip
    identifier = content.get("identifiant") if isinstance(content, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise CampaignError(
            Problem(place=str(file), column="identifiant", what="champ absent", mend="l'ajouter")
        )
    return identifier


def campaign_file(campaign: str) -> Path | None:
    """Return the campaign file that the text points to; None for an identifier.

    Raises
    ------
    CampaignError
        The text is a folder without a campaign file, or a path to nothing.
    """
    path = Path(campaign)
    if path.is_dir() and (path / CAMPAIGN_FILE).is_file():
        return path / CAMPAIGN_FILE
    if path.is_file():
        return path
    if path.suffix in {".yaml", ".yml"} or path.name != campaign:
        raise CampaignError(
            Problem(
                place=campaign,
                what=f"pas de {CAMPAIGN_FILE} ici",
                mend="vérifier le chemin, ou créer la campagne par « pouce campaign new »",
            )
        )
    return None


def folder_of(store: "Store", identifier: str) -> Path:
    """Return the folder of a stored campaign, where everything it produces is written."""
    from nudge.store.campaigns import stored_campaign

    return Path(stored_campaign(store, identifier).folder)


def plan_file_of(store: "Store", campaign: str) -> Path:
    """Return the campaign file that the text points to, else that of the stored campaign."""
    return campaign_file(campaign) or folder_of(store, campaign) / CAMPAIGN_FILE


def warn_departures(store: "Store", campaign: str) -> None:
    """Say on stderr how the campaign file departs from the locked plan, which is used."""
    from nudge.lifecycle.plan_in_force import plan_in_force

    plan = plan_in_force(store, identifier_of(campaign), file=campaign_file(campaign))
    for warning in plan.warnings:
        say_error(f"Attention : {warning}")
