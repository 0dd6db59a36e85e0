import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from nlu.calibration.temperature_scaling import (
    calibrated_probabilities,
    fit_pool,
    fit_temperature,
)


def simulated(temperature, n=4000, labels=6, seed=0):
    """Logits whose right softmax is the one at the given temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3.0, size=(n, labels))
    draws = rng.random((n, 1))
    truth = (draws > softmax(logits / temperature, axis=1).cumsum(axis=1)).sum(axis=1)
    return logits, np.minimum(truth, labels - 1)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5, 6.0])
def test_a_known_temperature_is_recovered(temperature):
    logits, truth = simulated(temperature)
    # The estimator's standard error at n = 4000 is below 3 %.
    assert fit_temperature(logits, truth) == pytest.approx(temperature, rel=0.1)
    assert fit_temperature(logits.astype(np.float32), truth) == pytest.approx(temperature, rel=0.1)


def test_no_other_temperature_has_a_lower_log_loss():
    logits, truth = simulated(2.0, n=400, seed=3)
    found = fit_temperature(logits, truth)

    def loss(temperature):
        return log_loss(truth, softmax(logits / temperature, axis=1), labels=range(6))

    assert all(loss(found) <= loss(other) + 1e-7 for other in np.geomspace(0.05, 20, 200))


def test_an_over_confident_network_gets_a_temperature_above_one_and_keeps_its_answers():
    logits, truth = simulated(1.0)
    loud = logits * 3
    temperature = fit_temperature(loud, truth)
    probabilities = calibrated_probabilities(loud, temperature)
    assert temperature == pytest.approx(3.0, rel=0.1)
    assert (probabilities.argmax(axis=1) == loud.argmax(axis=1)).all()
    right = probabilities.argmax(axis=1) == truth
    assert probabilities.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.02)


def test_probabilities_are_the_softmax_of_scaled_logits():
    rows = calibrated_probabilities(np.array([[0.0, np.log(9.0)]]), 2.0)
    assert rows[0] == pytest.approx([0.25, 0.75], abs=1e-12)  # sqrt(9) = 3 to 1
    huge = calibrated_probabilities(np.array([[1e4, -1e4, 0.0]], np.float32), 0.05)
    assert huge[0] == pytest.approx([1.0, 0.0, 0.0])
    assert huge.dtype == np.float64


@pytest.mark.parametrize("right", [True, False])
def test_rows_that_are_all_right_or_all_wrong_stay_within_the_limits(right):
    logits = np.tile([5.0, 0.0], (20, 1))
    temperature = fit_temperature(logits, np.full(20, 0 if right else 1))
    assert 0.05 <= temperature <= 20.0


def test_an_empty_dev_split_is_named():
    with pytest.raises(ValueError, match="dev split is empty"):
        fit_temperature(np.empty((0, 3)), np.empty(0, np.int64))


def test_a_pool_recovers_a_known_temperature_and_weight():
    rng = np.random.default_rng(5)
    logits, scores = rng.normal(scale=2.0, size=(2, 6000, 5))
    right = softmax((logits + 0.6 * scores) / 1.5, axis=1)
    truth = (rng.random((6000, 1)) > right.cumsum(axis=1)).sum(axis=1).clip(max=4)
    temperature, weight = fit_pool(logits, scores, truth)
    assert temperature == pytest.approx(1.5, rel=0.1)
    assert weight == pytest.approx(0.6, abs=0.08)


@pytest.mark.parametrize("lie", [0.0, 2.0])
def test_a_second_scorer_that_does_not_help_is_left_out_and_never_turned_round(lie):
    logits, truth = simulated(2.0)
    scores = np.random.default_rng(6).normal(size=logits.shape)
    scores[np.arange(len(truth)), truth] -= lie
    temperature, weight = fit_pool(logits, scores, truth)
    assert temperature == pytest.approx(2.0, rel=0.1)
    assert 0.0 <= weight < (0.2 if lie == 0.0 else 1e-3)


def test_a_pool_needs_held_out_rows():
    nothing = np.empty((0, 3))
    with pytest.raises(ValueError, match="dev split is empty"):
        fit_pool(nothing, nothing, np.empty(0, np.int64))
