import numpy as np
import pytest
from scipy.special import softmax

from nlu.calibration.temperature_scaling import fit_pool


def draw(rng, n, weight, temperature, n_labels=6):
    logits, scores = rng.normal(size=(2, n, n_labels)) * 3
    probabilities = softmax((logits + weight * scores) / temperature, axis=1)
    labels = np.array([rng.choice(n_labels, p=row) for row in probabilities])
    return logits, scores, labels


def test_the_pool_recovers_temperature_and_weight():
    logits, scores, labels = draw(np.random.default_rng(3), 20_000, weight=1.7, temperature=2.0)
    temperature, weight = fit_pool(logits, scores, labels)
    assert temperature == pytest.approx(2.0, rel=0.05)
    assert weight == pytest.approx(1.7, rel=0.05)


def test_a_scorer_that_says_nothing_gets_no_weight():
    rng = np.random.default_rng(4)
    logits, _, labels = draw(rng, 20_000, weight=0.0, temperature=1.0)
    _, weight = fit_pool(logits, rng.normal(size=logits.shape), labels)
    assert weight < 0.05


def test_a_scorer_that_is_wrong_is_left_out_and_not_turned_round():
    logits, scores, labels = draw(np.random.default_rng(5), 5_000, weight=1.0, temperature=1.0)
    _, weight = fit_pool(logits, -scores, labels)
    assert weight == 0.0


def test_without_held_out_rows_it_refuses():
    with pytest.raises(ValueError, match="dev split"):
        fit_pool(np.empty((0, 3)), np.empty((0, 3)), np.empty(0, np.int64))
