"""``pouce nlu promote``."""

from typing import Annotated

import typer

from nlu.cli.console import REFUSED, err, out, quiet_libraries, user_errors
from nlu.cli.export import Precision, show_parity


def command(
    model: Annotated[str, typer.Option(help="Alias or version number to promote.")] = "challenger",
    corpus: Annotated[
        str, typer.Option(help="Corpus whose test split judges.")
    ] = "datasets/sophie",
    text_column: Annotated[str, typer.Option(help="Column of the messages.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column of the labels.")] = "intent",
    registered_model: Annotated[str, typer.Option(help="Registered model.")] = "sophie-intent",
    precision: Annotated[
        Precision, typer.Option(help="Of what serves: int8 or fp32.")
    ] = Precision.INT8,
    force: Annotated[
        bool, typer.Option("--force", help="Promote whatever the verdict; recorded.")
    ] = False,
) -> None:
    """Make the challenger champion if it is not inferior and no theme loses more than 2 points.

    What serves is exported to ONNX, calibrated as it serves and checked (0.3 points at most lost).
    Leaves with status 3 when the promotion is refused.
    """
    err.print("comparing with the champion")
    quiet_libraries()
    from nlu.corpus.loading import load_corpus
    from nlu.registry.promotion import promote
    from nlu.training.pipeline import find_taxonomy

    with user_errors():
        promotion = promote(
            load_corpus(corpus, text_column=text_column, label_column=label_column),
            find_taxonomy(corpus),
            name=registered_model,
            wanted=model,
            force=force,
            precision=precision.value,
        )
    if promotion.verdict.themes:
        from rich.table import Table

        table = Table(title="Accuracy by theme")
        for name in ("theme", "messages", "champion", "challenger"):
            table.add_column(name, justify="left" if name == "theme" else "right")
        for change in promotion.verdict.themes:
            table.add_row(
                change.theme,
                str(change.rows),
                f"{change.champion:.3f}",
                f"{change.challenger:.3f}",
            )
        out.print(table)
    for reason in promotion.verdict.reasons:
        out.print(reason, markup=False, highlight=False, soft_wrap=True)
    if promotion.serving is not None:
        show_parity(promotion.serving)
    version = promotion.challenger
    if promotion.moved:
        how = "promoted against the verdict (recorded)" if promotion.forced else "promoted"
        out.print(f"{version.name} version {version.version} {how}: champion")
        return
    out.print(f"{version.name} version {version.version} is not promoted; --force overrides")
    raise typer.Exit(REFUSED)
