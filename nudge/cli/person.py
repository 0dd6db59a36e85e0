"""``pouce campaign person``: access, erasure and objection, by pseudonym (GDPR 15, 17, 21)."""

from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import StoreOption, say, store_of, user_errors

if TYPE_CHECKING:
    from nudge.store.database import Store

app = typer.Typer(
    help="Droits des personnes : accès, effacement, opposition, par pseudonyme.",
    no_args_is_help=True,
)

Pseudonym = Annotated[
    str, typer.Argument(metavar="PSEUDONYME", help="Pseudonyme du logement (foyer_id).")
]
OneCampaign = Annotated[
    str | None,
    typer.Option("--campaign", metavar="ID", help="Une seule campagne ; toutes par défaut."),
]


@app.command("export")
def export_command(pseudonym: Pseudonym, store: StoreOption = None) -> None:
    """Affiche en JSON tout ce que l'entrepôt sait d'un logement, toutes campagnes confondues.

    Étape suivante : remettre ce texte à la personne qui l'a demandé.

    Code 0 : affiché, même s'il n'y a rien.
    """
    with user_errors():
        import json

        from nudge.store.persons import export_person

        held = export_person(store_of(store), pseudonym)
        content = {
            name: json.loads(frame.to_json(orient="records", date_format="iso"))
            for name, frame in held.items()
        }
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


@app.command("erase")
def erase_command(
    pseudonym: Pseudonym,
    reason: Annotated[
        str, typer.Option(metavar="TEXTE", help="Pourquoi, sans rien qui désigne la personne.")
    ],
    campaign: OneCampaign = None,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove", help="Supprime les relevés ; sinon le pseudonyme devient aléatoire."
        ),
    ] = False,
    store: StoreOption = None,
) -> None:
    """Efface un logement : ses relevés ne mènent plus à lui. Le journal garde le compte seul.

    Étape suivante : « pouce campaign audit » dit que l'entrepôt reste intact.

    Code 0 : effacé, ou rien à effacer ; 2 : refusé.
    """
    with user_errors():
        from nudge.french.numbers import count
        from nudge.store.database import writing
        from nudge.store.erasure import erase_person

        opened = store_of(store)
        names = _campaigns(opened, campaign)
        with writing(opened) as connection:
            changed = sum(
                erase_person(connection, name, pseudonym, reason, remove=remove) for name in names
            )
    say(f"{count(changed, 'ligne effacée', 'lignes effacées')}.")


@app.command("object")
def object_command(
    pseudonym: Pseudonym, campaign: OneCampaign = None, store: StoreOption = None
) -> None:
    """Enregistre l'opposition d'un logement : plus rien ne lui est adressé.

    Étape suivante : remettre à jour les fiches par « pouce campaign sheets ».

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        from nudge.store.database import writing
        from nudge.store.persons import object_person

        opened = store_of(store)
        names = _campaigns(opened, campaign)
        with writing(opened) as connection:
            for name in names:
                object_person(connection, name, pseudonym)
    say(f"Opposition enregistrée : {', '.join(names) or 'aucune campagne dans cet entrepôt'}.")


def _campaigns(store: "Store", campaign: str | None) -> list[str]:
    from nudge.store.campaigns import stored_campaign, stored_campaigns

    if campaign is not None:
        return [stored_campaign(store, campaign).identifier]
    return [one.identifier for one in stored_campaigns(store)]
