"""The ``pouce`` command: each layer's commands, assembled by the outermost one."""

import typer

from experiments.cli.app import app as experiment_app
from nlu.cli.app import app as nlu_app
from nudge.cli.app import app as campaign_app
from serving.cli_serve.app import app as serve_app

app = typer.Typer(
    name="pouce",
    help="Coup de pouce: understand citizens' messages, design and measure nudge trials.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(nlu_app, name="nlu")
app.add_typer(experiment_app, name="experiment")
app.add_typer(campaign_app, name="campaign")
app.add_typer(serve_app, name="serve")


@app.callback()
def main() -> None:
    """Coup de pouce: understand citizens' messages, design and measure nudge trials."""


if __name__ == "__main__":
    app()
