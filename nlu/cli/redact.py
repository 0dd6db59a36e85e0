"""``pouce nlu redact measure``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from nlu.redaction.measurement import ExcessMeasure, KindMeasure
    from nlu.redaction.vocabulary import Vocabulary

REPORTED = ("test", "fresh")
ORDINARY = ("train", "dev", "test", "stress", "blind")
ADJUSTED = frozenset({"train", "dev"})
EXAMPLES = 5


def measure(
    corpus: Annotated[
        Path, typer.Argument(help="Folder with personal_data.jsonl and utterances/*.jsonl.")
    ] = Path("datasets/sophie"),
    split: Annotated[
        list[str] | None,
        typer.Option(
            help="test and fresh (other templates; both when none is given), dev (adjusted on), "
            "stress (names without cue)."
        ),
    ] = None,
    communes: Annotated[Path, typer.Option(help="CSV with code_insee and nom.")] = Path(
        "datasets/territory/communes.csv"
    ),
    aliases: Annotated[Path, typer.Option(help="CSV with alias and code_insee.")] = Path(
        "datasets/territory/alias.csv"
    ),
    every_capital: Annotated[
        bool,
        typer.Option(
            "--every-capital",
            help="Also take capitals inside a sentence that are no known word; the API does not.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
) -> None:
    """Recall and precision of the redaction, and what it takes from ordinary messages."""
    with user_errors():
        from nlu.corpus.utterance import read_utterances
        from nlu.errors import InputError
        from nlu.redaction.measurement import measure_excess, measure_redaction, read_planted
        from nlu.redaction.personal_data import Redacted
        from nlu.redaction.redact import redact

        splits = split or list(REPORTED)
        vocabulary = _vocabulary(corpus, communes, aliases) if every_capital else None
        planted = read_planted(corpus / "personal_data.jsonl")
        unknown = sorted(set(splits) - {one.split for one in planted})
        if unknown:
            raise InputError(f"{corpus / 'personal_data.jsonl'}: no row of split {unknown[0]!r}")

        def redacted(text: str) -> Redacted:
            return redact(text, vocabulary=vocabulary)

        kinds = {
            part: measure_redaction([one for one in planted if one.split == part], redacted)
            for part in splits
        }
        excess = {
            part: measure_excess(
                list(read_utterances(corpus / "utterances" / f"{part}.jsonl")), redacted
            )
            for part in ORDINARY
        }
    if as_json:
        from dataclasses import asdict

        result = {
            "kinds": {part: [asdict(one) for one in each] for part, each in kinds.items()},
            "excess": {part: asdict(one) for part, one in excess.items()},
        }
        out.print_json(json.dumps(result, ensure_ascii=False))
        return
    for part, measures in kinds.items():
        _show(measures, part)
    _show_excess(excess)
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


def _show(kinds: "list[KindMeasure]", split: str) -> None:
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
                f"{part.estimate:.3f} [{part.low:.3f}, {part.high:.3f}]" if below else "-"
                for part, below in ((one.recall, one.planted), (one.precision, one.redacted))
            ),
        )
    out.print(table)


def _show_excess(excess: "dict[str, ExcessMeasure]") -> None:
    from rich.table import Table

    table = Table(title="Ordinary messages touched")
    table.add_column("split")
    for name in ("messages", "touched", "share", "examples"):
        table.add_column(name, justify="left" if name == "examples" else "right")
    for split, one in excess.items():
        share = one.share
        table.add_row(
            f"{split} (adjusted on)" if split in ADJUSTED else split,
            str(one.messages),
            str(one.touched),
            f"{share.estimate:.2%} [{share.low:.2%}, {share.high:.2%}]",
            ", ".join(words for _, words in one.examples[:EXAMPLES]),
        )
    out.print(table)
