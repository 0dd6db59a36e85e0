"""JSON Schemas of the knowledge base's files, for editors that check while one writes."""

from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from serving.knowledge.answer import Answer, Message
from serving.knowledge.contact import Contact

ENTRIES: MappingProxyType[str, type[BaseModel]] = MappingProxyType(
    {"answers": Answer, "messages": Message, "contacts": Contact}
)


def file_schema(name: str) -> dict[str, Any]:
    """JSON Schema of ``answers.yaml``, ``messages.yaml`` or ``contacts.yaml``.

    Raises
    ------
    KeyError
        There is no such file.
    """
    model = ENTRIES[name]
    entry = model.model_json_schema()
    definitions = {**entry.pop("$defs", {}), model.__name__: entry}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{name}.yaml",
        "type": "object",
        "additionalProperties": False,
        "required": [name],
        "properties": {name: {"type": "array", "items": {"$ref": f"#/$defs/{model.__name__}"}}},
        "$defs": definitions,
    }
