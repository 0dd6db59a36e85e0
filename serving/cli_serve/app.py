"""The ``pouce serve`` command group."""

from typing import Annotated

import typer

from nudge.cli.console import StoreOption, user_errors
from serving.cli_serve import contacts, drift, key, person, queue, requests
from serving.cli_serve.conversations import conversations_command
from serving.cli_serve.purge import purge_command
from serving.cli_serve.talk import talk_command

app = typer.Typer(
    name="serve",
    help="L'interface de Sophie : la démarrer, ses clés, ses données, ses messages.",
    invoke_without_command=True,
)
app.add_typer(key.app, name="key")
app.command("talk")(talk_command)
app.command("conversations")(conversations_command)
app.command("purge")(purge_command)
app.add_typer(person.app, name="person")
app.add_typer(queue.app, name="queue")
app.add_typer(contacts.app, name="contacts")
app.add_typer(requests.app, name="requests")
app.add_typer(drift.app, name="drift")


@app.callback()
def main(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port d'écoute.", min=1, max=65_535)] = 8080,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODÈLE",
            help="Dossier d'un modèle, alias ou version ; sinon $POUCE_MODEL, sinon champion.",
        ),
    ] = None,
    drain_seconds: Annotated[
        float,
        typer.Option(
            envvar="POUCE_SERVE_DRAIN_SECONDS",
            help="À l'arrêt (SIGTERM), secondes pendant lesquelles /readyz dit 503 et les requêtes "
            "sont encore servies ; à régler derrière un répartiteur.",
            min=0,
            max=300,
        ),
    ] = 0.0,
    store: StoreOption = None,
) -> None:
    """Démarre l'interface de Sophie.

    Sans réglage : base SQLite dans le dossier courant, registre local, modèle promu. Sans modèle,
    Sophie répond par mots-clés et passe la main.

    Étape suivante : créer une clé par « pouce serve key create », puis lire /openapi.json.

    Un signal d'arrêt laisse finir les requêtes en cours. Les limites de débit valent pour un
    processus : avec plusieurs, diviser POUCE_SERVE_RATE_PER_MINUTE par leur nombre.

    Code 2 : réglage, entrepôt ou données refusés.
    """
    if context.invoked_subcommand is not None:
        return
    with user_errors():
        from dataclasses import replace

        from serving.cli_serve.server import run_server
        from serving.settings import settings_from_environment

        settings = settings_from_environment()
        settings = replace(
            settings,
            store_url=store or settings.store_url,
            model=model or settings.model,
        )
        run_server(settings, host=host, port=port, drain_seconds=drain_seconds)
