"""``pouce nlu redact measure``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from nlu.redaction.measurement import ExcessMeasure, KindMeasure
    from nlu.redaction.vocabulary import Vocabulary


def measure(
    corpus: Annotated[
        Path, typer.Argument(help="Folder with personal_data.jsonl and utterances/*.jsonl.")
    ] = Path("datasets/sophie"),
    split: Annotated[
        str,
        typer.Option(help="dev (adjusted on), test (other templates), stress (names without cue)."),
    ] = "test",
    communes: Annotated[Path, typer.Option(help="CSV with code_insee and nom.")] = Path(
        "datasets/territory/communes.csv"
    ),
    aliases: Annotated[Path, typer.Option(help="CSV with alias and code_insee.")] = Path(
        "datasets/territory/alias.csv"
    ),
    cues_only: Annotated[
        bool, typer.Option("--cues-only", help="Without the vocabulary of known words.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
) -> None:
    """Recall and precision of the redaction, and what it takes from ordinary messages."""
    with user_errors():
        from nlu.corpus.utterance import read_utterances
        from nlu.redaction.measurement import measure_excess, measure_redaction, read_planted
        from nlu.redaction.personal_data import Redacted
        from nlu.redaction.redact import redact

        vocabulary = None if cues_only else _vocabulary(corpus, communes, aliases)
        planted = [
            one for one in read_planted(corpus / "personal_data.jsonl") if one.split == split
        ]
        ordinary = list(read_utterances(corpus / "utterances" / "test.jsonl"))

        def redacted(text: str) -> Redacted:
            return redact(text, vocabulary=vocabulary)

        kinds = measure_redaction(planted, redacted)
        excess = measure_excess(ordinary, redacted)
    if as_json:
        from dataclasses import asdict

        result = {"kinds": [asdict(one) for one in kinds], "excess": asdict(excess)}
        out.print_json(json.dumps(result, ensure_ascii=False))
        return
    _show(kinds, excess, split)
    err.print("All messages are authored and all personal data synthetic.")


def _vocabulary(corpus: Path, communes: Path, aliases: Path) -> "Vocabulary":
    from nlu.entities.gazetteer import read_place_names
    from nlu.entities.resources import ordinary_words
    from nlu.redaction.vocabulary import build_vocabulary

    places = (
        *read_place_names(communes),
        *read_place_names(aliases, column="alias"),
        *read_place_names(corpus / "places_outside.csv"),
    )
    return build_vocabulary(places, ordinary=ordinary_words())


def _show(kinds: "list[KindMeasure]", excess: "ExcessMeasure", split: str) -> None:
    from rich.table import Table

    table = Table(title=f"Redaction on {split}")
    table.add_column("kind")
    for name in ("planted", "redacted", "recall", "precision"):
        table.add_column(name, justify="right")
    for one in kinds:
        table.add_row(
            one.kind,
            str(one.planted),
            str(one.redacted),
            *(
                f"{part.estimate:.3f} [{part.low:.3f}, {part.high:.3f}]"
                for part in (one.recall, one.precision)
            ),
        )
    out.print(table)
    share = excess.share
    out.print(
        f"Ordinary messages touched: {excess.touched} of {excess.messages}, "
        f"{share.estimate:.2%} [{share.low:.2%}, {share.high:.2%}]",
        markup=False,
    )
