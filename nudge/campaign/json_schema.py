"""JSON Schema of the campaign file, for editors that complete and check as one types."""

import json
from typing import Any

from nudge.campaign.campaign import SCHEMA_VERSION, Campaign
from nudge.outcomes.catalogue import OUTCOMES

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Editors read YAML 1.2, in which oui and non are texts.
YES_OR_NO = [True, False, "oui", "non"]


def campaign_schema() -> dict[str, Any]:
    """Return the schema: French names, titles, help and admissible values of every field."""
    schema = Campaign.model_json_schema(by_alias=True, mode="validation")
    # Sections are described, in French, where they stand.
    for section in schema["$defs"].values():
        section.pop("title")
        section.pop("description", None)
        _accept_french_booleans(section)
    _accept_french_booleans(schema)
    names = sorted(OUTCOMES)
    schema["properties"]["critere_principal"]["enum"] = names
    schema["properties"]["criteres_secondaires"]["items"]["enum"] = names
    return {
        "$schema": DIALECT,
        **schema,
        "title": f"Campagne de coup de pouce, version {SCHEMA_VERSION}",
        "description": "Tout ce qui est déclaré avant de mesurer.",
    }


def campaign_schema_text() -> str:
    """Return the schema as JSON text."""
    return json.dumps(campaign_schema(), ensure_ascii=False, indent=2) + "\n"


def _accept_french_booleans(section: dict[str, Any]) -> None:
    for field in section["properties"].values():
        if field.get("type") == "boolean":
            del field["type"]
            field["enum"] = YES_OR_NO
