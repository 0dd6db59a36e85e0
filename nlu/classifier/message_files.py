"""Read messages from JSON Lines, CSV or plain lines; write predictions."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

from nlu.classifier.prediction import Prediction
from nlu.errors import InputError

CSV_COLUMNS = (
    "text", "intent", "confidence", "decision", "reason", "out_of_scope", "truncated", "ranking",
)  # fmt: skip
MOST_REMARKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessages:
    """Messages of a file.

    Attributes
    ----------
    messages : tuple of str
        In file order, empty ones included.
    remarks : tuple of str
        Lines that were not valid UTF-8, and how they were read.
    """

    messages: tuple[str, ...]
    remarks: tuple[str, ...]


def read_messages(path: Path | None, stdin: IO[bytes], *, text_column: str) -> ReadMessages:
    """Messages of a ``.jsonl``, ``.csv`` or ``.txt`` file, or of standard input.

    A line that is not UTF-8 is read as Windows-1252, which is what office software writes, and
    remarked.

    Parameters
    ----------
    path : Path or None
        File; None for standard input.
    stdin : binary stream
        Read when ``path`` is None.
    text_column : str
        Key or column of the messages.

    Raises
    ------
    InputError
        Missing file, unknown format, a line that is not JSON, a missing key: with its line.
    """
    name = str(path) if path else "standard input"
    try:
        raw = path.read_bytes() if path else stdin.read()
    except OSError as error:
        raise InputError(f"--input {name}: {error.strerror}") from None
    lines, remarks = _decode_lines(raw, name)
    suffix = path.suffix.lower() if path else _guess_suffix(lines)
    if suffix in {".jsonl", ".ndjson", ".json"}:
        messages = [
            _message(line, f"{name}:{number}", text_column)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]
    elif suffix == ".csv":
        messages = _csv_messages("\n".join(lines), name, text_column)
    elif suffix == ".txt":
        messages = list(lines)
    else:
        raise InputError(f"--input {name}: give a .jsonl, .csv or .txt file")
    return ReadMessages(messages=tuple(messages), remarks=tuple(remarks))


def write_predictions(predictions: Sequence[Prediction], path: Path | None, stdout: TextIO) -> None:
    """Write predictions, as CSV when the file name says so, as JSON Lines otherwise.

    A file appears whole or not at all.

    Raises
    ------
    InputError
        When the folder of ``path`` does not exist or cannot be written.
    """
    if path is None:
        stdout.write(_json_lines(predictions))
        return
    content = _csv(predictions) if path.suffix.lower() == ".csv" else _json_lines(predictions)
    try:
        if path.exists() and not path.is_file():
            # A pipe, /dev/stdout or /dev/null is written to; replacing it would break it.
            with path.open("w", encoding="utf-8", newline="") as stream:
                stream.write(content)
        else:
            _write_whole(path, content)
    except OSError as error:
        raise InputError(f"--output {path}: {error.strerror}") from None


def _write_whole(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _decode_lines(raw: bytes, name: str) -> tuple[list[str], list[str]]:
    lines, remarks, count = [], [], 0
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            count += 1
            try:
                text = line.decode("cp1252")
                how = "read as Windows-1252"
            except UnicodeDecodeError:
                text = line.decode("utf-8", "replace")
                how = "unreadable bytes replaced"
            if count <= MOST_REMARKS:
                remarks.append(f"{name}:{number}: not valid UTF-8, {how}")
        lines.append(text.rstrip("\r"))
    if count > MOST_REMARKS:
        remarks.append(f"{name}: {count - MOST_REMARKS} further lines are not valid UTF-8")
    if lines and lines[-1] == "":
        lines.pop()
    return lines, remarks


def _guess_suffix(lines: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return ".jsonl" if first.lstrip().startswith("{") else ".txt"


def _message(line: str, place: str, text_column: str) -> str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not a JSON object: {error}") from None
    if not isinstance(row, dict) or text_column not in row:
        raise InputError(f"{place}: no key {text_column!r}; name it with --text-column")
    value = row[text_column]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{place}: {text_column!r} is {type(value).__name__}, a text is expected")
    return value


def _csv_messages(text: str, name: str, text_column: str) -> list[str]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        columns = [column.strip() for column in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise InputError(f"--input {name}: not valid CSV: {error}") from None
    if not rows and not header.strip():
        return []
    if text_column not in columns:
        raise InputError(
            f"--input {name}: no column {text_column!r} among {', '.join(columns)}; "
            "name it with --text-column"
        )
    place = columns.index(text_column)
    for number, row in rows:
        if len(row) > len(columns):
            raise InputError(
                f"--input {name}:{number}: {len(row)} cells for {len(columns)} columns; put "
                f"quotes around a message that holds {delimiter!r}"
            )
    return [row[place] if place < len(row) else "" for _number, row in rows]


def _json_lines(predictions: Sequence[Prediction]) -> str:
    return "".join(
        _encodable(json.dumps(prediction.to_dict(), ensure_ascii=False)) + "\n"
        for prediction in predictions
    )


def _csv(predictions: Sequence[Prediction]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, CSV_COLUMNS)
    writer.writeheader()
    for prediction in predictions:
        row = prediction.to_dict()
        row["ranking"] = json.dumps(row["ranking"], ensure_ascii=False)
        writer.writerow(row)
    return _encodable(buffer.getvalue())


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
