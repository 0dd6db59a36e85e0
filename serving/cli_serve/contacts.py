"""``pouce serve contacts import``: contacts of the other channels, from the CRM's export."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import StoreOption, say, say_error, user_errors

if TYPE_CHECKING:
    from serving.contacts.contact_checks import Vocabulary
    from serving.contacts.typing import Classify

app = typer.Typer(help="Contacts des autres canaux.", no_args_is_help=True)
SHOWN = 20


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Export .csv, .xlsx, .parquet.")],
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Garde les textes, expurgés ; sinon oubliés.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Modèle qui type les contacts sans thème ; sinon ils restent sans."),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Importe les contacts des autres canaux : tout le fichier, ou rien, et une seule fois.

    Étape suivante : le tableau de bord les compte avec ceux de Sophie.

    Code 0 : importé ; 2 : refusé, la liste des erreurs est écrite à côté du fichier.
    """
    with user_errors():
        from datetime import UTC, datetime

        from nudge.french.numbers import count
        from nudge.imports.error_report import write_error_file
        from serving.contacts.contacts_report import RefusedContactsError
        from serving.contacts.import_contacts import import_contacts
        from serving.store.database import open_serving_store

        try:
            report = import_contacts(
                open_serving_store(store),
                file,
                vocabulary=_vocabulary(),
                now=datetime.now(UTC),
                classify=_classifier(model) if model else None,
                keep_text=keep_text,
            )
        except RefusedContactsError as error:
            if not error.log.n:
                raise
            written = file.with_name(f"{file.stem}-erreurs.csv")
            write_error_file(error.log, written)
            for problem in error.problems[:SHOWN]:
                say_error(str(problem))
            problems = count(error.log.n, "problème", "problèmes")
            say_error(f"{problems} : rien n'est importé. Liste : {written}")
            raise typer.Exit(2) from None
    for notice in report.notices:
        say_error(f"Attention : {notice}")
    new = count(report.n_new, "contact nouveau", "contacts nouveaux")
    known = count(report.n_known, "déjà connu", "déjà connus")
    say(f"{report.file} : {new}, {known}.")
    if report.n_classified or report.n_untyped:
        say(f"Typés par le modèle : {report.n_classified} ; sans thème : {report.n_untyped}.")


def _vocabulary() -> "Vocabulary":
    from serving.contacts.vocabulary import vocabulary_in
    from serving.settings import settings_from_environment

    return vocabulary_in(settings_from_environment().datasets)


def _classifier(model: str) -> "Classify":
    from nlu.classifier.intent_classifier import IntentClassifier
    from nlu.registry.versions import resolve_model
    from serving.cli_serve.model_errors import model_errors

    with model_errors(model):
        classifier = IntentClassifier.load(resolve_model(model).folder)
    return lambda texts: [one.intent for one in classifier.predict(texts)]
