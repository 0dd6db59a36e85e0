"""``pouce campaign publish``."""

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    identifier_of,
    say,
    store_of,
    user_errors,
    warn_departures,
)


def publish_command(campaign: CampaignArgument, store: StoreOption = None) -> None:
    """Marque une campagne comme publiée ; son rapport doit être final, sans élément manquant.

    Étape suivante : « pouce campaign portfolio » pour l'ensemble des campagnes.

    Code 0 : publiée ; 2 : refusé, avec ce qui reste à compléter.
    """
    with user_errors():
        from nudge.lifecycle.closing import publish_campaign

        opened = store_of(store)
        warn_departures(opened, campaign)
        publish_campaign(opened, identifier_of(campaign))
    say("Campagne publiée.")
    say("Ensuite : « pouce campaign portfolio » montre l'ensemble des campagnes.")
