"""``pouce nlu export``."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import REFUSED, err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    from nlu.inference.onnx_export import ServingParity


class Precision(StrEnum):
    """Number format of the serving graph."""

    INT8 = "int8"
    FP32 = "fp32"


def command(
    output: Annotated[Path, typer.Option(help="Serving folder to write.")],
    model: Annotated[
        str, typer.Option(help="Alias (champion, challenger), version number or folder.")
    ] = "champion",
    corpus: Annotated[
        str, typer.Option(help="Corpus whose dev split calibrates and whose test split checks.")
    ] = "datasets/sophie",
    text_column: Annotated[str, typer.Option(help="Column of the messages.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column of the labels.")] = "intent",
    registered_model: Annotated[str, typer.Option(help="Registered model.")] = "sophie-intent",
    precision: Annotated[Precision, typer.Option(help="int8 or fp32.")] = Precision.INT8,
    publish: Annotated[
        bool, typer.Option("--publish", help="Make it what serves for this registered version.")
    ] = False,
) -> None:
    """Write the ONNX folder that serves a classifier, calibrated and checked as it serves.

    Leaves with status 3 when the export loses more than 0.3 points of accuracy; nothing is
    published then.
    """
    err.print("exporting and checking")
    quiet_libraries()
    from nlu.corpus.loading import load_corpus
    from nlu.errors import InputError
    from nlu.inference.onnx_export import export_onnx, labelled_texts
    from nlu.registry.versions import resolve_model

    with user_errors():
        rows = load_corpus(corpus, text_column=text_column, label_column=label_column)
        resolved = resolve_model(model, name=registered_model)
        if publish and resolved.registered is None:
            raise InputError(f"--publish: {model} is a folder; name a registered version")
        parity = export_onnx(
            resolved.folder,
            output,
            calibration_texts=rows["train"]["text"][:],
            dev=labelled_texts(rows["dev"]),
            test=labelled_texts(rows["test"]),
            precision=precision.value,
        )
    show_parity(parity)
    if not parity.acceptable:
        out.print("more than 0.3 points are lost: do not serve this folder; try --precision fp32")
        raise typer.Exit(REFUSED)
    if publish and resolved.registered is not None:
        from nlu.registry.serving_versions import publish_export

        publish_export(resolved.registered, output, parity)
        out.print(f"{resolved.title} is served by this export")
    out.print(f"serving folder: {output}", soft_wrap=True)


def show_parity(parity: "ServingParity") -> None:
    """Print what serves against what was trained."""
    gain = parity.gain
    out.print(
        f"what serves: accuracy {parity.accuracy:.4f} against {parity.trained_accuracy:.4f} "
        f"trained ({100 * gain.estimate:+.2f} points, 95 % interval "
        f"{100 * gain.low:+.2f} to {100 * gain.high:+.2f}, {parity.rows} messages); same intent "
        f"for {100 * parity.same_intent:.1f} %, same decision for "
        f"{100 * parity.same_decision:.1f} %; calibration error {parity.calibration_error:.3f}; "
        f"{parity.megabytes:.0f} MB, first answer after {parity.load_seconds:.1f} s",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
