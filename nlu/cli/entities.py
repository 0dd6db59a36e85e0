"""``pouce nlu entities measure``."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from nlu.entities.measurement import SlotMeasure
    from nlu.entities.resources import EntityResources

# Weekdays and feasts are read from this day, so that the measure does not move with the calendar.
REFERENCE_DAY = "2026-11-23"


def measure(
    corpus: Annotated[
        Path, typer.Argument(help="Folder with intents.yaml, utterances/*.jsonl, objects.csv.")
    ] = Path("datasets/sophie"),
    split: Annotated[str, typer.Option(help="Split whose marked spans are compared.")] = "test",
    communes: Annotated[
        Path, typer.Option(help="CSV with code_insee, nom and code_postal.")
    ] = Path("datasets/territory/communes.csv"),
    aliases: Annotated[Path, typer.Option(help="CSV with alias, code_insee and ambigu.")] = Path(
        "datasets/territory/alias.csv"
    ),
    by_intent: Annotated[
        bool,
        typer.Option("--by-intent", help="Look only for the slots of the message's own intent."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
) -> None:
    """Precision and recall of the entities, slot by slot, with 95 % intervals over families."""
    with user_errors():
        from nlu.corpus.taxonomy import load_taxonomy
        from nlu.corpus.utterance import read_utterances
        from nlu.entities.extract import extract_entities
        from nlu.entities.measurement import measure_entities

        taxonomy = load_taxonomy(corpus / "intents.yaml")
        rows = list(read_utterances(corpus / "utterances" / f"{split}.jsonl"))
        resources = _resources(corpus, communes, aliases)
        today = date.fromisoformat(REFERENCE_DAY)
        slots = {intent.name: intent.slots for intent in taxonomy.intents}
        measures = measure_entities(
            rows,
            taxonomy,
            lambda row: extract_entities(
                row.text,
                resources=resources,
                today=today,
                slots=slots.get(row.intent) if by_intent else None,
            ),
        )
    if as_json:
        from dataclasses import asdict

        out.print_json(json.dumps([asdict(one) for one in measures], ensure_ascii=False))
        return
    _show(measures, split)
    err.print(
        "Marking is not complete: precision is a lower bound. Only messages whose intent may "
        "mark the slot are counted."
    )


def _resources(corpus: Path, communes: Path, aliases: Path) -> "EntityResources":
    from nlu.entities.gazetteer import read_gazetteer, read_place_names
    from nlu.entities.resources import build_resources, ordinary_words
    from nlu.entities.waste_object import read_waste_objects

    ordinary = ordinary_words()
    outside = read_place_names(corpus / "places_outside.csv")
    return build_resources(
        gazetteer=read_gazetteer(communes, aliases, outside=outside, ordinary=ordinary),
        waste_objects=read_waste_objects(corpus / "objects.csv"),
        ordinary=ordinary,
    )


def _show(measures: "list[SlotMeasure]", split: str) -> None:
    from rich.table import Table

    table = Table(title=f"Entities on {split}")
    for name in ("slot", "matching"):
        table.add_column(name)
    for name in ("rows", "marked", "found", "precision", "recall"):
        table.add_column(name, justify="right")
    for one in measures:
        if not one.marked:
            continue
        table.add_row(
            one.slot,
            one.matching,
            *(str(count) for count in (one.rows, one.marked, one.recognised)),
            *(
                f"{part.estimate:.3f} [{part.low:.3f}, {part.high:.3f}]"
                for part in (one.precision, one.recall)
            ),
        )
    out.print(table)
