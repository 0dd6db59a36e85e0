"""One honest measurement of a classifier on a held-out split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import datasets as hf_datasets
from nlu.calibration.decision import DECISIONS, decide
from nlu.calibration.out_of_scope import METHODS, out_of_scope_scores
from nlu.classifier.intent_classifier import IntentClassifier
from nlu.classifier.scoring import Scores
from nlu.corpus.loading import corpus_fingerprint, further_splits
from nlu.corpus.taxonomy import Taxonomy
from nlu.errors import InputError
from nlu.evaluation import metrics
from nlu.evaluation.baseline import fit_baseline
from nlu.evaluation.bootstrap import Interval, bootstrap_interval
from nlu.evaluation.paired_comparison import PairedComparison, compare_paired
from nlu.evaluation.robustness import PerturbationDrop, perturbation_drops

IntArray = npt.NDArray[np.int64]
Statistic = Callable[[IntArray], float]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAccuracy:
    """Accuracy of a group of rows.

    Attributes
    ----------
    group : str
        Theme, register or other name.
    rows : int
        Rows.
    accuracy : Interval
        Family bootstrap.
    """

    group: str
    rows: int
    accuracy: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstError:
    """A wrong answer; the list is sorted by confidence, most confident first."""

    text: str
    truth: str
    predicted: str
    confidence: float
    decision: str
    register: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineComparison:
    """TF-IDF + linear SVM on the same rows.

    Attributes
    ----------
    accuracy, macro_f1 : Interval
        Of the baseline.
    comparison : PairedComparison
        Classifier (first) against baseline (second).
    """

    accuracy: Interval
    macro_f1: Interval
    comparison: PairedComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything the report shows.

    Attributes
    ----------
    split : str
        Split measured.
    rows, families : int
        Size of the split.
    fingerprint : str
        SHA-256 of the corpus.
    labels : tuple of str
        Order of ``matrix``.
    headline : dict of str to Interval
        Metric name to estimate with its 95 % interval (family bootstrap).
    classes : tuple of ClassScore
        Label by label.
    groups : dict of str to tuple of GroupAccuracy
        ``theme``, ``register``, ``subtype`` where the corpus has them.
    matrix : ndarray of int64, shape (n_labels, n_labels)
        Confusion matrix, right labels in rows.
    pairs : tuple of ConfusionPair
        Confusions, most frequent first.
    reliability : tuple of ReliabilityBin
        Of the calibrated confidence.
    coverage, risk : ndarray, shape (n,)
        Risk-coverage curve.
    decisions : dict of str to int
        Rows by decision.
    out_of_scope_methods : dict of str to (float, float)
        AUROC and FPR at 95 % recall of every score; empty without out-of-scope rows.
    strange_scores : tuple of two ndarray
        Out-of-scope probability of rows in scope and of rows out of scope.
    errors : tuple of WorstError
        Wrong answers, most confident first.
    baseline : BaselineComparison or None
    robustness : tuple of PerturbationDrop
        Empty when not asked for.
    """

    split: str
    rows: int
    families: int
    fingerprint: str
    labels: tuple[str, ...]
    headline: Mapping[str, Interval]
    classes: tuple[metrics.ClassScore, ...]
    groups: Mapping[str, tuple[GroupAccuracy, ...]]
    matrix: IntArray
    pairs: tuple[metrics.ConfusionPair, ...]
    reliability: tuple[metrics.ReliabilityBin, ...]
    coverage: npt.NDArray[np.floating]
    risk: npt.NDArray[np.floating]
    decisions: Mapping[str, int]
    out_of_scope_methods: Mapping[str, tuple[float, float]]
    strange_scores: tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]
    errors: tuple[WorstError, ...]
    baseline: BaselineComparison | None
    robustness: tuple[PerturbationDrop, ...]


