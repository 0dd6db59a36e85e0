import numpy as np
import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.monitoring.misclassification import Accuracy, accuracy_against, corrected_share


def test_correction_undoes_errors_that_are_known():
    truth, accuracy = 0.70, Accuracy(sensitivity=0.92, specificity=0.81)
    seen = truth * 0.92 + (1 - truth) * (1 - 0.81)

    found = corrected_share(seen, std_error=0.02, accuracy=accuracy)

    assert found.corrected == pytest.approx(truth)
    assert found.ci_high - found.corrected == pytest.approx(1.959964 * 0.02 / 0.73, rel=1e-6)
    assert found.warnings == ()


def test_interval_counts_the_error_of_estimated_accuracy():
    # Rogan & Gladen (1978): Var = [q(1-q)/n + p² Se(1-Se)/n1 + (1-p)² Sp(1-Sp)/n2] / J².
    error = np.sqrt(0.6 * 0.4 / 500)
    accuracy = Accuracy(sensitivity=0.9, specificity=0.8, n_green=120, n_other=80)

    found = corrected_share(0.6, std_error=error, accuracy=accuracy)

    share = (0.6 + 0.8 - 1) / 0.7
    variance = error**2 + share**2 * 0.9 * 0.1 / 120 + (1 - share) ** 2 * 0.8 * 0.2 / 80
    assert found.ci_high - found.ci_low == pytest.approx(2 * 1.959964 * np.sqrt(variance) / 0.7)


def test_interval_covers_the_truth_in_about_nineteen_samples_of_twenty():
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(2_000):
        seen = rng.binomial(400, 0.7 * 0.9 + 0.3 * 0.2) / 400
        accuracy = Accuracy(
            sensitivity=rng.binomial(150, 0.9) / 150,
            specificity=rng.binomial(100, 0.8) / 100,
            n_green=150,
            n_other=100,
        )
        error = np.sqrt(seen * (1 - seen) / 400)
        found = corrected_share(seen, std_error=error, accuracy=accuracy)
        covered.append(found.ci_low <= 0.7 <= found.ci_high)

    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_a_measure_no_better_than_chance_is_refused():
    with pytest.raises(CampaignError, match="spécificité ≤ 1"):
        corrected_share(0.5, std_error=0.02, accuracy=Accuracy(sensitivity=0.6, specificity=0.4))


@pytest.mark.parametrize(("seen", "edge"), [(0.05, 0.0), (0.97, 1.0)])
def test_a_share_outside_0_and_1_is_cut_and_said(seen, edge):
    accuracy = Accuracy(sensitivity=0.9, specificity=0.85)

    found = corrected_share(seen, std_error=0.02, accuracy=accuracy)

    assert found.corrected == edge
    assert found.uncut != edge
    assert "sort de l'intervalle" in found.warnings[0]


def test_accuracy_is_read_whichever_rating_is_the_reference_one():
    pairs = pd.DataFrame(
        [
            ("vert", "vert", "a", "referent"),
            ("orange", "vert", "b", "referent"),
            ("vert", "rouge", "referent", "a"),
            ("rouge", "vert", "referent", "a"),
            ("vert", "vert", "a", "b"),
        ],
        columns=["couleur_1", "couleur_2", "controleur_1", "controleur_2"],
    )

    found = accuracy_against(pairs, reference="referent")

    assert (found.n_green, found.n_other) == (3, 1)
    assert found.sensitivity == pytest.approx(1 / 3)
    assert found.specificity == 0
    assert accuracy_against(pairs, reference="c") is None
