"""``pouce campaign draw``."""

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


def draw_command(
    campaign: CampaignArgument,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="Graine ; pour les simulations seulement."),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Tire au sort le groupe de chaque zone, une seule fois, et publie la graine dans tirage/.

    La graine vient du système d'exploitation, après le verrouillage ; le journal la garde.

    Étape suivante : « pouce campaign sheets » pour les fiches de terrain.

    Code 0 : tiré ; 2 : refusé, rien n'est écrit.
    """
    with user_errors():
        from nudge.french.numbers import count, date_fr
        from nudge.lifecycle.drawing import draw_campaign
        from nudge.lifecycle.plan_in_force import plan_in_force
        from nudge.territory.territory import load_territory
        from nudge.territory.unit import CONVERSATION

        opened = store_of(store)
        identifier = identifier_of(campaign)
        warn_departures(opened, campaign)
        drawn = draw_campaign(
            opened, identifier, territory=load_territory(), today=date.today(), seed=seed
        )
        plan = plan_in_force(opened, identifier).campaign
    say(f"Tiré au sort : {plan.shown_title}")
    by_conversation = plan.randomisation.unit == CONVERSATION
    unit = ("tranche de conversations", "tranches de conversations") if by_conversation else (
        "zone", "zones",
    )  # fmt: skip
    for arm in plan.arms:
        say(f"  {arm.title} : {count(drawn.arms[arm.identifier], *unit)}")
    if drawn.excluded:
        say(f"  zones tampons, hors tirage : {', '.join(drawn.excluded)}")
    say(f"  graine {drawn.seed}")
    say(f"  empreinte {drawn.fingerprint}")
    say(f"  dossier {drawn.folder}")
    say(f"Ensuite : « pouce campaign verify {campaign} » pour qui veut refaire le tirage, puis :")
    if by_conversation:
        say(f"  Sophie parle du {date_fr(plan.start)} au {date_fr(plan.end)} (« pouce serve »),")
        say("  et « pouce serve conversations » écrit les mesures.")
    else:
        say(f"  « pouce campaign sheets {campaign} ».")
