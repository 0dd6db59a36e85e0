"""Metrics on labelled rows: accuracy, F1, calibration, selective risk, detection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """One bar of the reliability diagram.

    Attributes
    ----------
    low, high : float
        Confidence limits of the bin.
    confidence, accuracy : float
        Means over its rows.
    count : int
        Rows.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """Precision, recall and F1 of one label.

    Attributes
    ----------
    label : str
    precision, recall, f1 : float
        In [0, 1].
    support : int
        Rows whose right label it is.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionPair:
    """How often one label is taken for another.

    Attributes
    ----------
    truth, predicted : str
        Labels.
    count : int
        Rows.
    share : float
        Of the rows of ``truth``.
    """

    truth: str
    predicted: str
    count: int
    share: float


def accuracy(truth: IntArray, predicted: IntArray) -> float:
    """Share of right answers; nan without rows."""
    return float(np.mean(truth == predicted)) if len(truth) else float("nan")


def macro_f1(truth: IntArray, predicted: IntArray, n_labels: int) -> float:
    """Mean F1 over the labels that occur in ``truth`` or ``predicted``."""
    pair = np.bincount(truth * n_labels + predicted, minlength=n_labels * n_labels)
    matrix = pair.reshape(n_labels, n_labels)
    support, claimed = matrix.sum(axis=1), matrix.sum(axis=0)
    present = support + claimed > 0
    scores = 2 * np.diag(matrix)[present] / (support + claimed)[present]
    return float(scores.mean()) if len(scores) else float("nan")


def class_scores(
    truth: IntArray, predicted: IntArray, labels: Sequence[str]
) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of each label, in label order."""
    matrix = confusion_matrix(truth, predicted, len(labels))
    support, claimed, right = matrix.sum(axis=1), matrix.sum(axis=0), np.diag(matrix)
    return tuple(
        ClassScore(
            label=label,
            precision=float(right[row] / claimed[row]) if claimed[row] else 0.0,
            recall=float(right[row] / support[row]) if support[row] else 0.0,
            f1=float(2 * right[row] / (support[row] + claimed[row]))
            if support[row] + claimed[row]
            else 0.0,
            support=int(support[row]),
        )
        for row, label in enumerate(labels)
    )


def confusion_matrix(truth: IntArray, predicted: IntArray, n_labels: int) -> IntArray:
    """Counts, shape (n_labels, n_labels): rows are right labels, columns are answers."""
    counts = np.bincount(truth * n_labels + predicted, minlength=n_labels * n_labels)
    return counts.reshape(n_labels, n_labels).astype(np.int64)


def confusion_pairs(matrix: IntArray, labels: Sequence[str]) -> tuple[ConfusionPair, ...]:
    """Every confusion that happened, most frequent first."""
    support = matrix.sum(axis=1)
    pairs = [
        ConfusionPair(
            truth=labels[row],
            predicted=labels[column],
            count=int(matrix[row, column]),
            share=float(matrix[row, column] / support[row]),
        )
        for row, column in np.argwhere(matrix > 0)
        if row != column
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, -pair.share, pair.truth)))


def brier_score(probabilities: FloatArray, truth: IntArray) -> float:
    """Mean squared distance to the one-hot truth, in [0, 2] (Brier 1950)."""
    target = np.zeros_like(probabilities)
    target[np.arange(len(truth)), truth] = 1.0
    return float(((probabilities - target) ** 2).sum(axis=1).mean())


def reliability_bins(
    confidence: FloatArray, correct: BoolArray, n_bins: int = 15
) -> tuple[ReliabilityBin, ...]:
    """Equal-width confidence bins (Guo et al. 2017); empty bins are left out."""
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    place = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, n_bins - 1)
    return tuple(
        ReliabilityBin(
            low=float(edges[index]),
            high=float(edges[index + 1]),
            confidence=float(confidence[place == index].mean()),
            accuracy=float(correct[place == index].mean()),
            count=int((place == index).sum()),
        )
        for index in range(n_bins)
        if (place == index).any()
    )


def expected_calibration_error(
    confidence: FloatArray, correct: BoolArray, n_bins: int = 15
) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017, equation 3)."""
    total = len(confidence)
    return float(
        sum(
            bar.count / total * abs(bar.accuracy - bar.confidence)
            for bar in reliability_bins(confidence, correct, n_bins)
        )
    )


def false_positive_rate_at_recall(
    scores: FloatArray, positive: BoolArray, recall: float = 0.95
) -> float:
    """Share of negatives above the threshold that finds ``recall`` of the positives.

    nan when one class is absent.
    """
    if not positive.any() or positive.all():
        return float("nan")
    threshold = np.quantile(scores[positive], 1.0 - recall, method="lower")
    return float(np.mean(scores[~positive] >= threshold))


def detection_auroc(scores: FloatArray, positive: BoolArray) -> float:
    """Area under the ROC curve; nan when one class is absent."""
    from scipy.stats import rankdata

    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return float("nan")
    ranks = rankdata(scores)
    return float(
        (ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)
    )


def risk_coverage_curve(
    confidence: FloatArray, correct: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Error among the most confident rows against the share of rows answered.

    Returns
    -------
    coverage, risk : ndarray, shape (n,)
        From the most confident row to all rows.
    """
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    risk = np.cumsum(~correct[order]) / answered
    return answered / len(order), risk


def area_under_risk_coverage(confidence: FloatArray, correct: BoolArray) -> float:
    """Mean risk over coverages (AURC, Geifman and El-Yaniv 2017); lower is better."""
    _coverage, risk = risk_coverage_curve(confidence, correct)
    return float(risk.mean())


def accuracy_by_group(
    truth: IntArray, predicted: IntArray, groups: Sequence[str]
) -> Mapping[str, tuple[float, int]]:
    """Accuracy and number of rows of each group, sorted by name."""
    names = np.asarray(groups)
    return {
        str(name): (
            accuracy(truth[names == name], predicted[names == name]),
            int((names == name).sum()),
        )
        for name in np.unique(names)
    }
