"""The intent taxonomy: themes, intents, definitions, slots and neighbours.

A taxonomy is one YAML file (``intents.yaml``) beside the utterances. Adding an intent is adding
one entry there and its utterances.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.errors import InputError

Nature = Literal[
    "information", "transaction", "reclamation", "rendez_vous", "signalement", "dialogue"
]
Scope = Literal["v1", "v2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One need that a citizen may express.

    Attributes
    ----------
    name : str
        Identifier, the label of the classifier.
    theme : str
        Theme it belongs to.
    title : str
        Short French title, for people.
    nature : str
        One of the five natures of a request, or ``dialogue``.
    scope : str
        ``v1`` for the first release of the service, ``v2`` for the next.
    definition : str
        What belongs to the intent.
    slots : tuple of str
        Slots that its utterances may mark.
    neighbours : tuple of str
        Intents it is confused with.
    examples : tuple of str
        Three utterances.
    """

    name: str
    theme: str
    title: str
    nature: Nature
    scope: Scope
    definition: str
    slots: tuple[str, ...]
    neighbours: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """All intents, in file order.

    Attributes
    ----------
    version : str
        Version of the taxonomy, stored with each model.
    themes : dict of str to str
        Theme identifier to its title.
    intents : tuple of Intent
        All intents.
    out_of_scope : str
        Name of the intent that means "not for this service".
    """

    version: str
    themes: dict[str, str]
    intents: tuple[Intent, ...]
    out_of_scope: str

    @property
    def names(self) -> tuple[str, ...]:
        """Intent names in file order."""
        return tuple(intent.name for intent in self.intents)

    @property
    def theme_of(self) -> dict[str, str]:
        """Intent name to theme."""
        return {intent.name: intent.theme for intent in self.intents}

    def intent(self, name: str) -> Intent:
        """Look up an intent by name; ``KeyError`` when unknown."""
        for intent in self.intents:
            if intent.name == name:
                return intent
        raise KeyError(name)

    @property
    def digest(self) -> str:
        """SHA-256 of the label names and definitions, so that a server can refuse a mismatch."""
        text = "\n".join(f"{intent.name}\t{intent.definition}" for intent in self.intents)
        return hashlib.sha256(text.encode()).hexdigest()


class _IntentEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: str
    title: str = Field(min_length=2)
    nature: Nature
    scope: Scope
    definition: str = Field(min_length=10)
    slots: list[str] = []
    neighbours: list[str] = []
    examples: list[str] = Field(min_length=1)


class _TaxonomyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    out_of_scope: str
    themes: dict[str, str] = Field(min_length=1)
    slots: dict[str, str] = {}
    intents: dict[str, _IntentEntry] = Field(min_length=2)


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML loader that refuses a key written twice instead of keeping the last."""


def _construct_unique_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if key in mapping:
            line = key_node.start_mark.line + 1
            raise InputError(f"line {line}: {key!r} is written twice: remove or rename one")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_UniqueKeyLoader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_unique_mapping
)


def read_yaml(text: str) -> Any:
    """Plain YAML in which no key is written twice."""
    return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506


def load_taxonomy(path: Path) -> Taxonomy:
    """Read and validate a taxonomy file.

    Parameters
    ----------
    path : Path
        ``intents.yaml``.

    Raises
    ------
    InputError
        Naming the file, the intent and the mend: unreadable YAML, a key written twice, a missing
        definition, an unknown nature, theme, slot or neighbour.
    """
    try:
        raw = read_yaml(path.read_text(encoding="utf-8"))
        parsed = _TaxonomyFile.model_validate(raw)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; a taxonomy is an intents.yaml") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; a taxonomy is an intents.yaml") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}: save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {error}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except ValidationError as error:
        raise InputError(_explain(path, error)) from None
    problems = list(_reference_problems(parsed))
    if problems:
        raise InputError("\n".join(f"{path}: {problem}" for problem in problems))
    return Taxonomy(
        version=parsed.version,
        themes=dict(parsed.themes),
        out_of_scope=parsed.out_of_scope,
        intents=tuple(
            Intent(
                name=name,
                theme=entry.theme,
                title=entry.title,
                nature=entry.nature,
                scope=entry.scope,
                definition=entry.definition,
                slots=tuple(entry.slots),
                neighbours=tuple(entry.neighbours),
                examples=tuple(entry.examples),
            )
            for name, entry in parsed.intents.items()
        ),
    )


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        place = " › ".join(str(part) for part in problem["loc"])
        if problem["type"] == "missing":
            lines.append(f"{path}: {place}: missing; write it")
        elif problem["type"] == "literal_error" and problem["loc"][-1] == "nature":
            lines.append(f"{path}: {place}: must be one of {', '.join(get_args(Nature))}")
        else:
            lines.append(f"{path}: {place}: {problem['msg']}")
    return "\n".join(lines)


def _reference_problems(parsed: _TaxonomyFile) -> "list[str]":
    problems = []
    if parsed.out_of_scope not in parsed.intents:
        problems.append(f"out_of_scope: {parsed.out_of_scope!r} is not an intent of the file")
    for name, entry in parsed.intents.items():
        if entry.theme not in parsed.themes:
            known = ", ".join(parsed.themes)
            problems.append(f"intents › {name} › theme: {entry.theme!r} unknown; one of {known}")
        for neighbour in entry.neighbours:
            if neighbour not in parsed.intents:
                problems.append(
                    f"intents › {name} › neighbours: {neighbour!r} is not an intent of the file"
                )
            if neighbour == name:
                problems.append(
                    f"intents › {name} › neighbours: an intent is not its own neighbour"
                )
        problems.extend(
            f"intents › {name} › slots: {slot!r} is not described under `slots`"
            for slot in entry.slots
            if slot not in parsed.slots
        )
    return problems
