import numpy as np
import pytest

from experiments.calibration.scenario import LEVEL, UNITS, Scenario, describe, draw, grid
from experiments.errors import InputError


def scenario(**changes):
    return Scenario(
        **{"clusters": 12, "icc": 0.05, "balanced": True, "outcome": "binary"} | changes
    )


def test_the_grid_is_every_combination_once():
    found = grid(clusters=(8, 6, 8), iccs=(0.2, 0.01), outcomes=("binary", "count", "binary"))
    assert len(found) == len({one.key for one in found}) == 2 * 2 * 2 * 2
    assert [one.clusters for one in found] == [6] * 8 + [8] * 8


def test_the_default_grid_spans_few_and_many_clusters():
    found = grid()
    assert {one.clusters for one in found} == {6, 8, 12, 20, 40, 100}
    assert len(found) == 6 * 3 * 2 * 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"clusters": (3,)}, "at least 4"), ({"iccs": (1.0,)}, r"icc: .*\[0, 1\)")],
)
def test_grids_that_cannot_be_simulated_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        grid(**changes)


def test_unbalanced_trials_treat_a_third_with_unequal_sizes():
    assert scenario().clusters_per_arm == (6, 6)
    assert scenario(balanced=False).clusters_per_arm == (8, 4)
    assert scenario(balanced=False, clusters=4).clusters_per_arm == (2, 2)
    assert scenario(balanced=False).cv > scenario().cv


@pytest.mark.parametrize("outcome", LEVEL)
@pytest.mark.parametrize("with_effect", [True, False])
def test_a_draw_is_the_scenario_it_is_named_after(outcome, with_effect):
    one = scenario(outcome=outcome, icc=0.1)
    trials = draw(one, with_effect=with_effect, n_trials=2_000, rng=np.random.default_rng(1))
    assert trials.n.mean() == pytest.approx(UNITS, rel=0.02)
    means = [trials.sum_y[trials.arm == arm] / trials.n[trials.arm == arm] for arm in (0, 1)]
    error = np.sqrt(sum(mean.var() / mean.size for mean in means))
    expected = one.effect if with_effect else 0.0
    assert means[1].mean() - means[0].mean() == pytest.approx(expected, abs=4 * error)
    assert means[0].mean() == pytest.approx(LEVEL[outcome], abs=4 * error)


def test_the_effect_is_one_that_four_trials_in_five_would_see():
    one = scenario(outcome="continuous", clusters=100, icc=0.05)
    # A cluster mean varies by the ICC and by its units, whose mean inverse size is 1 + cv²-ish.
    variance = one.icc + (1 - one.icc) * (1 + one.cv**2) / UNITS
    assert one.effect == pytest.approx(2.8 * np.sqrt(variance * 2 / 50))
    assert scenario(clusters=6, icc=0.2).effect == 0.2


def test_a_description_holds_plain_values():
    one = describe(scenario())
    assert one["clusters"] == 12
    assert one["outcome"] == "binary"
    assert one["effect"] == scenario().effect
