"""One authored utterance and its slots, and their JSON Lines form."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from nlu.errors import InputError

Register = Literal["std", "oral", "sms", "indirect"]
REGISTERS: tuple[str, ...] = get_args(Register)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A marked span of an utterance.

    Attributes
    ----------
    name : str
        Slot of the taxonomy.
    start, end : int
        Character span, end excluded: ``text[start:end] == value``.
    value : str
        The words of the span.
    """

    name: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One row of the corpus.

    Attributes
    ----------
    text : str
        The message, as a citizen would write or dictate it.
    intent : str
        Label.
    family : str
        Rows of one family tell the same situation and stay in one split.
    register : str
        ``std``, ``oral``, ``sms`` or ``indirect``.
    author : str
        Authoring pass the row comes from.
    subtype : str
        ``proche`` or ``lointain`` for out-of-scope rows, empty otherwise.
    slots : tuple of Slot
        Marked spans, in order.
    """

    text: str
    intent: str
    family: str
    register: Register
    author: str = ""
    subtype: str = ""
    slots: tuple[Slot, ...] = ()


def to_json(utterance: Utterance) -> str:
    """One line of JSON, keys in reading order."""
    return json.dumps(asdict(utterance), ensure_ascii=False)


def read_utterances(path: Path) -> Iterator[Utterance]:
    """Utterances of a JSON Lines file.

    Raises
    ------
    InputError
        Naming the file, the line, the key and the mend.
    """
    for _number, utterance in numbered_utterances(path):
        yield utterance


def numbered_utterances(path: Path) -> Iterator[tuple[int, Utterance]]:
    """Utterances of a JSON Lines file with their lines; raises as :func:`read_utterances`."""
    try:
        # utf-8-sig: a byte order mark is not part of the first row.
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, _parse(line, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}: save it as UTF-8") from None


def write_utterances(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a JSON Lines file, one utterance a line."""
    path.write_text("".join(to_json(row) + "\n" for row in utterances), encoding="utf-8")


def _parse(line: str, place: str) -> Utterance:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{place}: not a JSON object: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{place}: a row is a JSON object, not {type(row).__name__}")
    for key in ("text", "intent", "family", "register"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise InputError(f"{place}: key {key!r} is missing or empty: write it")
    if row["register"] not in REGISTERS:
        raise InputError(f"{place}: register {row['register']!r}: one of {', '.join(REGISTERS)}")
    if not isinstance(row.get("slots") or [], list):
        raise InputError(f"{place}: slots is a list, not {row['slots']!r}")
    slots = tuple(_parse_slot(slot, row["text"], place) for slot in row.get("slots") or ())
    return Utterance(
        text=row["text"],
        intent=row["intent"],
        family=row["family"],
        register=row["register"],
        author=row.get("author") or "",
        subtype=row.get("subtype") or "",
        slots=slots,
    )


def _parse_slot(slot: Any, text: str, place: str) -> Slot:
    try:
        parsed = Slot(**slot)
    except TypeError:
        raise InputError(f"{place}: a slot has name, start, end and value, not {slot!r}") from None
    if not (isinstance(parsed.start, int) and isinstance(parsed.end, int)):
        raise InputError(f"{place}: slot {parsed.name!r}: start and end are whole numbers")
    if not 0 <= parsed.start <= parsed.end <= len(text):
        raise InputError(f"{place}: slot {parsed.name!r}: start and end are places of the text")
    if text[parsed.start : parsed.end] != parsed.value:
        found = text[parsed.start : parsed.end]
        raise InputError(
            f"{place}: slot {parsed.name!r}: characters {parsed.start}-{parsed.end} read "
            f"{found!r}, not {parsed.value!r}: correct start and end"
        )
    return parsed
