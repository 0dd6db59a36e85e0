"""``pouce serve purge``."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, say, user_errors


def purge_command(
    texts: Annotated[
        int, typer.Option("--text-days", min=1, metavar="N", help="Jours de garde des textes.")
    ] = 90,
    rows: Annotated[
        int,
        typer.Option(
            "--row-days", min=1, metavar="N", help="Jours de garde des lignes sans texte."
        ),
    ] = 365,
    reports: Annotated[
        int,
        typer.Option(
            "--report-days",
            min=1,
            metavar="N",
            help="Jours sans suite après lesquels un signalement ouvert est clos.",
        ),
    ] = 365,
    yes: Annotated[bool, typer.Option("--yes", help="Efface sans demander.")] = False,
    store: StoreOption = None,
) -> None:
    """Vide les textes et efface les lignes plus anciens que leur durée de conservation.

    Un signalement resté ouvert sans suite est clos, et le déclarant lit pourquoi ; sa ligne est
    effacée quand elle a passé, close, la durée des lignes.

    Les durées par défaut sont des propositions : le responsable de traitement décide.

    Étape suivante : lancer la commande chaque jour, par exemple par cron, avec --yes.

    Code 0 : effacé, ou rien à effacer ; 1 : abandonné ; 2 : refusé.
    """
    with user_errors():
        from nudge.french.numbers import count
        from serving.rights.retention import Retention, purge
        from serving.store.database import open_serving_store, recording

        opened = open_serving_store(store)
        if not yes:
            question = (
                f"Vider les textes de plus de {texts} jours et effacer les lignes de plus de "
                f"{rows} jours, clore les signalements sans suite depuis {reports} jours ?"
            )
            typer.confirm(question, abort=True)
        retention = Retention(
            texts=timedelta(days=texts),
            rows=timedelta(days=rows),
            open_reports=timedelta(days=reports),
        )
        with recording(opened) as connection:
            done = purge(connection, now=datetime.now(UTC), retention=retention)
    say(
        f"{count(done.texts, 'texte vidé', 'textes vidés')}, "
        f"{count(done.rows, 'ligne effacée', 'lignes effacées')}, "
        f"{count(done.closed, 'signalement clos', 'signalements clos')}."
    )
