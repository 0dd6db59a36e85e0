"""Everything between a network's output and a prediction, without the network.

Scoring is the same whatever multiplies the matrices: text to tokens, logits and embeddings to
calibrated probabilities, probabilities to decisions. It is kept free of torch, so that a process
that serves with ONNX Runtime starts in a second or two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from nlu.calibration.decision import Thresholds, decide
from nlu.calibration.out_of_scope import OutOfScopeDetector, out_of_scope_probability
from nlu.calibration.temperature_scaling import calibrated_probabilities
from nlu.classifier.lexical_branch import LexicalBranch, lexical_scores
from nlu.classifier.prediction import Prediction
from nlu.text.language import foreign_language
from nlu.text.normalization import has_words, normalize

# The same bound as the torch classifier: the work that one message can ask for.
MOST_CHARACTERS = 8_000

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRules:
    """Calibration of the network that serves.

    Attributes
    ----------
    labels : tuple of str
        Column order of the logits.
    out_of_scope_label : str or None
        The explicit out-of-scope class.
    prefix : str
        Put before each normalised text.
    max_length : int
        Tokens read, specials included.
    temperature : float
        Of the softmax.
    lexical : LexicalBranch or None
        Linear scores on n-grams.
    lexical_weight : float
        Their weight in the sum.
    detector : OutOfScopeDetector
        Out-of-scope score.
    thresholds : Thresholds
        Of the decision.
    """

    labels: tuple[str, ...]
    out_of_scope_label: str | None
    prefix: str
    max_length: int
    temperature: float
    lexical: LexicalBranch | None
    lexical_weight: float
    detector: OutOfScopeDetector
    thresholds: Thresholds

    @property
    def out_of_scope_column(self) -> int | None:
        """Column of the explicit out-of-scope intent."""
        label = self.out_of_scope_label
        return None if label is None else self.labels.index(label)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedTexts:
    """Messages as token ids.

    Attributes
    ----------
    texts : tuple of str
        As received.
    token_ids : tuple of tuple of int
        Ids of each; empty for a message without a letter or digit, which no network reads.
    truncated : tuple of bool
        True when the end of the message is not read.
    """

    texts: tuple[str, ...]
    token_ids: tuple[tuple[int, ...], ...]
    truncated: tuple[bool, ...]

    def take(self, rows: Sequence[int]) -> "EncodedTexts":
        """The messages at ``rows``, in that order."""
        return EncodedTexts(
            texts=tuple(self.texts[row] for row in rows),
            token_ids=tuple(self.token_ids[row] for row in rows),
            truncated=tuple(self.truncated[row] for row in rows),
        )


def encode_texts(tokenizer: Tokenizer, rules: ScoringRules, texts: Sequence[str]) -> EncodedTexts:
    """Normalise and tokenise messages; nothing is padded.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        Without truncation nor padding.
    rules : ScoringRules
        Prefix and length.
    texts : sequence of str
        Any messages.
    """
    clean = [normalize(text[:MOST_CHARACTERS]) for text in texts]
    readable = [row for row, text in enumerate(texts) if has_words(normalize(text))]
    encodings = tokenizer.encode_batch([rules.prefix + clean[row] for row in readable])
    token_ids: list[tuple[int, ...]] = [()] * len(texts)
    truncated = [False] * len(texts)
    for row, encoding in zip(readable, encodings, strict=True):
        ids = encoding.ids
        too_long = len(ids) > rules.max_length
        token_ids[row] = tuple([*ids[: rules.max_length - 1], ids[-1]] if too_long else ids)
        truncated[row] = too_long or len(texts[row]) > MOST_CHARACTERS
    return EncodedTexts(texts=tuple(texts), token_ids=tuple(token_ids), truncated=tuple(truncated))


def pad(token_ids: Sequence[Sequence[int]], pad_id: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Ids and attention mask, shape (n, longest), padded on the right."""
    lengths = np.fromiter(map(len, token_ids), np.int64, len(token_ids))
    mask = np.arange(lengths.max(initial=1)) < lengths[:, None]
    ids = np.full(mask.shape, pad_id, np.int64)
    ids[mask] = np.fromiter((token for row in token_ids for token in row), np.int64, lengths.sum())
    return ids, mask.astype(np.int64)


def pooled_logits(rules: ScoringRules, texts: Sequence[str], logits: Float32Array) -> Float32Array:
    """Network and lexical branch together, divided by the temperature, shape (n, n_labels)."""
    if rules.lexical is not None:
        cut = [text[:MOST_CHARACTERS] for text in texts]
        logits = logits + np.float32(rules.lexical_weight) * lexical_scores(rules.lexical, cut)
    return logits / np.float32(rules.temperature)


def predictions(
    rules: ScoringRules, encoded: EncodedTexts, embeddings: Float32Array, logits: Float32Array
) -> list[Prediction]:
    """What the classifier says of each message.

    Parameters
    ----------
    rules : ScoringRules
        Calibration of the network that gave the outputs.
    encoded : EncodedTexts
        The messages.
    embeddings, logits : ndarray of float32, shape (n_readable, ...)
        Network output of the messages that have tokens, in order.

    Returns
    -------
    list of Prediction
        One a message, in order; the rules of ``IntentClassifier.predict``.
    """
    readable = [row for row, ids in enumerate(encoded.token_ids) if ids]
    pooled = pooled_logits(rules, [encoded.texts[row] for row in readable], logits)
    probabilities = calibrated_probabilities(pooled, 1.0)
    strange = out_of_scope_probability(rules.detector, embeddings, pooled)
    decisions = decide(
        probabilities, strange, rules.thresholds, out_of_scope_column=rules.out_of_scope_column
    )
    answers: dict[int, Prediction] = {}
    for place, row in enumerate(readable):
        text, order = encoded.texts[row], np.argsort(-probabilities[place], kind="stable")
        decision, reason = decisions[place]
        if foreign_language(text[:MOST_CHARACTERS]):
            decision, reason = "hand_over", "foreign_language"
        answers[row] = Prediction(
            text=text,
            intent=rules.labels[order[0]],
            confidence=float(probabilities[place, order[0]]),
            ranking=tuple(
                (rules.labels[column], float(probabilities[place, column])) for column in order
            ),
            out_of_scope=float(strange[place]),
            decision=decision,
            reason=reason,
            truncated=encoded.truncated[row],
        )
    return [answers.get(row) or _unreadable(text) for row, text in enumerate(encoded.texts)]


def plain_tokenizer(tokenizer: Any) -> Tokenizer:
    """A copy of a tokeniser that neither truncates nor pads."""
    plain = Tokenizer.from_str(tokenizer.to_str())
    plain.no_truncation()
    plain.no_padding()
    return plain


def _unreadable(text: str) -> Prediction:
    return Prediction(
        text=text,
        intent=None,
        confidence=0.0,
        ranking=(),
        out_of_scope=0.0,
        decision="clarify",
        reason="no_words" if normalize(text) else "empty",
        truncated=False,
    )
