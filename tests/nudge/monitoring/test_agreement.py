import numpy as np
import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.monitoring.agreement import confusion, double_ratings, weighted_kappa

# Cohen (1968), Psychological Bulletin 70, table 1: 200 diagnoses, disagreement weights.
COHEN_1968 = 200 * np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
COHEN_WEIGHTS = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
# Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72: 200 diagnoses, agreement weights.
FLEISS_1969 = np.array([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
FLEISS_WEIGHTS = 1 - np.array([[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]])


def test_kappas_of_cohen_1968():
    assert weighted_kappa(COHEN_1968, weights=None).estimate == pytest.approx(0.492, abs=5e-4)
    weighted = weighted_kappa(COHEN_1968, weights=COHEN_WEIGHTS)
    assert weighted.estimate == pytest.approx(0.348, abs=5e-4)


def test_kappas_and_variances_of_fleiss_cohen_and_everitt_1969():
    plain = weighted_kappa(FLEISS_1969, weights=None)
    weighted = weighted_kappa(FLEISS_1969, weights=FLEISS_WEIGHTS)

    assert plain.estimate == pytest.approx(0.429, abs=5e-4)
    assert plain.std_error**2 == pytest.approx(0.002885, abs=5e-7)
    assert weighted.estimate == pytest.approx(0.507, abs=5e-4)
    assert weighted.std_error**2 == pytest.approx(0.003248, abs=5e-7)
    assert plain.agreement == pytest.approx(0.70)
    assert plain.n == 200


def test_quadratic_weights_forgive_near_misses_more_than_linear_ones():
    table = [[40, 8, 0], [8, 30, 8], [0, 8, 20]]
    far = [[40, 0, 8], [0, 30, 0], [8, 0, 20]]

    linear, quadratic = (weighted_kappa(table, weights=w) for w in ("linear", "quadratic"))

    assert quadratic.estimate > linear.estimate > weighted_kappa(table, weights=None).estimate
    assert weighted_kappa(far, weights="quadratic").estimate < quadratic.estimate


def test_interval_covers_in_about_nineteen_samples_of_twenty():
    rng = np.random.default_rng(1)
    joint = np.array([[0.5, 0.06, 0.01], [0.06, 0.2, 0.03], [0.01, 0.03, 0.1]])
    truth = weighted_kappa(joint * 1e6).estimate
    samples = rng.multinomial(200, joint.ravel(), size=1_000).reshape(-1, 3, 3)

    found = [weighted_kappa(one) for one in samples]

    covered = np.mean([one.ci_low <= truth <= one.ci_high for one in found])
    assert covered == pytest.approx(0.95, abs=0.02)


def test_kappa_is_not_defined_where_everything_is_green():
    assert weighted_kappa([[30, 0, 0], [0, 0, 0], [0, 0, 0]]) is None
    assert weighted_kappa(np.zeros((3, 3))) is None


def test_a_table_that_is_not_square_is_refused():
    with pytest.raises(CampaignError, match="carré"):
        weighted_kappa([[1, 2, 3], [4, 5, 6]])


def test_second_ratings_find_their_bin():
    checks = pd.DataFrame(
        [
            ("z1", "f1", "v1", "2027-02-01", True, "vert", "a", 1),
            ("z1", "f1", "v1", "2027-02-01", True, "rouge", "b", 2),
            ("z1", "f2", "v1", "2027-02-01", True, "orange", "a", 1),
            ("z1", "f1", "v2", "2027-03-01", True, "vert", "a", 1),
            ("z1", "f3", "v1", "2027-02-01", False, None, "a", 1),
        ],
        columns=[
            "zone_id", "foyer_id", "vague", "date", "presente", "couleur", "controleur", "rang",
        ],
    )  # fmt: skip

    pairs = double_ratings(checks)
    table = confusion(pairs)

    assert len(pairs) == 1
    assert table.loc["vert", "rouge"] == 1
    assert table.to_numpy().sum() == 1
    assert list(table.index) == list(table.columns) == ["vert", "orange", "rouge"]
