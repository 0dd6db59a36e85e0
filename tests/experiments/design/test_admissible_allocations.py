import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.design.admissible_allocations import admissible_allocations
from experiments.design.trial_design import TrialDesign
from experiments.errors import AssumptionError, InputError


def design(**fields):
    return TrialDesign(**{"name": "x", "cluster": "zone", "arms": ("c", "t"), "seed": 5, **fields})


def test_the_set_does_not_depend_on_the_order_of_rows_or_on_names(zones):
    declared = design(constraint={"covariates": ("income", "flats"), "keep": 0.1})
    first = admissible_allocations(declared, zones)
    shuffled = admissible_allocations(declared, zones.sample(frac=1, random_state=9))
    assert np.array_equal(first.allocations, shuffled.allocations)
    # Other names in the same order draw the same rows.
    renamed = admissible_allocations(declared, zones.assign(zone=range(101, 125)))
    assert np.array_equal(first.allocations, renamed.allocations)


def test_seeds_matter_where_the_set_is_sampled_and_only_there(zones):
    sampled = design()
    assert not np.array_equal(
        admissible_allocations(sampled, zones).allocations,
        admissible_allocations(sampled, zones, seed=6).allocations,
    )
    listed = design(pairs={"match_on": ("income",)})
    few = zones.head(12)
    assert np.array_equal(
        admissible_allocations(listed, few).allocations,
        admissible_allocations(listed, few, seed=6).allocations,
    )
    with pytest.raises(InputError, match="no seed"):
        admissible_allocations(design(seed=None), zones)
    with pytest.raises(InputError, match="not negative"):
        admissible_allocations(design(), zones, seed=-1)


def test_rerandomisation_accepts_its_share_and_reduces_variance_as_in_theory():
    """Morgan and Rubin (2012), theorem 3.1: covariate variance falls by 1 - v_a."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["x", "y", "z"])
    frame["zone"] = range(60)
    accepted = admissible_allocations(
        design(rerandomisation={"covariates": ("x", "y", "z"), "acceptance": 0.1}), frame
    )
    free = admissible_allocations(design(), frame)
    assert accepted.size / free.size == pytest.approx(0.1, abs=0.01)
    bound = stats.chi2.ppf(0.1, 3)
    remaining = stats.chi2.cdf(bound, 5) / stats.chi2.cdf(bound, 3)
    variance = [
        ((2 * found.allocations - 1) @ frame["x"].to_numpy()).var() for found in (accepted, free)
    ]
    # 20,000 draws: relative standard error 1.4 %.
    assert variance[0] / variance[1] == pytest.approx(remaining, rel=0.1)


def test_a_sampled_constraint_keeps_its_share(zones):
    kept = admissible_allocations(
        design(constraint={"covariates": ("income", "flats"), "keep": 0.05}), zones
    )
    assert not kept.enumerated
    assert kept.size / 2_704_156 == pytest.approx(0.05, rel=0.1)


def test_a_threshold_nothing_meets_is_refused(zones):
    tight = design(constraint={"covariates": ("income", "flats"), "threshold": 1e-12})
    with pytest.raises(AssumptionError, match="raise the threshold"):
        admissible_allocations(tight, zones.head(12))
