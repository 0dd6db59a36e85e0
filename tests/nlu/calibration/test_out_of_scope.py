import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from nlu.calibration.out_of_scope import (
    METHODS,
    NEIGHBOURS,
    choose_detector,
    fit_reference,
    out_of_scope_probability,
    out_of_scope_scores,
)

STRANGE = 3  # column of the explicit class, after three labels in scope


def rows_of(n, seed, spread=1.0, far=6.0):
    """Embeddings around one centre a label, out-of-scope rows far away; uninformative logits."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(scale=2.0, size=(4, 8))
    centres[STRANGE] = -far
    labels = np.arange(n) % 4
    embeddings = (centres[labels] + rng.normal(scale=spread, size=(n, 8))).astype(np.float32)
    return embeddings, labels, rng.normal(size=(n, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def train():
    return rows_of(160, seed=0)


@pytest.fixture(scope="module")
def reference(train):
    return fit_reference(train[0], train[1], STRANGE)


@pytest.fixture(scope="module")
def dev():
    return rows_of(200, seed=1)


def test_the_reference_leaves_out_of_scope_rows_out(train, reference):
    embeddings, labels, _logits = train
    assert reference.bank.shape == (120, 8)
    assert reference.means == pytest.approx(
        np.stack([embeddings[labels == name].mean(axis=0) for name in range(3)]), abs=1e-5
    )
    everything = fit_reference(embeddings, labels, None)
    assert everything.means.shape == (4, 8)
    assert everything.bank.shape == (160, 8)


def test_mahalanobis_is_the_distance_to_the_nearest_mean_under_the_tied_covariance(
    train, reference, dev
):
    embeddings, labels, _logits = train
    kept = labels != STRANGE
    means = np.stack([embeddings[labels == name].mean(axis=0) for name in range(3)])
    residuals = embeddings[kept].astype(float) - means[labels[kept]]
    inverse = np.linalg.inv(LedoitWolf(assume_centered=True).fit(residuals).covariance_)
    expected = cdist(dev[0], means, "mahalanobis", VI=inverse).min(axis=1)
    scores = out_of_scope_scores("mahalanobis", reference, dev[0], dev[2])
    assert scores == pytest.approx(expected, rel=1e-4)


def test_knn_is_the_cosine_distance_to_the_fifth_neighbour(train, reference, dev):
    bank = train[0][train[1] != STRANGE]
    nearest = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine").fit(bank)
    expected = nearest.kneighbors(dev[0])[0][:, -1]
    scores = out_of_scope_scores("knn", reference, dev[0], dev[2])
    assert scores == pytest.approx(expected, abs=1e-5)


def test_knn_of_a_bank_smaller_than_five_uses_its_farthest_row():
    bank = np.array([[1.0, 0.0], [0.0, 1.0]])
    small = fit_reference(bank, np.array([0, 1]), None)
    scores = out_of_scope_scores("knn", small, np.array([[2.0, 0.0]]), np.zeros((1, 2)))
    assert scores == pytest.approx([1.0])


def test_softmax_energy_and_explicit_scores_follow_their_published_formulae(reference):
    logits = np.array([[2.0, 1.0, 0.0, 3.0]])
    everyone, in_scope = np.exp([2.0, 1.0, 0.0, 3.0]).sum(), np.exp([2.0, 1.0, 0.0]).sum()
    nowhere = np.zeros((1, 8))

    def score(method):
        return out_of_scope_scores(method, reference, nowhere, logits)[0]

    assert score("explicit_class") == pytest.approx(np.exp(3.0) / everyone)
    assert score("max_softmax") == pytest.approx(1.0 - np.exp(2.0) / in_scope)
    assert score("energy") == pytest.approx(-np.log(in_scope))


def test_every_score_is_higher_for_a_strange_message(reference):
    familiar = np.array([[9.0, 0.0, 0.0, -9.0]]), reference.means[:1]
    strange = np.array([[0.1, 0.0, 0.0, 3.0]]), -10 * np.ones((1, 8))
    for method in METHODS:
        low = out_of_scope_scores(method, reference, familiar[1], familiar[0])
        assert out_of_scope_scores(method, reference, strange[1], strange[0]) > low, method


def test_the_score_that_separates_best_is_kept_and_every_area_is_reported(reference, dev):
    embeddings, labels, logits = dev
    is_strange = labels == STRANGE
    detector, areas = choose_detector(reference, embeddings, logits, is_strange)
    assert set(areas) == set(METHODS)
    for method in METHODS:
        scores = out_of_scope_scores(method, reference, embeddings, logits)
        assert areas[method] == pytest.approx(roc_auc_score(is_strange, scores))
    assert detector.method in {"mahalanobis", "knn"}
    assert areas[detector.method] == max(areas.values()) > 0.99

    explicit = logits + np.where(np.arange(4) == STRANGE, 8.0 * is_strange[:, None], 0.0)
    shuffled = np.random.default_rng(5).permutation(embeddings)
    detector, areas = choose_detector(reference, shuffled, explicit, is_strange)
    assert detector.method == "explicit_class"
    assert areas["mahalanobis"] < 0.7


def test_the_probability_is_calibrated_and_grows_with_the_score(reference):
    embeddings, labels, logits = rows_of(2000, seed=2, spread=3.0, far=1.0)
    is_strange = labels == STRANGE
    detector, _areas = choose_detector(reference, embeddings, logits, is_strange)
    fresh, fresh_labels, fresh_logits = rows_of(4000, seed=3, spread=3.0, far=1.0)
    probability = out_of_scope_probability(detector, fresh, fresh_logits)
    scores = out_of_scope_scores(detector.method, reference, fresh, fresh_logits)
    assert (np.diff(probability[np.argsort(scores)]) >= 0).all()
    assert ((probability >= 0) & (probability <= 1)).all()
    assert probability.mean() == pytest.approx((fresh_labels == STRANGE).mean(), abs=0.03)


def test_a_probability_score_is_mapped_through_its_log_odds():
    rng = np.random.default_rng(4)
    truth = np.arange(4000) % 2
    log_odds = np.where(truth, 1.0, -1.0) + rng.normal(size=4000)
    # Two unit normals at -1 and 1: the exact posterior has slope 2 and intercept 0.
    logits = np.stack([-log_odds / 2, log_odds / 2], axis=1)
    anywhere = rng.normal(size=(4000, 3))
    reference = fit_reference(anywhere, truth, 1)
    detector, _areas = choose_detector(reference, anywhere, logits, truth == 1)
    assert detector.method == "explicit_class"
    assert detector.slope == pytest.approx(2.0, abs=0.2)
    assert detector.intercept == pytest.approx(0.0, abs=0.1)


def test_without_out_of_scope_rows_the_score_is_one_minus_the_confidence(train, dev):
    embeddings, labels, logits = dev
    for column, marked in ((STRANGE, np.zeros(200, bool)), (None, labels == STRANGE)):
        reference = fit_reference(train[0], train[1], column)
        detector, areas = choose_detector(reference, embeddings, logits, marked)
        assert areas == {}
        in_scope = logits if column is None else logits[:, :STRANGE]
        assert out_of_scope_probability(detector, embeddings, logits) == pytest.approx(
            1.0 - softmax(in_scope.astype(float), axis=1).max(axis=1)
        )


def test_an_unknown_score_and_a_missing_class_are_named(train, dev):
    reference = fit_reference(train[0], train[1], None)
    with pytest.raises(ValueError, match="unknown score 'magic': one of explicit_class, "):
        out_of_scope_scores("magic", reference, dev[0], dev[2])
    with pytest.raises(ValueError, match="explicit_class needs an out-of-scope label"):
        out_of_scope_scores("explicit_class", reference, dev[0], dev[2])
