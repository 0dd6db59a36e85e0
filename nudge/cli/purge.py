"""``pouce campaign purge``."""

from datetime import date, datetime
from typing import Annotated

import typer

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    identifier_of,
    say,
    store_of,
    user_errors,
)


def purge_command(
    campaign: CampaignArgument,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="AAAA-MM-JJ",
            help="Efface ce qui précède ce jour ; sinon ce que la durée du plan a dépassé.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Efface sans demander.")] = False,
    store: StoreOption = None,
) -> None:
    """Efface les relevés plus anciens que la durée de conservation ; le journal garde le compte.

    Étape suivante : « pouce campaign audit » dit que l'entrepôt reste intact.

    Code 0 : effacé, ou rien à effacer ; 1 : abandonné ; 2 : refusé.
    """
    with user_errors():
        from nudge.french.numbers import count, date_fr
        from nudge.lifecycle.plan_in_force import plan_in_force
        from nudge.lifecycle.retention import purge_day
        from nudge.store.database import writing
        from nudge.store.erasure import purge

        opened = store_of(store)
        identifier = identifier_of(campaign)
        plan = plan_in_force(opened, identifier).campaign
        day = before.date() if before else purge_day(plan, today=date.today())
        question = f"Effacer les relevés de « {identifier} » antérieurs au {date_fr(day)} ?"
        if not yes:
            typer.confirm(question, abort=True)
        with writing(opened) as connection:
            removed = purge(connection, identifier, day)
    say(f"{count(removed, 'ligne effacée', 'lignes effacées')} avant le {date_fr(day)}.")
