import numpy as np
import pytest

from experiments.design.allocation_set import observed_allocations
from experiments.design.factorial import factor_levels, main_effect_set
from experiments.design.trial_design import TrialDesign
from experiments.errors import InputError

DESIGN = TrialDesign(
    name="x",
    arms=("none", "letter", "sticker", "both"),
    factorial={
        "factors": ("sticker", "letter"),
        "carries": {"none": "00", "sticker": "10", "letter": "01", "both": "11"},
    },
)
OBSERVED = np.repeat([0, 1, 2, 3], 2)


def test_levels_follow_the_arms():
    assert factor_levels(DESIGN, "sticker").tolist() == [0, 0, 1, 1]
    assert factor_levels(DESIGN, "letter").tolist() == [0, 1, 0, 1]


def test_a_main_effect_moves_one_factor_and_holds_the_other():
    whole = observed_allocations(OBSERVED, n_arms=4, arms=DESIGN.arms)
    found = main_effect_set(DESIGN, whole, OBSERVED, factor="sticker")
    assert found.arms == ("without sticker", "with sticker")
    # Two of four clusters within each level of the letter.
    assert len(found.allocations) == 36
    letter = factor_levels(DESIGN, "letter")[OBSERVED] == 1
    assert set(found.allocations[:, letter].sum(axis=1).tolist()) == {2}
    observed = factor_levels(DESIGN, "sticker")[OBSERVED]
    assert observed.tolist() in found.allocations.tolist()


def test_the_main_effect_test_has_its_level_whatever_the_other_factor_does():
    whole = observed_allocations(np.repeat([0, 1, 2, 3], 3), n_arms=4, arms=DESIGN.arms)
    rng = np.random.default_rng(12)
    rejected = []
    for _ in range(400):
        observed = rng.permutation(np.repeat([0, 1, 2, 3], 3))
        outcome = rng.normal(size=12) + 3 * factor_levels(DESIGN, "letter")[observed]
        allowed = main_effect_set(DESIGN, whole, observed, factor="sticker").allocations
        effects = np.abs((2.0 * allowed - 1) @ outcome)
        mine = np.abs((2.0 * factor_levels(DESIGN, "sticker")[observed] - 1) @ outcome)
        rejected.append((effects >= mine - 1e-9).mean() <= 0.05)
    # Monte Carlo standard error 0.011.
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.033)


def test_unknown_factors_and_other_designs_are_refused():
    with pytest.raises(InputError, match="no factor poster; the factors are sticker and letter"):
        factor_levels(DESIGN, "poster")
    with pytest.raises(InputError, match="no factorial section"):
        factor_levels(TrialDesign(name="y", arms=("a", "b")), "sticker")
