"""``pouce campaign export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    identifier_of,
    say,
    store_of,
    user_errors,
    warn_departures,
)
from nudge.errors import CampaignError, Problem, os_reason

if TYPE_CHECKING:
    from nudge.store.database import Store

FORMATS = ("aea", "osf", "registre")


def export_command(
    campaign: CampaignArgument,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="aea (registre AEA, JSON), osf (préenregistrement) ou registre (RGPD).",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FICHIER", help="Fichier à écrire ; sinon l'écran."),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Écrit le plan pour un registre : AEA, OSF ou registre des traitements.

    Étape suivante : déposer ce texte avant le premier message.

    Code 0 : écrit ; 2 : refusé.
    """
    with user_errors():
        opened = store_of(store)
        warn_departures(opened, campaign)
        text = _text(opened, identifier_of(campaign), form=form)
        if output is None:
            typer.echo(text, nl=False)
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            what = f"écriture impossible ({os_reason(error)})"
            raise CampaignError(Problem(place=str(output), what=what)) from None
    say(f"Écrit : {output}")


def _text(store: "Store", identifier: str, *, form: str) -> str:
    from nudge.lifecycle.aea_registry import aea_json
    from nudge.lifecycle.osf_preregistration import osf_markdown
    from nudge.lifecycle.processing_register import register_entry
    from nudge.lifecycle.registered_plan import registered_plan

    if form not in FORMATS:
        mend = f"choisir parmi {', '.join(FORMATS)}"
        raise CampaignError(Problem(what=f"format inconnu : « {form} »", mend=mend))
    plan = registered_plan(store, identifier)
    if form == "registre":
        return register_entry(plan.campaign)
    return aea_json(plan) if form == "aea" else osf_markdown(plan)
