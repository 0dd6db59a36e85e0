"""``pouce campaign audit``."""

from typing import Annotated

import typer

from nudge.cli.console import StoreOption, say, store_of, user_errors
from nudge.french.numbers import count

NOT_INTACT = 1


def audit_command(
    campaign: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Vérifier cette campagne seulement, et tout le journal."),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--empreinte",
            metavar="SHA256",
            help="Empreinte notée lors d'un contrôle précédent : elle doit être au journal.",
        ),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Vérifier que rien n'a été modifié dans l'entrepôt : journal, plans, tirages, relevés."""
    with user_errors():
        from nudge.french.typography import typeset
        from nudge.store.audit import audit
        from nudge.store.campaigns import stored_campaign

        opened = store_of(store)
        if campaign is not None:
            stored_campaign(opened, campaign)
        report = audit(opened, campaign=campaign, head=head)
    checked = f"{count(report.events, 'événement')}, {count(report.rows, 'relevé')}"
    if report.intact:
        say(typeset(f"Entrepôt intact : {checked}."))
        say(typeset(f"Empreinte du journal, à noter hors de l'entrepôt : {report.head}"))
        return
    problems = count(len(report.problems), "problème")
    say(typeset(f"Entrepôt non intact : {problems} ({checked})."))
    for problem in report.problems:
        say(typeset(f"- {problem}"))
    raise typer.Exit(NOT_INTACT)
