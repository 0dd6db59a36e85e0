"""The one interface of what runs a classifier, and the batches it is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nlu.calibration.temperature_scaling import calibrated_probabilities
from nlu.classifier.prediction import Prediction
from nlu.classifier.scoring import (
    Float32Array,
    ScoringRules,
    pooled_logits,
    predictions,
    score_outputs,
)
from nlu.inference.encoded_texts import EncodedTexts

TOKEN_BUDGET = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDescription:
    """What serves, for a readiness route or a report.

    Attributes
    ----------
    runtime : str
        ``onnxruntime 1.32.0`` or ``torch 2.13.0``.
    device : str
        Device and threads.
    precision : str
        ``int8``, ``fp32`` or ``bf16``.
    folder : str
        Where it was read.
    taxonomy_digest : str or None
        Digest of the taxonomy that its labels come from.
    load_seconds : float
        From folder to first answer.
    """

    runtime: str
    device: str
    precision: str
    folder: str
    taxonomy_digest: str | None
    load_seconds: float


class Network(Protocol):
    """One padded call of a network."""

    def __call__(self, token_ids: Sequence[Sequence[int]], /) -> tuple[Float32Array, Float32Array]:
        """Embeddings and logits, each of shape (n, ...)."""


class Engine(Protocol):
    """A classifier in memory; it is called by one thread at a time."""

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Tokens of messages."""

    def classify(self, encoded: EncodedTexts) -> list[Prediction]:
        """Predictions of messages that make one batch, in order."""

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Calibrated probabilities, shape (n, intents); readable messages only."""

    def outputs(self, texts: Sequence[str]) -> tuple[Float32Array, Float32Array]:
        """Embeddings and uncalibrated logits; readable messages only."""

    def describe(self) -> EngineDescription:
        """What serves."""


def token_batches(lengths: Sequence[int], *, token_budget: int) -> Iterator[list[int]]:
    """Rows of each batch: sorted by length, padded size within the budget.

    Parameters
    ----------
    lengths : sequence of int
        Tokens of each message.
    token_budget : int
        Greatest number of tokens, padding included; one message alone may exceed it.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Sorted, so the newcomer is the longest of its batch.
        if batch and (len(batch) + 1) * lengths[row] > token_budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def predict(
    engine: Engine, texts: Sequence[str], *, token_budget: int = TOKEN_BUDGET
) -> list[Prediction]:
    """Predictions of any number of messages, in order, without the micro-batcher."""
    encoded = engine.encode(texts)
    answers: dict[int, Prediction] = {}
    for rows in token_batches([len(ids) for ids in encoded.token_ids], token_budget=token_budget):
        answers.update(zip(rows, engine.classify(encoded.take(rows)), strict=True))
    return [answers[row] for row in range(len(texts))]


def classify_with(network: Network, rules: ScoringRules, encoded: EncodedTexts) -> list[Prediction]:
    """Predictions of one batch: the readable messages in one call of the network."""
    rows = encoded.readable
    readable = encoded.take(rows)
    embeddings, logits = network(readable.token_ids) if rows else _nothing(rules)
    scores = score_outputs(
        rules,
        readable.texts,
        embeddings=embeddings,
        logits=logits,
        truncated=np.asarray(readable.truncated, np.bool_),
    )
    return predictions(rules, encoded.texts, rows, scores)


def run_batches(
    network: Network, encoded: EncodedTexts, *, token_budget: int = TOKEN_BUDGET
) -> tuple[Float32Array, Float32Array]:
    """Embeddings and logits of readable messages, in order.

    Raises
    ------
    ValueError
        Without messages, or with one that has no tokens.
    """
    lengths = [len(ids) for ids in encoded.token_ids]
    if not lengths or not all(lengths):
        raise ValueError("scores are for messages that hold a letter or a digit, at least one")
    order: list[int] = []
    parts = []
    for rows in token_batches(lengths, token_budget=token_budget):
        order += rows
        parts.append(network([encoded.token_ids[row] for row in rows]))
    back = np.argsort(order)
    embeddings, logits = (np.concatenate(column)[back] for column in zip(*parts, strict=True))
    return embeddings, logits


def scores_with(network: Network, rules: ScoringRules, encoded: EncodedTexts) -> "ScoreArray":
    """Calibrated probabilities of readable messages, shape (n, n_labels)."""
    _embeddings, logits = run_batches(network, encoded)
    return calibrated_probabilities(pooled_logits(rules, encoded.texts, logits), 1.0)


ScoreArray = npt.NDArray[np.float64]


def _nothing(rules: ScoringRules) -> tuple[Float32Array, Float32Array]:
    hidden = rules.detector.reference.means.shape[1]
    return np.empty((0, hidden), np.float32), np.empty((0, len(rules.labels)), np.float32)
