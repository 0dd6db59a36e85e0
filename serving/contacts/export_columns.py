"""Columns of the export of the client relation tool, as its Table Schema declares them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from nudge.instruments.instrument import Column, Instrument
from serving.settings import settings_from_environment

SCHEMA_FILE = "contacts/contacts.schema.json"
PSEUDONYM, TEXT = "pseudonyme", "texte"


@cache
def contact_columns(path: Path | None = None) -> Instrument:
    """Return the columns of the export; by default those of the service's data folder."""
    path = path or settings_from_environment().datasets / SCHEMA_FILE
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
