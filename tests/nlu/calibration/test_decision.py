import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from nlu.calibration.decision import (
    RiskTarget,
    Thresholds,
    choose_thresholds,
    decide,
    upper_risk_bound,
)

TARGET = RiskTarget()
CALM = RiskTarget(in_scope_rejection=0.0)
STRANGE = 2  # column of the explicit out-of-scope class


def rows(confidence, right, n_labels=4):
    """Probabilities with these top confidences, all for column 0, and labels right or wrong."""
    confidence = np.asarray(confidence, float)
    rest = (1.0 - confidence) / (n_labels - 1)
    probabilities = np.repeat(rest[:, None], n_labels, axis=1)
    probabilities[:, 0] = confidence
    return probabilities, np.where(right, 0, 3)


def choose(probabilities, labels, strange=None, *, column=None, target=CALM):
    strange = np.linspace(0, 0.1, len(labels)) if strange is None else strange
    return choose_thresholds(
        probabilities, labels, strange, out_of_scope_column=column, target=target
    )


@pytest.mark.parametrize(
    ("errors", "answered"), [(0, 1), (0, 59), (1, 93), (3, 100), (17, 40), (99, 100), (40, 2000)]
)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_bound_is_clopper_and_pearsons(errors, answered, confidence):
    _low, high = proportion_confint(errors, answered, 2 * (1 - confidence), method="beta")
    bound = upper_risk_bound(errors, answered, confidence)
    assert bound == pytest.approx(high, abs=1e-9)
    # By definition: at the bound, so few errors have probability 1 - confidence.
    assert binom.cdf(errors, answered, bound) == pytest.approx(1 - confidence, abs=1e-6)


def test_the_bound_is_one_when_nothing_is_known_or_all_is_wrong():
    assert upper_risk_bound(0, 0, 0.95) == 1.0
    assert upper_risk_bound(7, 7, 0.95) == 1.0


def test_59_right_answers_are_the_least_that_prove_five_percent():
    # The rule of three, exactly: 0.95 ** 59 < 0.05 < 0.95 ** 58.
    for n, allowed in ((58, False), (59, True)):
        probabilities, labels = rows(np.linspace(0.9, 0.6, n + 1), [True] * n + [False])
        assert (choose(probabilities, labels).answer <= 1.0) is allowed


def test_the_lowest_confidence_that_meets_the_risk_is_the_answering_threshold():
    confidence = np.linspace(0.99, 0.40, 400)
    right = np.ones(400, bool)
    right[200:] = False
    probabilities, labels = rows(confidence, right)
    found = choose(probabilities, labels)
    # 200 right, then only errors: the bound passes 5 % at 4 errors of 204, not at 5 of 205.
    assert upper_risk_bound(4, 204, 0.95) <= 0.05 < upper_risk_bound(5, 205, 0.95)
    assert found.answer == pytest.approx(confidence[203], abs=1e-12)


def test_rows_of_the_same_confidence_are_answered_together_or_not_at_all():
    # 100 right answers at 0.9 would do, but 40 errors share that confidence.
    confidence = np.full(141, 0.9)
    right = np.arange(141) < 101
    probabilities, labels = rows(confidence, right)
    assert choose(probabilities, labels).answer > 1.0


def test_a_model_that_is_never_sure_never_answers():
    rng = np.random.default_rng(0)
    probabilities, labels = rows(rng.uniform(0.3, 0.6, 300), rng.random(300) < 0.4)
    found = choose(probabilities, labels)
    assert found.answer > 1.0
    decisions = decide(probabilities, np.zeros(300), found, out_of_scope_column=None)
    assert "answer" not in {decision for decision, _reason in decisions}


def test_an_out_of_scope_message_answered_counts_as_an_error():
    probabilities, labels = rows(np.linspace(0.99, 0.8, 200), [True] * 200)
    assert choose(probabilities, labels, column=STRANGE).answer == pytest.approx(0.8, abs=2e-3)
    labels[-40:] = STRANGE
    # Their out-of-scope score is low, so nothing else keeps them from being answered.
    familiar = np.linspace(0.1, 0.0, 200)
    assert choose(probabilities, labels, familiar, column=STRANGE).answer > 0.83


@pytest.mark.parametrize("success", [0.6, 0.7, 0.9])
def test_a_clarification_holds_the_right_intent_as_often_as_asked(success):
    rng = np.random.default_rng(1)
    n = 600
    confidence = rng.uniform(0.45, 0.75, n)
    probabilities = np.full((n, 4), 0.0)
    probabilities[:, 0], probabilities[:, 1] = confidence, 0.8 * (1 - confidence)
    probabilities[:, 2:] = 0.1 * (1 - confidence)[:, None]
    labels = np.where(rng.random(n) < confidence + 0.15, rng.integers(0, 2, n), 3)
    target = RiskTarget(clarify_success=success, in_scope_rejection=0.0)
    found = choose(probabilities, labels, target=target)
    asked = (confidence >= found.clarify) & (confidence < found.answer)
    assert asked.any()
    assert np.isin(labels[asked], [0, 1]).mean() >= success
    for lower in confidence[confidence < found.clarify]:
        more = (confidence >= lower) & (confidence < found.answer)
        assert np.isin(labels[more], [0, 1]).mean() < success + 1 / more.sum()


