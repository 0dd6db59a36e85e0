"""``pouce serve requests``: what an operator does with incident reports."""

from typing import Annotated, Literal

import typer

from nudge.cli.console import StoreOption, say, user_errors

app = typer.Typer(help="Signalements d'incidents : les lire, les clore.", no_args_is_help=True)
NumberArgument = Annotated[str, typer.Argument(metavar="NUMERO", help="SIG-482109-K7M2Q9.")]


@app.command("status")
def status_command(
    identifier: NumberArgument,
    status: Annotated[Literal["open", "closed"], typer.Argument(help="Nouvel état.")],
    notes: Annotated[
        str, typer.Option(help="Ce qui a été fait, lu par le déclarant ; sans nom de personne.")
    ] = "",
    store: StoreOption = None,
) -> None:
    """Ouvre ou clôt un signalement, et dit ce qui a été fait.

    Code 0 : fait ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime

        from nlu.redaction.redact import redact
        from serving.incidents.kept_requests import change_status
        from serving.incidents.submission import plain
        from serving.store.database import open_serving_store

        kept = change_status(
            open_serving_store(store),
            identifier,
            status=status,
            notes=redact(plain(notes)).text,
            now=datetime.now(UTC),
        )
    words = {"open": "ouvert", "closed": "clos"}
    say(f"{kept.identifier} : {words[kept.status]}. {kept.status_notes}".rstrip())


@app.command("list")
def list_command(
    status: Annotated[
        Literal["open", "closed", "all"], typer.Option(help="État des signalements.")
    ] = "open",
    days: Annotated[int, typer.Option(min=1, max=90, help="Reçus depuis ce nombre de jours.")] = 90,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="Montre les coordonnées laissées par le déclarant.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Liste les signalements reçus, les plus récents d'abord.

    Étape suivante : « pouce serve requests status NUMERO closed --notes … ».

    Code 0 : listé ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime, timedelta

        from serving.incidents.kept_requests import contact_of, list_requests
        from serving.store.database import open_serving_store

        opened, now = open_serving_store(store), datetime.now(UTC)
        found = list_requests(
            opened,
            start=now - timedelta(days=days),
            end=now,
            statuses=() if status == "all" else (status,),
        )
        for one in found:
            place = one.address or f"{one.latitude}, {one.longitude}"
            say(f"{one.identifier}  {one.requested_at:%Y-%m-%d}  {one.service_code}  "
                f"{one.status}  {place}")  # fmt: skip
            left = contact_of(opened, one.identifier) if contacts else {}
            if left:
                say(f"    {', '.join(left.values())}")
    if not found:
        say("Aucun signalement.")
