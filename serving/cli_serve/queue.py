"""``pouce serve queue``: messages worth labelling, their labels, and the corpus rows they give."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, say, user_errors

app = typer.Typer(
    help="Messages à étiqueter : les plus utiles au modèle, expurgés.", no_args_is_help=True
)


@app.command("list")
def list_command(
    count: Annotated[
        int, typer.Option("--count", min=1, max=1_000, metavar="N", help="Messages en attente.")
    ] = 20,
    store: StoreOption = None,
) -> None:
    """Affiche les messages dont l'étiquette apprendrait le plus : douteux, et différents.

    Étape suivante : « pouce serve queue label MESSAGE INTENTION ».

    Code 0 : affiché.
    """
    with user_errors():
        from nudge.french.numbers import decimal_comma
        from serving.learning.queue import fill_queue, waiting_messages
        from serving.store.database import open_serving_store

        opened = open_serving_store(store)
        fill_queue(opened, count=count, now=datetime.now(UTC))
        waiting = waiting_messages(opened)[:count]
    for one in waiting:
        guess = f"{one.intent or 'rien'} {decimal_comma(one.confidence, 2)}"
        # One line a message, whatever it holds.
        say(f"{one.message}  [{guess}]  {' '.join(one.text.split())}")
    if not waiting:
        say("Aucun message à étiqueter.")


@app.command("label")
def label_command(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Identifiant (m_…).")],
    intent: Annotated[str, typer.Argument(metavar="INTENTION", help="Intention de la taxonomie.")],
    register: Annotated[
        str | None,
        typer.Option(metavar="REGISTRE", help="std, oral, sms ou indirect ; sinon selon le canal."),
    ] = None,
    subtype: Annotated[
        str,
        typer.Option(metavar="SORTE", help="proche ou lointain, pour un message hors périmètre."),
    ] = "",
    store: StoreOption = None,
) -> None:
    """Donne son intention à un message de la file.

    Étape suivante : « pouce serve queue export FICHIER ».

    Code 0 : étiqueté ; 2 : refusé.
    """
    with user_errors():
        from nlu.corpus.taxonomy import load_taxonomy
        from serving.learning.queue import label_message
        from serving.settings import settings_from_environment
        from serving.store.database import open_serving_store

        folder = settings_from_environment().datasets
        taxonomy = load_taxonomy(folder / "sophie" / "intents.yaml")
        label_message(
            open_serving_store(store),
            message,
            intent,
            intents={one.name for one in taxonomy.intents},
            out_of_scope=taxonomy.out_of_scope,
            register=register,
            subtype=subtype,
            now=datetime.now(UTC),
        )
    say(f"{message} : {intent}.")


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier JSON Lines à écrire.")],
    store: StoreOption = None,
) -> None:
    """Écrit les messages étiquetés comme des lignes du corpus, une famille par groupe.

    Étape suivante : les relire, les ajouter à datasets/sophie/utterances, puis
    « pouce nlu corpus check ».

    Code 0 : écrit ; 2 : refusé.
    """
    with user_errors():
        from nudge.french.numbers import count
        from serving.learning.corpus_export import export_utterances
        from serving.store.database import open_serving_store

        written = export_utterances(open_serving_store(store), file)
    say(f"{count(written, 'ligne écrite', 'lignes écrites')} dans {file}.")
