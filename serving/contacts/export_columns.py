"""Columns of the export of the client relation tool, as its Table Schema declares them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from nudge.instruments.instrument import Column, Instrument

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "datasets/contacts/contacts.schema.json"
PSEUDONYM, TEXT = "pseudonyme", "texte"


@cache
def contact_columns(path: Path = SCHEMA_FILE) -> Instrument:
    """Return the columns of the export."""
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Instrument(
        name=schema["name"],
        title=schema["title"],
        description=schema["description"],
        columns=tuple(map(_column, schema["fields"])),
        key=(),
    )


def _column(field: dict[str, Any]) -> Column:
    rules = field.get("constraints", {})
    return Column(
        name=field["name"],
        title=field["title"],
        description=field["description"],
        kind=field["type"],
        unit=field.get("unit", ""),
        required=rules.get("required", False),
        levels=tuple(rules.get("enum", ())),
        minimum=rules.get("minimum"),
        maximum=rules.get("maximum"),
        pattern=rules.get("pattern"),
    )
