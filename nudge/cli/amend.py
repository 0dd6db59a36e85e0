"""``pouce campaign amend``."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    identifier_of,
    plan_file_of,
    say,
    store_of,
    user_errors,
)
from nudge.errors import CampaignError


def amend_command(
    campaign: CampaignArgument,
    reason: Annotated[str, typer.Option(metavar="TEXTE", help="Pourquoi, en une phrase.")],
    file: Annotated[
        Path | None,
        typer.Option(metavar="YAML", help="Plan amendé ; sinon le campagne.yaml de la campagne."),
    ] = None,
    serious: Annotated[
        bool,
        typer.Option("--serious", help="Écart grave assumé : le niveau de preuve baisse."),
    ] = False,
    deviation: Annotated[
        bool,
        typer.Option("--deviation", help="Note un écart du terrain, sans changer le plan."),
    ] = False,
    store: StoreOption = None,
) -> None:
    """Amende un plan verrouillé : numéro, raison, et chaque champ qui change.

    Après le tirage, groupes, zones et critère principal ne changent que par --serious. Avec
    --deviation, la raison est notée au journal comme un écart et le plan ne change pas.

    Étape suivante : remettre à jour les fiches par « pouce campaign sheets ».

    Code 0 : enregistré ; 2 : refusé.
    """
    with user_errors():
        from nudge.campaign.load import load_campaign
        from nudge.lifecycle.amendment import amend_campaign, note_deviation
        from nudge.territory.territory import load_territory

        opened = store_of(store)
        identifier = identifier_of(campaign)
        if deviation:
            note_deviation(opened, identifier, text=reason, serious=serious)
            say("Écart noté au journal ; le rapport le dira.")
            return
        plan = load_campaign(file or plan_file_of(opened, campaign))
        if plan.identifier != identifier:
            raise CampaignError(f"le fichier décrit « {plan.identifier} », pas « {identifier} »")
        amended = amend_campaign(
            opened,
            plan,
            reason=reason,
            serious=serious,
            territory=load_territory(),
            today=date.today(),
        )
    grave = " (écart grave)" if amended.serious else ""
    say(f"Avenant n° {amended.number}{grave} enregistré :")
    for change in amended.changes:
        say(f"  {change}")
    say(f"  plan SHA-256 {amended.plan_sha256}")
    say(f"Ensuite : remettre à jour les fiches par « pouce campaign sheets {campaign} ».")
