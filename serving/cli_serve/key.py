"""``pouce serve key``: create, list and revoke the keys of those who call the interface."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import StoreOption, say, say_error, user_errors

if TYPE_CHECKING:
    from serving.security.api_key import ApiKey

app = typer.Typer(help="Clés d'accès : créer, lister, révoquer.", no_args_is_help=True)


@app.command("create")
def create_command(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Qui s'en servira.")],
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="DROIT",
            help="parse, messages, feedback, calendar, open311, contacts, cockpit ou admin ; "
            "à répéter.",
        ),
    ],
    days: Annotated[
        int | None, typer.Option("--days", min=1, metavar="N", help="Durée de validité, en jours.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Crée une clé et l'affiche une seule fois : elle n'est gardée que sous forme d'empreinte.

    Étape suivante : la remettre à qui s'en servira, qui l'enverra dans l'en-tête Authorization.

    Code 0 : créée ; 2 : refusée.
    """
    with user_errors():
        from serving.security.api_key import new_key
        from serving.security.scopes import SCOPES
        from serving.store.api_keys import save_key
        from serving.store.database import open_serving_store

        _check_scopes(scope, SCOPES)
        now = datetime.now(UTC)
        text, stored = new_key(
            name=name,
            scopes=frozenset(one for one in SCOPES if one in scope),
            now=now,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        save_key(open_serving_store(store), stored)
    typer.echo(text)
    say_error(f"Clé {stored.identifier} créée pour « {name} ». Notez-la : elle ne se relit pas.")


@app.command("list")
def list_command(store: StoreOption = None) -> None:
    """Affiche les clés, leurs droits et leur état ; jamais leur secret.

    Code 0 : affiché.
    """
    with user_errors():
        from serving.store.api_keys import all_keys
        from serving.store.database import open_serving_store

        keys = all_keys(open_serving_store(store))
    for one in keys:
        say(f"{one.identifier}  {_state(one)}  {' '.join(sorted(one.scopes))}  {one.name}")
    if not keys:
        say("Aucune clé. En créer une : « pouce serve key create NOM --scope messages ».")


@app.command("revoke")
def revoke_command(
    identifier: Annotated[str, typer.Argument(metavar="CLÉ", help="Partie publique de la clé.")],
    store: StoreOption = None,
) -> None:
    """Révoque une clé pour toujours ; elle est refusée partout dans les cinq secondes.

    Code 0 : révoquée ; 2 : inconnue.
    """
    with user_errors():
        from serving.store.api_keys import revoke_key
        from serving.store.database import open_serving_store

        revoke_key(open_serving_store(store), identifier, now=datetime.now(UTC))
    say(f"Clé {identifier} révoquée.")


def _check_scopes(asked: list[str], known: tuple[str, ...]) -> None:
    from nudge.errors import CampaignError, Problem

    problems = [
        Problem(
            place="--scope",
            what=f"le droit « {one} » est inconnu",
            mend=f"choisir parmi {', '.join(known)}",
        )
        for one in asked
        if one not in known
    ]
    if problems:
        raise CampaignError(problems)


def _state(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        return f"révoquée le {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "valable"
    word = "valable jusqu'au" if key.is_valid(datetime.now(UTC)) else "expirée le"
    return f"{word} {key.expires_at:%Y-%m-%d}"
