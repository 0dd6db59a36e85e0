"""``pouce campaign monitor``: quality of the field work, blind to outcomes by arm."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import CampaignArgument, StoreOption, out, say, store_of, user_errors

if TYPE_CHECKING:
    from nudge.monitoring.misclassification import Accuracy
    from nudge.monitoring.monitoring_report import MonitoringReport
    from nudge.monitoring.monitoring_report import Table as ReportTable


def monitor_command(
    campaign: CampaignArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DOSSIER", help="Dossier ; sinon « suivi »."),
    ] = None,
    sensitivity: Annotated[
        float | None,
        typer.Option(
            "--sensitivity", min=0, max=1, help="Part des bacs verts vus verts, si elle est connue."
        ),
    ] = None,
    specificity: Annotated[
        float | None,
        typer.Option(
            "--specificity", min=0, max=1, help="Part des autres bacs vus orange ou rouges."
        ),
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", help="Contrôleur dont la cotation fait foi.")
    ] = "referent",
    today: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Jour du suivi ; aujourd'hui sinon."),
    ] = None,
    unblind: Annotated[
        bool,
        typer.Option(
            "--unblind", help="Montre les niveaux par groupe, une fois la campagne close."
        ),
    ] = False,
    store: StoreOption = None,
) -> None:
    """Suit la qualité du terrain : zones manquantes, accord, remises, règles d'arrêt.

    Les résultats par groupe restent cachés jusqu'à la clôture.

    Code 0 : rien à signaler ; 1 : au moins une alerte ; 2 : refusé.
    """
    with user_errors():
        from nudge.cli.console import folder_of, identifier_of
        from nudge.monitoring.monitor import log_stop_alerts, monitor
        from nudge.monitoring.write_report import write_monitoring

        opened = store_of(store)
        identifier = identifier_of(campaign)
        report = monitor(
            opened,
            identifier,
            today=None if today is None else today.date(),
            unblind=unblind,
            accuracy=_accuracy(sensitivity, specificity),
            reference=reference,
        )
        logged = log_stop_alerts(opened, report)
        page, data = write_monitoring(report, output or folder_of(opened, identifier) / "suivi")
        _show(report)
        for alert in logged:
            say(f"Inscrit au journal : {alert.what}.")
        say(f"Page : {page}")
        say(f"Données : {data}")
    if report.alerts:
        raise typer.Exit(1)


def _accuracy(sensitivity: float | None, specificity: float | None) -> "Accuracy | None":
    if sensitivity is None and specificity is None:
        return None
    if sensitivity is None or specificity is None:
        raise typer.BadParameter("--sensitivity et --specificity vont ensemble")
    from nudge.monitoring.misclassification import Accuracy

    return Accuracy(sensitivity=sensitivity, specificity=specificity)


def _show(report: "MonitoringReport") -> None:
    from rich.text import Text

    from nudge.monitoring.cells import no_break

    out.print(Text(no_break(report.title), style="bold"), soft_wrap=True)
    for section in report.sections:
        out.print(Text(f"\n{no_break(section.title)}", style="bold"), soft_wrap=True)
        for sentence in section.sentences:
            say(no_break(sentence))
        for table in section.tables:
            _show_table(table)
        for alert in section.alerts:
            out.print(Text(no_break(f"ALERTE : {alert.what}"), style="bold red"), soft_wrap=True)
            say(no_break(f"  À faire : {alert.mend}"))
    say("")


def _show_table(table: "ReportTable") -> None:
    from rich.table import Table

    from nudge.monitoring.cells import no_break, shown_rows

    shown = Table(title=no_break(table.caption), title_justify="left", show_edge=False)
    for name in table.frame.columns:
        words = table.shows.get(name, "text") in {"text", "date"}
        shown.add_column(no_break(str(name)), justify="left" if words else "right")
    for row in shown_rows(table):
        shown.add_row(*row)
    out.print(shown)
