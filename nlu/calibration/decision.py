"""Answer, clarify or hand over: thresholds chosen from a stated risk.

Scoring is kept apart from deciding: the model gives probabilities, this module says what to do
with them. The answering threshold keeps the share of wrong answers below the target with 95 %
confidence: Clopper-Pearson bounds are tested from the most confident fifth of the rows downwards
and the search stops at the first that fails, so that trying many thresholds costs nothing (fixed
sequence testing: Angelopoulos et al. 2021, "Learn then test"; Geifman and El-Yaniv 2017).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Decision = Literal["answer", "clarify", "hand_over"]
DECISIONS: tuple[Decision, ...] = ("answer", "clarify", "hand_over")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTarget:
    """What the service accepts.

    Attributes
    ----------
    answer_risk : float
        Greatest share of wrong answers among answered messages.
    confidence : float
        Confidence of the bound on that share.
    clarify_success : float
        Least share of clarifications whose two proposals contain the right intent.
    in_scope_rejection : float
        Greatest share of messages in scope that the out-of-scope score alone hands over.
    """

    answer_risk: float = 0.05
    confidence: float = 0.95
    clarify_success: float = 0.7
    in_scope_rejection: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Thresholds of the decision.

    Attributes
    ----------
    answer : float
        Least confidence to answer.
    clarify : float
        Least confidence to ask between the two best intents; at most ``answer``.
    out_of_scope : float
        Out-of-scope probability from which the message is handed over.
    """

    answer: float
    clarify: float
    out_of_scope: float


def upper_risk_bound(errors: int, answered: int, confidence: float) -> float:
    """One-sided Clopper-Pearson upper bound of an error rate; 1 without rows."""
    if answered == 0 or errors >= answered:
        return 1.0
    return float(betaincinv(errors + 1, answered - errors, confidence))


def choose_thresholds(
    probabilities: FloatArray,
    labels: IntArray,
    out_of_scope: FloatArray,
    *,
    out_of_scope_column: int | None,
    target: RiskTarget,
) -> Thresholds:
    """Thresholds that meet the risk target on held-out rows.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_labels)
        Calibrated.
    labels : ndarray of int64, shape (n,)
        Right columns.
    out_of_scope : ndarray, shape (n,)
        Probability of being out of scope.
    out_of_scope_column : int or None
        Column of the explicit class.
    target : RiskTarget
        Stated risk.

    Returns
    -------
    Thresholds
        ``answer`` is above 1 (never answer) when no threshold meets the target.
    """
    in_scope = labels != out_of_scope_column if out_of_scope_column is not None else labels >= 0
    strange = _strangeness_threshold(out_of_scope[in_scope], target.in_scope_rejection)
    confidence = probabilities.max(axis=1)
    best = probabilities.argmax(axis=1)
    open_rows = out_of_scope < strange
    if out_of_scope_column is not None:
        open_rows &= best != out_of_scope_column
    wrong = best != labels
    answer = _answer_threshold(confidence[open_rows], wrong[open_rows], target)
    two_best = np.argsort(probabilities, axis=1)[:, -2:]
    found = (two_best == labels[:, None]).any(axis=1)
    band = open_rows & (confidence < answer)
    clarify = _clarify_threshold(confidence[band], found[band], answer, target.clarify_success)
    return Thresholds(answer=answer, clarify=clarify, out_of_scope=strange)


def decide(
    probabilities: FloatArray,
    out_of_scope: FloatArray,
    thresholds: Thresholds,
    *,
    out_of_scope_column: int | None,
) -> list[tuple[Decision, str]]:
    """Decision and reason for each row.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_labels)
        Calibrated.
    out_of_scope : ndarray, shape (n,)
        Probability of being out of scope.
    thresholds : Thresholds
        From :func:`choose_thresholds`.
    out_of_scope_column : int or None
        Column of the explicit class.

    Returns
    -------
    list of (decision, reason)
        Reasons: ``confident``, ``between_two``, ``low_confidence``, ``out_of_scope``.
    """
    decisions: list[tuple[Decision, str]] = []
    best = probabilities.argmax(axis=1)
    for row, column in enumerate(best):
        confidence = probabilities[row, column]
        if column == out_of_scope_column or out_of_scope[row] >= thresholds.out_of_scope:
            decisions.append(("hand_over", "out_of_scope"))
        elif confidence >= thresholds.answer:
            decisions.append(("answer", "confident"))
        elif confidence >= thresholds.clarify:
            decisions.append(("clarify", "between_two"))
        else:
            decisions.append(("hand_over", "low_confidence"))
    return decisions


def _strangeness_threshold(in_scope_scores: FloatArray, rejection: float) -> float:
    if len(in_scope_scores) == 0:
        return 1.0
    allowed = int(rejection * len(in_scope_scores) + 1e-9)
    if allowed >= len(in_scope_scores):
        return float(in_scope_scores.min())
    # Just above the first score that may not go, so that its equals stay too.
    return float(np.nextafter(np.sort(in_scope_scores)[::-1][allowed], np.inf))


def _answer_threshold(confidence: FloatArray, wrong: BoolArray, target: RiskTarget) -> float:
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(wrong[order])
    chosen = 1.01
    for answered in range(_first_test(len(order), target), len(order) + 1):
        tied = (
            answered < len(order) and confidence[order[answered]] == confidence[order[answered - 1]]
        )
        if tied:
            continue
        bound = upper_risk_bound(int(errors[answered - 1]), answered, target.confidence)
        if bound > target.answer_risk:
            break
        chosen = float(confidence[order[answered - 1]])
    return chosen


def _first_test(rows: int, target: RiskTarget) -> int:
    # Where the fixed sequence of tests starts: at a fifth, where one or two errors may pass.
    fewest = int(np.ceil(np.log(1 - target.confidence) / np.log(1 - target.answer_risk)))
    return max(fewest, rows // 5)


def _clarify_threshold(
    confidence: FloatArray, found: BoolArray, answer: float, success: float
) -> float:
    order = np.argsort(-confidence, kind="stable")
    chosen = answer
    hits = np.cumsum(found[order])
    for asked in range(1, len(order) + 1):
        if asked < len(order) and confidence[order[asked]] == confidence[order[asked - 1]]:
            continue
        if hits[asked - 1] / asked >= success:
            chosen = float(confidence[order[asked - 1]])
    return min(chosen, answer)
