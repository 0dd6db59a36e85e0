"""The ``pouce campaign`` command group."""

import typer

from nudge.cli import person, territory
from nudge.cli.amend import amend_command
from nudge.cli.analyse import analyse_command
from nudge.cli.audit import audit_command
from nudge.cli.check import check_command
from nudge.cli.close import close_command
from nudge.cli.describe import describe_command
from nudge.cli.draw import draw_command
from nudge.cli.export import export_command
from nudge.cli.import_file import import_command
from nudge.cli.levers import levers_command
from nudge.cli.lock import lock_command
from nudge.cli.monitor import monitor_command
from nudge.cli.move import move_command
from nudge.cli.new import new_command
from nudge.cli.portfolio import portfolio_command
from nudge.cli.publish import publish_command
from nudge.cli.purge import purge_command
from nudge.cli.report import report_command
from nudge.cli.schema import schema_command
from nudge.cli.sheets import sheets_command
from nudge.cli.simulate import simulate_command
from nudge.cli.verify import verify_command

app = typer.Typer(
    name="campaign",
    help="Campagnes de coups de pouce : du plan au rapport, pas à pas.",
    no_args_is_help=True,
)
# In the order in which a campaign meets them.
app.command("new")(new_command)
app.command("check")(check_command)
app.command("lock")(lock_command)
app.command("draw")(draw_command)
app.command("verify")(verify_command)
app.command("sheets")(sheets_command)
app.command("import")(import_command)
app.command("monitor")(monitor_command)
app.command("simulate")(simulate_command)
app.command("analyse")(analyse_command)
app.command("report")(report_command)
app.command("portfolio")(portfolio_command)
app.command("audit")(audit_command)
app.command("amend")(amend_command)
app.command("move")(move_command)
app.command("close")(close_command)
app.command("publish")(publish_command)
app.command("export")(export_command)
app.command("describe")(describe_command)
app.command("levers")(levers_command)
app.command("schema")(schema_command)
app.command("purge")(purge_command)
app.add_typer(person.app, name="person")
app.add_typer(territory.app, name="territory")


@app.callback()
def main() -> None:
    """Campagnes de coups de pouce : du plan au rapport, pas à pas."""
