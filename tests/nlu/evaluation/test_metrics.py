import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from nlu.evaluation.metrics import (
    ConfusionPair,
    accuracy,
    accuracy_by_group,
    area_under_risk_coverage,
    brier_score,
    class_scores,
    confusion_matrix,
    confusion_pairs,
    detection_auroc,
    expected_calibration_error,
    false_positive_rate_at_recall,
    macro_f1,
    reliability_bins,
    risk_coverage_curve,
)

LABELS = ("eau", "bac", "tri", "jamais")


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    return truth, np.where(rng.random(300) < 0.7, truth, rng.integers(0, 3, 300))


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(1)
    positive = rng.random(500) < 0.2
    return np.round(rng.normal(size=500) + 1.5 * positive, 1), positive  # rounded: with ties


def test_accuracy_and_macro_f1_are_scikit_learns(answers):
    truth, predicted = answers
    assert accuracy(truth, predicted) == pytest.approx(reference.accuracy_score(truth, predicted))
    # A label that never occurs does not count as a zero.
    expected = reference.f1_score(truth, predicted, average="macro")
    assert macro_f1(truth, predicted, len(LABELS)) == pytest.approx(expected)


def test_a_label_that_is_only_ever_predicted_counts_as_zero_in_macro_f1():
    truth, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 2, 1])
    assert macro_f1(truth, predicted, 4) == pytest.approx((0.8 + 1.0 + 0.0) / 3)


def test_scores_of_each_label_are_scikit_learns(answers):
    expected = reference.precision_recall_fscore_support(
        *answers, labels=range(len(LABELS)), zero_division=0
    )
    found = class_scores(*answers, LABELS)
    assert tuple(score.label for score in found) == LABELS
    for place, name in enumerate(("precision", "recall", "f1", "support")):
        assert [getattr(score, name) for score in found] == pytest.approx(expected[place])


def test_the_confusion_matrix_has_right_labels_in_rows(answers):
    expected = reference.confusion_matrix(*answers, labels=range(4))
    assert (confusion_matrix(*answers, 4) == expected).all()


def test_confusions_come_most_frequent_first_with_their_share_of_the_right_label():
    matrix = np.array([[5, 1, 0], [4, 6, 0], [1, 0, 1]])
    assert confusion_pairs(matrix, ("eau", "bac", "tri")) == (
        ConfusionPair(truth="bac", predicted="eau", count=4, share=0.4),
        ConfusionPair(truth="tri", predicted="eau", count=1, share=0.5),
        ConfusionPair(truth="eau", predicted="bac", count=1, share=1 / 6),
    )


def test_the_brier_score_is_the_sum_of_those_of_each_label():
    rng = np.random.default_rng(2)
    probabilities, truth = rng.dirichlet(np.ones(4), 50), rng.integers(0, 4, 50)
    each = [reference.brier_score_loss(truth == k, probabilities[:, k]) for k in range(4)]
    assert brier_score(probabilities, truth) == pytest.approx(sum(each))
    assert brier_score(np.array([[0.0, 1.0]]), np.array([0])) == 2.0


def test_the_calibration_error_of_a_worked_example():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    correct = np.array([True, True, True, False, True, False])
    # Bins of a tenth: 4/6 * |0.75 - 0.95| + 2/6 * |0.5 - 0.55|.
    expected = 4 / 6 * 0.2 + 2 / 6 * 0.05
    assert expected_calibration_error(confidence, correct, 10) == pytest.approx(expected)


def test_the_calibration_error_follows_guos_equation_with_bins_open_on_the_left():
    rng = np.random.default_rng(3)
    confidence = np.append(rng.random(400), [0.2, 0.4, 1.0])
    correct = rng.random(403) < confidence**2
    total = 0.0
    for low, high in ((m / 15, (m + 1) / 15) for m in range(15)):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.sum() * abs(correct[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(confidence, correct) == pytest.approx(total / 403)


def test_a_perfectly_calibrated_confidence_has_a_small_error_and_a_loud_one_has_not():
    rng = np.random.default_rng(4)
    confidence = rng.uniform(0.3, 1.0, 20_000)
    assert expected_calibration_error(confidence, rng.random(20_000) < confidence) < 0.02
    loud = expected_calibration_error(confidence, rng.random(20_000) < confidence - 0.2)
    assert loud == pytest.approx(0.2, abs=0.02)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_reliability_bins_hold_every_row_once(pairs):
    confidence, correct = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])
    bins = reliability_bins(confidence, correct)
    assert sum(bar.count for bar in bins) == len(pairs)
    assert all(bar.low - 1e-9 <= bar.confidence <= bar.high + 1e-9 for bar in bins)
    right = sum(bar.count * bar.accuracy for bar in bins)
    assert right == pytest.approx(correct.sum())


def test_the_detection_area_is_scikit_learns_with_ties(scored):
    scores, positive = scored
    assert detection_auroc(scores, positive) == pytest.approx(
        reference.roc_auc_score(positive, scores)
    )


@pytest.mark.parametrize("recall", [0.8, 0.95, 1.0])
def test_false_positives_at_a_recall_are_those_of_the_roc_curve(recall):
    rng = np.random.default_rng(5)
    positive = np.arange(2000) % 4 == 0
    scores = rng.normal(size=2000) + positive
    found = false_positive_rate_at_recall(scores, positive, recall)
    fpr, tpr, _thresholds = reference.roc_curve(positive, scores, drop_intermediate=False)
    # The first threshold that reaches the recall, or the one that finds one positive more.
    assert found >= fpr[tpr >= recall - 1e-12].min() - 1e-12
    assert found <= fpr[tpr >= min(1.0, recall + 1 / positive.sum()) - 1e-12].min() + 1e-12


@pytest.mark.parametrize("kind", [True, False])
def test_detection_is_undefined_when_one_class_is_absent(kind):
    scores, positive = np.array([0.1, 0.2]), np.array([kind, kind])
    assert np.isnan(detection_auroc(scores, positive))
    assert np.isnan(false_positive_rate_at_recall(scores, positive))


def test_risk_falls_as_coverage_does_when_confidence_is_informative():
    confidence = np.array([0.6, 0.9, 0.7, 0.8])
    correct = np.array([False, True, False, True])
    coverage, risk = risk_coverage_curve(confidence, correct)
    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert risk == pytest.approx([0.0, 0.0, 1 / 3, 0.5])
    assert area_under_risk_coverage(confidence, correct) == pytest.approx((1 / 3 + 0.5) / 4)


def test_the_last_risk_is_the_error_rate_and_a_better_order_has_a_smaller_area(answers):
    truth, predicted = answers
    correct = truth == predicted
    rng = np.random.default_rng(6)
    useful = correct + rng.normal(scale=0.5, size=300)
    assert risk_coverage_curve(useful, correct)[1][-1] == pytest.approx(1 - correct.mean())
    assert area_under_risk_coverage(useful, correct) < area_under_risk_coverage(
        rng.random(300), correct
    )


def test_accuracy_by_group_counts_each_group_alone():
    truth, predicted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 1])
    assert accuracy_by_group(truth, predicted, ["sms", "std", "std", "oral"]) == {
        "oral": (0.0, 1),
        "sms": (1.0, 1),
        "std": (0.5, 2),
    }


def test_without_rows_accuracy_is_undefined():
    nothing = np.array([], np.int64)
    assert np.isnan(accuracy(nothing, nothing))
    assert np.isnan(macro_f1(nothing, nothing, 3))
