"""``pouce campaign lock``."""

from datetime import date

from nudge.cli.console import (
    CampaignArgument,
    StoreOption,
    plan_file_of,
    say,
    store_of,
    user_errors,
)


def lock_command(campaign: CampaignArgument, store: StoreOption = None) -> None:
    """Verrouille le plan et la liste des zones, avec leurs empreintes SHA-256, dans verrou/.

    Toutes les portes sont repassées. Ensuite le plan ne change que par avenant, les zones plus du
    tout.

    Étape suivante : importer la vague de référence si elle est prévue avant le tirage, puis
    « pouce campaign draw ».

    Code 0 : verrouillé ; 2 : refusé, rien n'est écrit.
    """
    with user_errors():
        from nudge.campaign.load import load_campaign
        from nudge.french.numbers import count
        from nudge.lifecycle.locking import lock_campaign
        from nudge.territory.territory import load_territory

        opened = store_of(store)
        path = plan_file_of(opened, campaign)
        plan = load_campaign(path)
        lock = lock_campaign(
            plan,
            folder=path.parent,
            store=opened,
            territory=load_territory(),
            today=date.today(),
        )
    say(f"Verrouillé : {plan.shown_title}")
    say(f"  plan   SHA-256 {lock.plan_sha256}")
    say(f"  zones  SHA-256 {lock.zones_sha256} ({count(lock.n_zones, 'zone')})")
    if lock.n_zones < lock.n_eligible and not lock.placed:
        say(
            f"  échantillon de {lock.n_zones} parmi {lock.n_eligible}, tiré de l'empreinte de la "
            "section « tirage » du plan (verrou/verrou.json dit comment le refaire)"
        )
    say(f"  dossier {lock.folder}")
    following = "sheets" if lock.placed else "draw"
    say(f"Ensuite : publier ces empreintes, puis « pouce campaign {following} {campaign} ».")
