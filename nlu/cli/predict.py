"""``pouce nlu predict``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    from nlu.classifier.prediction import Prediction


def command(
    model: Annotated[
        str, typer.Option(help="Alias (champion, challenger), version number or folder.")
    ] = "champion",
    text: Annotated[str | None, typer.Option(help="One message.")] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input", help="JSON Lines or CSV file, or - for standard input."),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", help="JSON Lines or CSV file; standard output otherwise."),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column of the messages.")] = "text",
    registered_model: Annotated[
        str, typer.Option(help="Registered model that aliases belong to.")
    ] = "sophie-intent",
    batch_size: Annotated[int, typer.Option(min=1, help="Messages at once.")] = 64,
) -> None:
    """Classify messages: text, intent, confidence, decision and ranking for each, in order.

    Standard input is read as JSON Lines when its first line is a JSON object, as one message a
    line otherwise. Status 0: every row answered; 2: the input or the model cannot be used, and no
    output is written.
    """
    from nlu.classifier.message_files import read_messages, write_predictions
    from nlu.errors import InputError

    with user_errors():
        if (text is None) == (input_file is None):
            raise InputError("give either --text MESSAGE or --input FILE (- for standard input)")
        if text is not None:
            messages, remarks = [text], list[str]()
        else:
            source = Path(input_file) if input_file and input_file != "-" else None
            read = read_messages(source, sys.stdin.buffer, text_column=text_column)
            messages, remarks = list(read.messages), list(read.remarks)
    for remark in remarks:
        err.print(f"warning: {remark}", markup=False, highlight=False, soft_wrap=True)
    quiet_libraries()
    from nlu.classifier.intent_classifier import IntentClassifier
    from nlu.registry.versions import resolve_model

    with user_errors():
        classifier = IntentClassifier.load(resolve_model(model, name=registered_model).folder)
        predictions = _predict(classifier, messages, batch_size)
        if text is not None and output_file is None and sys.stdout.isatty():
            _show(predictions[0])
        else:
            write_predictions(predictions, output_file, sys.stdout)


def _predict(classifier, messages: list[str], batch_size: int) -> "list[Prediction]":  # type: ignore[no-untyped-def]
    from rich.progress import Progress

    chunk = 16 * batch_size
    predictions: list[Prediction] = []
    with Progress(console=err, disable=len(messages) <= chunk, transient=True) as progress:
        task = progress.add_task("classifying", total=len(messages))
        for start in range(0, len(messages), chunk):
            part = messages[start : start + chunk]
            predictions += classifier.predict(part, batch_size=batch_size)
            progress.advance(task, len(part))
    return predictions


def _show(prediction: "Prediction") -> None:
    from rich.table import Table

    table = Table(title=f"{prediction.decision} ({prediction.reason})")
    table.add_column("intent")
    table.add_column("confidence", justify="right")
    for intent, confidence in prediction.ranking[:5]:
        table.add_row(intent, f"{confidence:.3f}")
    out.print(table)
    out.print(f"out of scope: {prediction.out_of_scope:.3f}")
