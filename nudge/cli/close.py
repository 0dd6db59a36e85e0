"""``pouce campaign close``."""

from datetime import date
from typing import Annotated

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


def close_command(
    campaign: CampaignArgument,
    reason: Annotated[
        str, typer.Option(metavar="TEXTE", help="Pourquoi, si la campagne finit avant l'heure.")
    ] = "",
    store: StoreOption = None,
) -> None:
    """Clôt une campagne : plus rien ne s'importe.

    Étape suivante : « pouce campaign analyse », puis « pouce campaign report ».

    Code 0 : close ; 2 : refusé.
    """
    with user_errors():
        from nudge.lifecycle.closing import close_campaign

        opened = store_of(store)
        warn_departures(opened, campaign)
        close_campaign(opened, identifier_of(campaign), today=date.today(), reason=reason)
    say("Campagne close.")
    say(f"Ensuite : « pouce campaign analyse {campaign} », puis « pouce campaign report ».")
