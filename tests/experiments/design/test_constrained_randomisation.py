import numpy as np
import pytest

from experiments.design.admissible_allocations import admissible_allocations
from experiments.design.allocation_set import observed_allocations
from experiments.design.cluster_frame import cluster_frame
from experiments.design.constrained_randomisation import (
    balance_scores,
    kept_threshold,
    scaled_covariates,
)
from experiments.design.covariate_columns import covariate_columns
from experiments.errors import InputError

EVERY = observed_allocations(np.repeat([0, 1], 8), n_arms=2).allocations


def dickinson_scores(dickinson, names, **options):
    frame = cluster_frame(dickinson, cluster_column="county")
    columns = covariate_columns(frame, names, reference_level=False)
    scaled = scaled_covariates(columns.values, **options)
    return balance_scores(EVERY, scaled, score=options["score"], n_arms=2)


def test_l2_scores_are_those_of_cvcrand(dickinson):
    """Vignette of the R package cvcrand: scores of the 12,870 allocations, to three decimals."""
    names = ["location", "inciis", "uptodate", "hispanic", "incomecat"]
    scores = dickinson_scores(dickinson, names, score="l2")
    assert len(scores) == 12_870
    assert scores.mean() == pytest.approx(24.000, abs=5e-4)
    assert scores.std(ddof=1) == pytest.approx(15.775, abs=5e-4)
    assert scores.min() == pytest.approx(1.161, abs=5e-4)
    assert scores.max() == pytest.approx(116.656, abs=5e-4)
    assert kept_threshold(scores, keep=0.1) == pytest.approx(7.638, abs=5e-4)


def test_the_best_tenth_is_kept_with_mirror_images_together(dickinson, dickinson_design):
    """cvcrand keeps 1,287: it loses one of two mirror images, equal but for rounding."""
    kept = admissible_allocations(dickinson_design, dickinson)
    assert kept.enumerated
    assert len(kept.allocations) == 1_288
    rows = {tuple(row) for row in kept.allocations.tolist()}
    assert {tuple(1 - code for code in row) for row in rows} == rows


def test_mahalanobis_scores_are_those_of_base_r(dickinson):
    """tests/experiments/references/balance_scores.R, to nine digits."""
    names = ["location", "inciis", "uptodate", "hispanic"]
    scores = dickinson_scores(dickinson, names, score="mahalanobis")
    assert scores.mean() == pytest.approx(4, rel=1e-9)
    assert scores.std(ddof=1) == pytest.approx(2.370073237, rel=1e-9)
    assert scores.min() == pytest.approx(0.01653395581, rel=1e-8)
    assert scores.max() == pytest.approx(15, rel=1e-9)
    assert kept_threshold(scores, keep=0.1) == pytest.approx(1.269232139, rel=1e-9)


def test_l1_and_max_difference_by_hand():
    values = np.array([[1.0], [2.0], [3.0], [6.0]])
    spread = values.std(ddof=1)
    allocation = np.array([[0, 0, 1, 1]], dtype=np.int8)
    for score, want in (
        ("l1", 3.0 / spread),  # treated sum 9 against 6 expected
        ("l2", 9.0 / spread**2),
        ("max_difference", 3.0 / spread),  # means 4.5 and 1.5
    ):
        scaled = scaled_covariates(values, score=score)
        found = balance_scores(allocation, scaled, score=score, n_arms=2)
        assert found == pytest.approx([want])


@pytest.mark.parametrize("score", ["l1", "l2", "mahalanobis", "max_difference"])
def test_scores_do_not_change_with_units_or_with_names_of_arms(score):
    rng = np.random.default_rng(8)
    values = rng.normal(size=(12, 3))
    allocations = observed_allocations(np.repeat([0, 1, 2], 4), n_arms=3).allocations[::50]
    scores = [
        balance_scores(codes, scaled_covariates(x, score=score), score=score, n_arms=3)
        for codes, x in (
            (allocations, values),
            (allocations, values * [1, 1000, -3] + 7),
            ((allocations + 1) % 3, values),
        )
    ]
    np.testing.assert_allclose(scores[1], scores[0])
    np.testing.assert_allclose(scores[2], scores[0])


def test_a_heavier_weight_tightens_the_balance_of_its_covariate(zones, dickinson_design):
    def spread(weights):
        design = dickinson_design.model_copy(
            update={
                "cluster": "zone",
                "constraint": dickinson_design.constraint.model_copy(
                    update={"covariates": ("income", "flats"), "weights": weights}
                ),
            }
        )
        kept = admissible_allocations(design, zones, n_sampled=4_000).allocations
        income = zones["income"].to_numpy()
        return np.std((2 * kept - 1) @ income)

    assert spread({"income": 10.0}) < 0.6 * spread({})


def test_a_constrained_test_has_its_level_and_an_unconstrained_one_does_not(
    dickinson, dickinson_design
):
    """Li et al. (2016): permuting allocations that could not be drawn is conservative."""
    kept = admissible_allocations(dickinson_design, dickinson).allocations.astype(float)
    every = EVERY.astype(float)
    prognostic = dickinson["uptodate"].to_numpy() / 4
    rng = np.random.default_rng(4)
    drawn = rng.integers(len(kept), size=2_000)
    outcome = prognostic + rng.normal(size=(2_000, 16))
    rejected = {}
    for name, allowed in (("kept", kept), ("every", every)):
        effects = np.abs((2 * allowed - 1) @ outcome.T)
        observed = np.abs(((2 * kept[drawn] - 1) * outcome).sum(axis=1))
        rejected[name] = np.mean((effects >= observed - 1e-9).mean(axis=0) <= 0.05)
    # Monte Carlo standard error 0.005.
    assert rejected["kept"] == pytest.approx(0.05, abs=0.015)
    assert rejected["every"] < 0.01


def test_what_cannot_be_scored_is_refused():
    constant = np.column_stack([np.arange(6.0), np.ones(6)])
    with pytest.raises(InputError, match="constant"):
        scaled_covariates(constant, score="l2")
    crowded = np.random.default_rng(1).normal(size=(5, 4))
    with pytest.raises(InputError, match="fewer covariates"):
        scaled_covariates(crowded, score="mahalanobis")
    with pytest.raises(InputError, match="takes no weights"):
        scaled_covariates(crowded[:, :2], score="mahalanobis", weights=np.array([1.0, 2.0]))
