"""One field instrument: its columns, units and ranges, as its Table Schema declares them."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["string", "boolean", "integer", "number", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of an instrument.

    Attributes
    ----------
    name, title, description
        Name in files, and its French label and help.
    kind
        Frictionless type.
    unit
        Unit of the values; empty where there is none.
    required
        Whether an empty cell is refused.
    levels
        Admissible values; empty where any value of the kind is.
    minimum, maximum
        Admissible range of numbers.
    pattern
        Regular expression that the whole text matches.
    """

    name: str
    title: str
    description: str
    kind: Kind
    unit: str = ""
    required: bool = False
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A table that the field fills in.

    Attributes
    ----------
    name, title, description
        Name in files and in the store, French label and help.
    columns
        Columns in the order of the template.
    key
        Columns that together identify a row within a campaign.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@cache
def table_schema(name: str) -> dict[str, Any]:
    """Return the Table Schema of an instrument as plain values."""
    text = files("nudge.instruments").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def instrument_of(name: str) -> Instrument:
    """Read an instrument from its Table Schema, ``<name>.schema.json`` beside this module."""
    schema = table_schema(name)
    return Instrument(
        name=schema["name"],
        title=schema["title"],
        description=schema["description"],
        columns=tuple(_column(field) for field in schema["fields"]),
        key=tuple(schema["primaryKey"]),
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
