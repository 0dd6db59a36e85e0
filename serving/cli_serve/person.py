"""``pouce serve person``: access, erasure and objection, by session or pseudonym."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from nudge.cli.console import StoreOption, say, user_errors

app = typer.Typer(
    help="Droits des personnes : accès, effacement, opposition.",
    no_args_is_help=True,
)

Pseudonym = Annotated[
    str,
    typer.Argument(
        metavar="PSEUDONYME",
        help="Numéro de session (s_…) que la personne donne, pseudonyme (p_…), ou pseudonyme "
        "d'un contact importé.",
    ),
]


@app.command("export")
def export_command(pseudonym: Pseudonym, store: StoreOption = None) -> None:
    """Affiche en JSON tout ce que le service sait d'une personne.

    Étape suivante : remettre ce texte à la personne qui l'a demandé.

    Code 0 : affiché, même s'il n'y a rien ; 2 : refusé.
    """
    with user_errors():
        import json

        from serving.rights.persons import export_person
        from serving.store.database import open_serving_store

        held = export_person(open_serving_store(store), _pseudonym(pseudonym))
    typer.echo(json.dumps(held, ensure_ascii=False, indent=2))


@app.command("erase")
def erase_command(pseudonym: Pseudonym, store: StoreOption = None) -> None:
    """Efface une personne : conversations, messages, avis, demandes, contacts.

    Code 0 : effacée, ou rien à effacer ; 2 : refusé.
    """
    with user_errors():
        from nudge.french.numbers import count
        from serving.rights.persons import erase_person
        from serving.store.database import open_serving_store, recording

        known = _pseudonym(pseudonym)
        with recording(open_serving_store(store)) as connection:
            changed = erase_person(connection, known)
    say(f"{count(changed, 'ligne effacée', 'lignes effacées')}.")


@app.command("object")
def object_command(pseudonym: Pseudonym, store: StoreOption = None) -> None:
    """Enregistre une opposition : plus d'éco-geste, plus de message gardé pour apprendre.

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        from serving.rights.persons import object_person
        from serving.store.database import open_serving_store, recording

        known = _pseudonym(pseudonym)
        with recording(open_serving_store(store)) as connection:
            new = object_person(connection, known, at=datetime.now(UTC))
    say("Opposition enregistrée." if new else "L'opposition était déjà enregistrée.")


def _pseudonym(text: str) -> str:
    from nudge.errors import CampaignError, Problem
    from nudge.imports.cell_checks import IDENTIFIER
    from serving.store.sessions import pseudonym_of

    # A slip in a session or its pseudonym must not pass for a pseudonym of another tool.
    if not text.startswith(("s_", "p_")) and re.fullmatch(IDENTIFIER, text):
        return text
    try:
        return pseudonym_of(text)
    except ValueError:
        raise CampaignError(
            Problem(
                what="ce n'est ni un pseudonyme, ni un numéro de session",
                mend="donner s_… tel que reçu, p_… (32 chiffres et lettres a à f), ou le "
                "pseudonyme de l'export importé",
            )
        ) from None
