"""Recall and precision of the redaction on planted personal data, and what it takes in excess."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from nlu.corpus.utterance import Utterance
from nlu.errors import InputError
from nlu.evaluation.bootstrap import Interval, bootstrap_interval
from nlu.redaction.personal_data import Kind, PersonalSpan, Redacted

Redact = Callable[[str], Redacted]
EVERY_KIND = "tous"


class PlantedSpan(BaseModel):
    """Personal data planted in an authored message, with its span and words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Kind
    start: int
    end: int
    value: str


class PlantedMessage(BaseModel):
    """An authored message with synthetic personal data, or with look-alikes only.

    Attributes
    ----------
    text : str
        The message.
    split : str
        ``dev`` to adjust patterns, ``test`` and ``fresh`` (later, other templates and names) to
        report, ``stress`` for names without a cue.
    family : str
        Messages of one template.
    style, noise, origin : str
        How it is written, what was done to it, where it comes from.
    spans : tuple of PlantedSpan
        Everything that must not be stored.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    split: str
    family: str
    style: str
    noise: str
    origin: str
    spans: tuple[PlantedSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindMeasure:
    """Redaction of one kind of personal data, or of all (``tous``).

    Attributes
    ----------
    kind : str
        Kind, or ``tous``.
    planted, redacted : int
        Planted spans, and spans that the redaction calls by this kind.
    recall : Interval
        Share of planted spans of which no letter or digit is left.
    precision : Interval
        Share of redacted spans that hold planted data, of any kind.
    missed : tuple of str
        Planted words that were not wholly replaced.
    """

    kind: str
    planted: int
    redacted: int
    recall: Interval
    precision: Interval
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessMeasure:
    """What is redacted in messages written without personal data.

    Attributes
    ----------
    messages, touched : int
        Messages, and those of which a span outside the marked addresses was replaced.
    share : Interval
        ``touched / messages``.
    examples : tuple of (str, str)
        Kind and words replaced.
    """

    messages: int
    touched: int
    share: Interval
    examples: tuple[tuple[str, str], ...]


def read_planted(path: Path) -> list[PlantedMessage]:
    """Read authored messages, one JSON object a line.

    Raises
    ------
    InputError
        Naming the file, the line and the mend.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}: save it as UTF-8") from None
    messages = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = PlantedMessage.model_validate(json.loads(line))
        except ValidationError as error:
            problem = error.errors()[0]
            place = " › ".join(map(str, problem["loc"]))
            raise InputError(f"{path}:{number}: {place}: {problem['msg']}") from None
        except ValueError as error:
            raise InputError(f"{path}:{number}: not a JSON object: {error}") from None
        for span in message.spans:
            if message.text[span.start : span.end] != span.value:
                raise InputError(f"{path}:{number}: span {span.value!r} is not at its place")
        messages.append(message)
    return messages


def measure_redaction(
    messages: Sequence[PlantedMessage], redact: Redact, *, draws: int = 1000, seed: int = 13
) -> list[KindMeasure]:
    """Recall and precision by kind and over all, with intervals over families.

    Parameters
    ----------
    messages : sequence of PlantedMessage
        Messages with and without planted data.
    redact : callable
        From a text to its redaction.
    draws, seed : int
        Of the bootstrap.
    """
    redacted = [redact(message.text) for message in messages]
    families = [message.family for message in messages]
    measures = []
    for kind in (EVERY_KIND, *get_args(Kind)):
        counts = np.array(
            [_counts(one, two, kind) for one, two in zip(messages, redacted, strict=True)], np.int64
        )
        measures.append(
            KindMeasure(
                kind=kind,
                planted=int(counts[:, 1].sum()),
                redacted=int(counts[:, 3].sum()),
                recall=_ratio(counts[:, 0], counts[:, 1], families, draws=draws, seed=seed),
                precision=_ratio(counts[:, 2], counts[:, 3], families, draws=draws, seed=seed),
                missed=tuple(
                    span.value
                    for one, two in zip(messages, redacted, strict=True)
                    for span in _planted(one, kind)
                    if not _covered(one.text, span, two.spans)
                ),
            )
        )
    return measures


def measure_excess(
    utterances: Sequence[Utterance], redact: Redact, *, draws: int = 1000, seed: int = 13
) -> ExcessMeasure:
    """What is redacted in an ordinary corpus; spans on a marked address are rightly so."""
    taken: list[list[tuple[str, str]]] = []
    for row in utterances:
        addresses = [slot for slot in row.slots if slot.name == "adresse"]
        taken.append(
            [
                (span.kind, row.text[span.start : span.end])
                for span in redact(row.text).spans
                if not any(one.start < span.end and span.start < one.end for one in addresses)
            ]
        )
    touched = np.array([bool(one) for one in taken], np.int64)
    share = _ratio(
        touched, np.ones_like(touched), [row.family for row in utterances], draws=draws, seed=seed
    )
    return ExcessMeasure(
        messages=len(taken),
        touched=int(touched.sum()),
        share=share,
        examples=tuple(example for one in taken for example in one),
    )


def _planted(message: PlantedMessage, kind: str) -> list[PlantedSpan]:
    return [span for span in message.spans if kind in {EVERY_KIND, span.name}]


def _counts(message: PlantedMessage, redacted: Redacted, kind: str) -> tuple[int, int, int, int]:
    """Covered and planted spans of a kind, then rightly redacted and redacted spans."""
    planted = _planted(message, kind)
    found = [span for span in redacted.spans if kind in {EVERY_KIND, span.kind}]
    right = sum(
        any(one.start < span.end and span.start < one.end for one in message.spans)
        for span in found
    )
    covered = sum(_covered(message.text, span, redacted.spans) for span in planted)
    return covered, len(planted), right, len(found)


def _covered(text: str, planted: PlantedSpan, spans: Sequence[PersonalSpan]) -> bool:
    """Whether no letter or digit of a planted span is left."""
    return all(
        not text[place].isalnum() or any(span.start <= place < span.end for span in spans)
        for place in range(planted.start, planted.end)
    )


def _ratio(
    right: npt.NDArray[np.int64],
    total: npt.NDArray[np.int64],
    families: Sequence[str],
    *,
    draws: int,
    seed: int,
) -> Interval:
    def ratio(rows: npt.NDArray[np.int64]) -> float:
        below = total[rows].sum()
        return float(right[rows].sum() / below) if below else float("nan")

    return bootstrap_interval(ratio, families, draws=draws, seed=seed)