def test_clarifications_of_equal_confidence_are_asked_together_or_not_at_all():
    # Half of the rows at 0.5 have the right intent among the two best; 70 % are wanted.
    probabilities = np.tile([0.5, 0.3, 0.1, 0.1], (100, 1))
    labels = np.where(np.arange(100) < 50, 1, 3)
    found = choose(probabilities, labels, np.linspace(0.0, 0.1, 100))
    assert found.clarify > 0.5


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=120),
    st.sampled_from([0.0, 0.03, 0.1, 0.5]),
)
def test_the_out_of_scope_score_hands_over_no_more_than_the_stated_share(scores, rejection):
    probabilities, labels = rows([0.5] * len(scores), [True] * len(scores))
    target = RiskTarget(in_scope_rejection=rejection)
    found = choose(probabilities, labels, np.array(scores), target=target)
    assert (np.array(scores) >= found.out_of_scope).mean() <= rejection + 1e-12


def test_the_out_of_scope_threshold_uses_what_it_is_allowed():
    scores = np.random.default_rng(2).permutation(1000) / 1000
    probabilities, labels = rows([0.5] * 1000, [True] * 1000)
    found = choose(probabilities, labels, scores, target=TARGET)
    assert (scores >= found.out_of_scope).mean() == pytest.approx(0.03, abs=0.002)


def test_only_messages_in_scope_set_the_out_of_scope_threshold():
    probabilities, labels = rows([0.5] * 200, [True] * 200)
    labels[100:] = STRANGE
    scores = np.where(labels == STRANGE, 0.9, np.linspace(0.0, 0.2, 200))
    assert choose(probabilities, labels, scores, column=STRANGE, target=TARGET).out_of_scope <= 0.2


def test_each_row_gets_the_decision_and_the_reason_of_its_band():
    thresholds = Thresholds(answer=0.8, clarify=0.5, out_of_scope=0.6)
    probabilities = np.array(
        [
            [0.8, 0.1, 0.1],
            [0.79, 0.11, 0.1],
            [0.5, 0.4, 0.1],
            [0.49, 0.41, 0.1],
            [0.9, 0.05, 0.05],
            [0.05, 0.05, 0.9],
        ]
    )
    strange = np.array([0.0, 0.59, 0.0, 0.0, 0.6, 0.0])
    assert decide(probabilities, strange, thresholds, out_of_scope_column=STRANGE) == [
        ("answer", "confident"),
        ("clarify", "between_two"),
        ("clarify", "between_two"),
        ("hand_over", "low_confidence"),
        ("hand_over", "out_of_scope"),
        ("hand_over", "out_of_scope"),
    ]
    without = decide(probabilities, strange, thresholds, out_of_scope_column=None)
    assert without[-1] == ("answer", "confident")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.floats(0.5, 3.0))
def test_the_clarifying_threshold_is_never_above_the_answering_one(seed, sharpness):
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 1.0, 120)
    probabilities, labels = rows(confidence, rng.random(120) < confidence**sharpness)
    found = choose(probabilities, labels, rng.random(120), target=TARGET)
    assert found.clarify <= found.answer


def broken_promises(draws, n, error_of, target):
    """Share of draws after which the true risk of answering is above the target."""
    rng = np.random.default_rng(7)
    fresh = rng.beta(9, 1, 200_000)
    fresh_error = error_of(fresh)
    broken = answered = 0
    for _ in range(draws):
        confidence = rng.beta(9, 1, n)
        right = rng.random(n) >= error_of(confidence)
        found = choose(*rows(confidence, right), target=target)
        kept = fresh >= found.answer
        if kept.any():
            answered += kept.mean() / draws
            broken += fresh_error[kept].mean() > target.answer_risk
    return broken / draws, answered


# Of 200 draws, 5 % may break the promise: 9.6 % is three standard errors above.
NOISE = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_stated_risk_holds_on_fresh_messages_when_confidence_is_calibrated():
    broken, answered = broken_promises(200, 400, lambda confidence: 1 - confidence, CALM)
    assert broken <= NOISE
    assert answered > 0.15


def test_the_stated_risk_holds_on_fresh_messages_even_when_confidence_says_nothing():
    # Every message is wrong 5.1 % of the time, so no threshold keeps 5 %: none may be found,
    # but in one draw of twenty. Trying every threshold finds one more often than that.
    broken, _answered = broken_promises(
        200, 400, lambda confidence: np.full_like(confidence, 0.051), CALM
    )
    assert broken <= NOISE
