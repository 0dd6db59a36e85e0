"""The ``pouce experiment`` command group."""

import typer

from experiments.cli import analyse, calibrate, design, example, power, verify

app = typer.Typer(
    help="Cluster-randomised trials: power, design, analysis, proof.",
    no_args_is_help=True,
)
app.command("power")(power.power_command)
app.command("design")(design.design_command)
app.command("verify")(verify.verify_command)
app.command("analyse")(analyse.command)
app.command("calibrate")(calibrate.command)
app.command("example")(example.command)
