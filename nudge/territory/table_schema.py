"""Table Schemas of the territory's files, as this software requires them."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

NAMES = ("communes", "alias", "tournees", "zones", "voisinages")
REPOSITORY_FOLDER = Path(__file__).resolve().parents[2] / "datasets" / "territory"
FOLDER_VARIABLE = "POUCE_TERRITORY"

Kind = Literal["string", "boolean", "integer", "number", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a table.

    Attributes
    ----------
    name
        Name in the header.
    kind
        Frictionless type.
    required
        Whether an empty cell is refused.
    levels
        Admissible texts; empty where any value of the kind is.
    minimum, maximum
        Admissible range of numbers.
    pattern
        Regular expression that the whole text matches.
    """

    name: str
    kind: Kind
    required: bool = False
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A column whose values stand in a column of another table, or of the same one."""

    column: str
    table: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """What a table of the territory must look like.

    Attributes
    ----------
    name
        Name of the table; its file is ``<name>.csv``.
    fields
        Columns in order.
    key
        Columns that together identify a row.
    foreign_keys
        Columns that point to other rows.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def file(self) -> str:
        """Name of the table's file."""
        return f"{self.name}.csv"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(field.name for field in self.fields)


@cache
def table_schema(name: str) -> TableSchema:
    """Return the schema of a table of :data:`NAMES`, read from ``<name>.schema.json``."""
    # Installed without its repository, the software has those of the territory that it is given.
    folder = REPOSITORY_FOLDER if REPOSITORY_FOLDER.is_dir() else territory_folder()
    path = folder / f"{name}.schema.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return TableSchema(
        name=content["name"],
        fields=tuple(_field(field) for field in content["fields"]),
        key=tuple(content.get("primaryKey") or content["uniqueKeys"][0]),
        foreign_keys=tuple(_foreign_key(key) for key in content.get("foreignKeys", ())),
    )


def territory_folder(folder: Path | None = None) -> Path:
    """Return the folder given, else ``$POUCE_TERRITORY``, else the repository's."""
    if folder is not None:
        return folder
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else REPOSITORY_FOLDER


def _field(content: dict[str, Any]) -> Field:
    rules = content.get("constraints", {})
    truths = (*content.get("trueValues", ()), *content.get("falseValues", ()))
    return Field(
        name=content["name"],
        kind=content["type"],
        required=rules.get("required", False),
        levels=tuple(rules.get("enum", truths)),
        minimum=rules.get("minimum"),
        maximum=rules.get("maximum"),
        pattern=rules.get("pattern"),
    )


def _foreign_key(content: dict[str, Any]) -> ForeignKey:
    reference = content["reference"]
    return ForeignKey(
        column=content["fields"][0],
        table=reference["resource"],
        reference=reference["fields"][0],
    )
