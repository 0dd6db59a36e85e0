"""The ``pouce nlu`` command group."""

import typer

from nlu.cli import corpus_check, evaluate, export, predict, promote, train

app = typer.Typer(
    help="Understand French messages: corpus, training, evaluation, registry, prediction.",
    no_args_is_help=True,
)
corpus_app = typer.Typer(help="The labelled corpus.", no_args_is_help=True)
corpus_app.command("check")(corpus_check.command)
app.add_typer(corpus_app, name="corpus")
app.command("train")(train.command)
app.command("evaluate")(evaluate.command)
app.command("export")(export.command)
app.command("promote")(promote.command)
app.command("predict")(predict.command)
