"""The ``pouce nlu`` command group."""

import typer

from nlu.cli import (
    corpus_check,
    entities,
    evaluate,
    export,
    predict,
    promote,
    redact,
    train,
)

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
entities_app = typer.Typer(help="Places, dates, waste and numbers.", no_args_is_help=True)
entities_app.command("measure")(entities.measure)
app.add_typer(entities_app, name="entities")
redact_app = typer.Typer(help="Personal data replaced before storage.", no_args_is_help=True)
redact_app.command("measure")(redact.measure)
app.add_typer(redact_app, name="redact")
