"""Everything between a network's output and a prediction, without the network.

Scoring is the same whatever multiplies the matrices: logits and embeddings to calibrated
probabilities, probabilities to decisions. It is kept free of torch, so that a process that serves
with ONNX Runtime starts in a second or two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlu.calibration.decision import Thresholds, decide
from nlu.calibration.out_of_scope import OutOfScopeDetector, out_of_scope_probability
from nlu.calibration.temperature_scaling import calibrated_probabilities
from nlu.classifier.lexical_branch import LexicalBranch, lexical_scores
from nlu.classifier.prediction import Prediction
from nlu.text.language import foreign_language
from nlu.text.normalization import has_words, normalize

# Characters after which a message is cut before tokenisation: far more than the tokens read, and
# a bound on the work that one message can ask for.
MOST_CHARACTERS = 8_000

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


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
class Scores:
    """Calibrated numbers for texts, before any decision.

    Attributes
    ----------
    probabilities : ndarray of float64, shape (n, n_labels)
    out_of_scope : ndarray of float64, shape (n,)
    embeddings : ndarray of float32, shape (n, hidden)
    logits : ndarray of float32, shape (n, n_labels)
        Network and lexical branch together, divided by the temperature.
    truncated : ndarray of bool, shape (n,)
    """

    probabilities: Float64Array
    out_of_scope: Float64Array
    embeddings: Float32Array
    logits: Float32Array
    truncated: BoolArray


def readable_rows(texts: Sequence[str]) -> list[int]:
    """Places of the messages that hold a letter or a digit, which alone the network reads."""
    return [row for row, text in enumerate(texts) if has_words(normalize(text))]


def clean_text(rules: ScoringRules, text: str) -> str:
    """A message as the tokeniser gets it: cut, normalised, after the prefix."""
    return rules.prefix + normalize(text[:MOST_CHARACTERS])


def pooled_logits(rules: ScoringRules, texts: Sequence[str], logits: Float32Array) -> Float32Array:
    """Network and lexical branch together, divided by the temperature, shape (n, n_labels)."""
    if rules.lexical is not None:
        cut = [text[:MOST_CHARACTERS] for text in texts]
        logits = logits + np.float32(rules.lexical_weight) * lexical_scores(rules.lexical, cut)
    return logits / np.float32(rules.temperature)


def score_outputs(
    rules: ScoringRules,
    texts: Sequence[str],
    *,
    embeddings: Float32Array,
    logits: Float32Array,
    truncated: BoolArray,
) -> Scores:
    """Calibrate the output of a network.

    Parameters
    ----------
    rules : ScoringRules
        Calibration of the network that gave the outputs.
    texts : sequence of str
        Readable messages.
    embeddings, logits : ndarray of float32, shape (n, ...)
        Output of the network for them, in order.
    truncated : ndarray of bool, shape (n,)
        Messages whose end was not read.
    """
    pooled = pooled_logits(rules, texts, logits)
    return Scores(
        probabilities=calibrated_probabilities(pooled, 1.0),
        out_of_scope=out_of_scope_probability(rules.detector, embeddings, pooled),
        embeddings=embeddings,
        logits=pooled,
        truncated=truncated,
    )


def predictions(
    rules: ScoringRules, texts: Sequence[str], readable: Sequence[int], scores: Scores
) -> list[Prediction]:
    """What the classifier says of each message.

    Parameters
    ----------
    rules : ScoringRules
        Labels and thresholds.
    texts : sequence of str
        Messages.
    readable : sequence of int
        From :func:`readable_rows`.
    scores : Scores
        Of the readable messages, in order.

    Returns
    -------
    list of Prediction
        One a message, in order.
    """
    decisions = decide(
        scores.probabilities,
        scores.out_of_scope,
        rules.thresholds,
        out_of_scope_column=rules.out_of_scope_column,
    )
    answers: dict[int, Prediction] = {}
    for place, row in enumerate(readable):
        probabilities, text = scores.probabilities[place], texts[row]
        order = np.argsort(-probabilities, kind="stable")
        decision, reason = decisions[place]
        if foreign_language(text[:MOST_CHARACTERS]):
            decision, reason = "hand_over", "foreign_language"
        answers[row] = Prediction(
            text=text,
            intent=rules.labels[order[0]],
            confidence=float(probabilities[order[0]]),
            ranking=tuple((rules.labels[column], float(probabilities[column])) for column in order),
            out_of_scope=float(scores.out_of_scope[place]),
            decision=decision,
            reason=reason,
            truncated=bool(scores.truncated[place]),
        )
    return [answers.get(row) or _unreadable(text) for row, text in enumerate(texts)]


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