def evaluate_classifier(
    classifier: IntentClassifier,
    corpus: hf_datasets.DatasetDict,
    *,
    split: str = "test",
    taxonomy: Taxonomy | None = None,
    with_baseline: bool = True,
    with_robustness: bool = True,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a classifier on one split.

    Parameters
    ----------
    classifier : IntentClassifier
    corpus : datasets.DatasetDict
        From :func:`nlu.corpus.loading.load_corpus`; the baseline trains on ``train``.
    split : str
        Split to measure.
    taxonomy : Taxonomy, optional
        Gives themes and the first release's scope.
    with_baseline, with_robustness : bool
        Parts that take most of the time.
    progress : callable, optional
        Called with the name of each step.

    Raises
    ------
    InputError
        When the corpus has labels that the classifier does not know.
    """
    note = progress or (lambda _step: None)
    rows = corpus[split]
    texts, truth_names = list(rows["text"]), list(rows["intent"])
    column_of = {label: column for column, label in enumerate(classifier.labels)}
    unknown = sorted(set(truth_names) - set(column_of))
    if unknown:
        raise InputError(
            f"the classifier was not trained for {', '.join(unknown)}: "
            "evaluate it on the corpus it was trained on"
        )
    families = list(rows["family"]) if "family" in rows.column_names else _own_families(texts)
    truth = np.asarray([column_of[name] for name in truth_names], np.int64)
    note("reading messages")
    scores = classifier.score(texts)
    predicted = scores.probabilities.argmax(axis=1).astype(np.int64)
    confidence = scores.probabilities.max(axis=1)
    correct = predicted == truth
    decided = [
        decision
        for decision, _reason in decide(
            scores.probabilities,
            scores.out_of_scope,
            classifier.artifact.thresholds,
            out_of_scope_column=classifier.out_of_scope_column,
        )
    ]
    strange = (
        truth == classifier.out_of_scope_column
        if classifier.out_of_scope_column is not None
        else np.zeros(len(truth), np.bool_)
    )
    subtype = np.asarray(rows["subtype"]) if "subtype" in rows.column_names else None
    note("intervals")
    statistics = _headline_statistics(scores, truth, predicted, np.asarray(decided), strange)
    statistics |= _near_and_far(scores, strange, subtype)
    statistics |= _coverage_statistics(truth_names, np.asarray(decided), taxonomy, correct)
    headline = {
        name: bootstrap_interval(statistic, families) for name, statistic in statistics.items()
    }
    if split == "test":
        headline |= _further_accuracies(classifier, corpus, column_of, correct, families, note)
    groups = {"register": _groups(rows, "register", correct, families)}
    if taxonomy is not None:
        themes = [taxonomy.theme_of.get(name, "?") for name in truth_names]
        groups["theme"] = _group_accuracies(themes, correct, families)
    if subtype is not None and strange.any():
        names = [f"{name}" if name else "in scope" for name in subtype]
        groups["subtype"] = _group_accuracies(names, correct, families)
    matrix = metrics.confusion_matrix(truth, predicted, len(classifier.labels))
    coverage, risk = metrics.risk_coverage_curve(confidence, correct)
    registers = rows["register"] if "register" in rows.column_names else [""] * len(texts)
    wrong = np.flatnonzero(~correct)
    baseline = None
    if with_baseline:
        note("TF-IDF + linear SVM")
        baseline = _compare_with_baseline(corpus, texts, truth_names, column_of, correct, families)
    robustness: tuple[PerturbationDrop, ...] = ()
    if with_robustness:
        robustness = perturbation_drops(
            lambda noisy: [
                classifier.labels[column]
                for column in classifier.score(noisy).probabilities.argmax(axis=1)
            ],
            texts,
            truth_names,
            families,
            on_perturbation=lambda name: note(f"robustness: {name}"),
        )
    return Evaluation(
        split=split,
        rows=len(texts),
        families=len(set(families)),
        fingerprint=corpus_fingerprint(corpus),
        labels=classifier.labels,
        headline=headline,
        classes=metrics.class_scores(truth, predicted, classifier.labels),
        groups={name: members for name, members in groups.items() if members},
        matrix=matrix,
        pairs=metrics.confusion_pairs(matrix, classifier.labels),
        reliability=metrics.reliability_bins(confidence, correct),
        coverage=coverage,
        risk=risk,
        decisions={decision: decided.count(decision) for decision in DECISIONS},
        out_of_scope_methods=_compare_methods(classifier, scores, strange),
        strange_scores=(scores.out_of_scope[~strange], scores.out_of_scope[strange]),
        errors=tuple(
            WorstError(
                text=texts[row],
                truth=truth_names[row],
                predicted=classifier.labels[predicted[row]],
                confidence=float(confidence[row]),
                decision=decided[row],
                register=registers[row],
            )
            for row in wrong[np.argsort(-confidence[wrong], kind="stable")]
        ),
        baseline=baseline,
        robustness=robustness,
    )


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Numbers of an evaluation as plain JSON types, for ``metrics.json``."""
    result: dict[str, Any] = {
        "split": evaluation.split,
        "rows": evaluation.rows,
        "families": evaluation.families,
        "corpus_fingerprint": evaluation.fingerprint,
        "headline": {
            name: {"estimate": value.estimate, "low": value.low, "high": value.high}
            for name, value in evaluation.headline.items()
        },
        "decisions": dict(evaluation.decisions),
        "out_of_scope_methods": {
            name: {"auroc": auroc, "fpr_at_95_recall": fpr}
            for name, (auroc, fpr) in evaluation.out_of_scope_methods.items()
        },
        "intents": {score.label: score.f1 for score in evaluation.classes},
        "groups": {
            name: {member.group: member.accuracy.estimate for member in members}
            for name, members in evaluation.groups.items()
        },
    }
    if evaluation.baseline is not None:
        comparison = evaluation.baseline.comparison
        result["baseline"] = {
            "accuracy": evaluation.baseline.accuracy.estimate,
            "macro_f1": evaluation.baseline.macro_f1.estimate,
            "accuracy_gain": comparison.difference.estimate,
            "accuracy_gain_low": comparison.difference.low,
            "accuracy_gain_high": comparison.difference.high,
            "mcnemar_p_value": comparison.p_value,
        }
    if evaluation.robustness:
        result["robustness"] = {
            drop.perturbation: {"accuracy": drop.accuracy, "drop": drop.drop.estimate}
            for drop in evaluation.robustness
        }
    return result


def _further_accuracies(
    classifier: IntentClassifier,
    corpus: hf_datasets.DatasetDict,
    column_of: Mapping[str, int],
    correct: npt.NDArray[np.bool_],
    families: Sequence[str],
    note: Progress,
) -> dict[str, Interval]:
    """Accuracy on each further held-out split, and on all held-out rows together."""
    accuracies = {}
    everything, kinship = [correct.astype(float)], list(families)
    for name in further_splits(corpus):
        note(f"split {name}")
        rows = corpus[name]
        truth = np.asarray([column_of[intent] for intent in rows["intent"]], np.int64)
        right = (classifier.score(rows["text"]).probabilities.argmax(axis=1) == truth).astype(float)
        own = list(rows["family"]) if "family" in rows.column_names else _own_families(right)
        accuracies[f"accuracy_{name}"] = bootstrap_interval(_mean_of(right), own)
        everything.append(right)
        kinship += own
    if accuracies:
        together = np.concatenate(everything)
        accuracies["accuracy_all_held_out"] = bootstrap_interval(_mean_of(together), kinship)
    return accuracies


def _own_families(texts: Sequence[Any] | npt.NDArray[Any]) -> list[str]:
    return [str(row) for row in range(len(texts))]


def _headline_statistics(
    scores: Scores,
    truth: IntArray,
    predicted: IntArray,
    decided: npt.NDArray[np.str_],
    strange: npt.NDArray[np.bool_],
) -> dict[str, Statistic]:
    n_labels = scores.probabilities.shape[1]
    confidence = scores.probabilities.max(axis=1)
    correct = predicted == truth
    answered = decided == "answer"

    def answered_risk(rows: IntArray) -> float:
        kept = rows[answered[rows]]
        return float(1.0 - correct[kept].mean()) if len(kept) else float("nan")

    statistics: dict[str, Statistic] = {
        "accuracy": lambda rows: metrics.accuracy(truth[rows], predicted[rows]),
        "macro_f1": lambda rows: metrics.macro_f1(truth[rows], predicted[rows], n_labels),
        "ece": lambda rows: metrics.expected_calibration_error(confidence[rows], correct[rows]),
        "brier": lambda rows: metrics.brier_score(scores.probabilities[rows], truth[rows]),
        "aurc": lambda rows: metrics.area_under_risk_coverage(confidence[rows], correct[rows]),
        "answered_share": lambda rows: float(answered[rows].mean()),
        "answered_risk": answered_risk,
    }
    if strange.any():
        statistics["out_of_scope_auroc"] = lambda rows: metrics.detection_auroc(
            scores.out_of_scope[rows], strange[rows]
        )
        statistics["out_of_scope_fpr95"] = lambda rows: metrics.false_positive_rate_at_recall(
            scores.out_of_scope[rows], strange[rows]
        )
    return statistics


def _near_and_far(
    scores: Scores, strange: npt.NDArray[np.bool_], subtype: npt.NDArray[np.str_] | None
) -> dict[str, Statistic]:
    if subtype is None or not strange.any():
        return {}

    def against_scope(name: str) -> Statistic:
        def statistic(rows: IntArray) -> float:
            kept = rows[~strange[rows] | (subtype[rows] == name)]
            return metrics.detection_auroc(scores.out_of_scope[kept], strange[kept])

        return statistic

    return {
        "out_of_scope_auroc_near": against_scope("proche"),
        "out_of_scope_auroc_far": against_scope("lointain"),
    }


def _coverage_statistics(
    truth_names: Sequence[str],
    decided: npt.NDArray[np.str_],
    taxonomy: Taxonomy | None,
    correct: npt.NDArray[np.bool_],
) -> dict[str, Statistic]:
    if taxonomy is None:
        return {}
    first = {
        intent.name
        for intent in taxonomy.intents
        if intent.scope == "v1" and intent.name != taxonomy.out_of_scope
    }
    in_first = np.asarray([name in first for name in truth_names])
    answered = decided == "answer"

    def coverage(rows: IntArray) -> float:
        kept = rows[in_first[rows]]
        return float((answered & correct)[kept].mean()) if len(kept) else float("nan")

    return {"coverage_v1": coverage}


def _groups(
    rows: Any, column: str, correct: npt.NDArray[np.bool_], families: Sequence[str]
) -> tuple[GroupAccuracy, ...]:
    if column not in rows.column_names:
        return ()
    return _group_accuracies(list(rows[column]), correct, families)


def _group_accuracies(
    names: Sequence[str], correct: npt.NDArray[np.bool_], families: Sequence[str]
) -> tuple[GroupAccuracy, ...]:
    own, kinship = np.asarray(names), np.asarray(families)
    accuracies = []
    for name in np.unique(own):
        right = correct[own == name].astype(float)
        accuracies.append(
            GroupAccuracy(
                group=str(name),
                rows=len(right),
                accuracy=bootstrap_interval(_mean_of(right), kinship[own == name].tolist()),
            )
        )
    return tuple(accuracies)


def _mean_of(values: npt.NDArray[np.float64]) -> Statistic:
    return lambda rows: float(values[rows].mean())


def _compare_methods(
    classifier: IntentClassifier, scores: Scores, strange: npt.NDArray[np.bool_]
) -> dict[str, tuple[float, float]]:
    if not strange.any():
        return {}
    reference = classifier.artifact.detector.reference
    table = {}
    for method in METHODS:
        values = out_of_scope_scores(method, reference, scores.embeddings, scores.logits)
        table[method] = (
            metrics.detection_auroc(values, strange),
            metrics.false_positive_rate_at_recall(values, strange),
        )
    return table


def _compare_with_baseline(
    corpus: hf_datasets.DatasetDict,
    texts: Sequence[str],
    truth_names: Sequence[str],
    column_of: Mapping[str, int],
    correct: npt.NDArray[np.bool_],
    families: Sequence[str],
) -> BaselineComparison:
    model = fit_baseline(corpus["train"]["text"], corpus["train"]["intent"])
    answers = model.predict(list(texts))
    truth = np.asarray([column_of[name] for name in truth_names], np.int64)
    predicted = np.asarray([column_of[name] for name in answers], np.int64)
    n_labels = len(column_of)
    return BaselineComparison(
        accuracy=bootstrap_interval(
            lambda rows: metrics.accuracy(truth[rows], predicted[rows]), families
        ),
        macro_f1=bootstrap_interval(
            lambda rows: metrics.macro_f1(truth[rows], predicted[rows], n_labels), families
        ),
        comparison=compare_paired(correct, predicted == truth, families),
    )
