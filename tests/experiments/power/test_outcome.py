import math

import numpy as np
import pytest

from experiments.errors import InputError
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
)


def totals(outcome, *, effect, icc, variance_at="each arm"):
    control, treated = outcome.components(effect=effect, icc=icc, variance_at=variance_at)
    return control.total, treated.total


def test_binary_variances_follow_each_arms_level():
    share = BinaryOutcome(level=0.2)
    assert totals(share, effect=0.2, icc=0.1) == pytest.approx((0.16, 0.24))
    assert totals(share, effect=0.2, icc=0.1, variance_at="pooled") == pytest.approx((0.21, 0.21))
    assert totals(share, effect=0.2, icc=0.1, variance_at="control") == pytest.approx((0.16, 0.16))
    control, _ = share.components(effect=0.2, icc=0.1, variance_at="each arm")
    assert control.icc == pytest.approx(0.1)


def test_count_variances_are_those_of_hayes_and_bennett():
    # Rate .1 to .2, 10 person-years per cluster, coefficient of variation .1 between clusters.
    rate = CountOutcome(level=0.1, exposure=2.0)
    icc = rate.icc_from_between_cv(0.1)
    control, treated = rate.components(effect=0.1, icc=icc, variance_at="each arm")
    assert control.between == pytest.approx((0.1 * 0.1) ** 2)
    assert treated.between == pytest.approx((0.1 * 0.2) ** 2)
    assert control.within / 5 == pytest.approx(0.1 / 10)
    assert treated.within / 5 == pytest.approx(0.2 / 10)


def test_ordinal_standard_errors_are_those_of_whitehead_in_hmisc():
    # tests/experiments/references/power.R; Hmisc keeps Whitehead's factor (n + 1) / n.
    scale = OrdinalOutcome(probabilities=(0.2, 0.5, 0.3))
    both, _ = scale.components(effect=math.log(1.8), icc=0.0, variance_at="each arm")
    for sizes, error in (((100, 100), 0.2683704637), ((60, 140), 0.2928161820)):
        found = math.sqrt(both.total * (1 / sizes[0] + 1 / sizes[1])) * 201 / 200
        assert found == pytest.approx(error, abs=1e-9)


def test_ordinal_shares_move_by_one_odds_ratio_at_every_cut():
    scale = OrdinalOutcome(probabilities=(0.2, 0.5, 0.3))
    moved = scale.shares(math.log(2))
    for cut in (1, 2):
        before, after = sum(scale.probabilities[cut:]), moved[cut:].sum()
        assert after / (1 - after) == pytest.approx(2 * before / (1 - before))
    assert scale.shares(0.0) == pytest.approx(scale.probabilities)


def test_two_ordered_categories_are_a_share_on_the_log_odds_scale():
    # 3 / (1 - p^3 - q^3) = 1 / (p q), the variance of a log odds for n = 1.
    scale = OrdinalOutcome(probabilities=(0.6, 0.4))
    assert totals(scale, effect=0.0, icc=0.0)[0] == pytest.approx(1 / 0.24)
    shifted = totals(scale, effect=1.0, icc=0.0, variance_at="control")
    assert shifted == pytest.approx((1 / 0.24, 1 / 0.24))


def test_effects_stop_where_the_outcome_ends():
    assert BinaryOutcome(level=0.3).largest_effect(1) == pytest.approx(0.7)
    assert BinaryOutcome(level=0.3).largest_effect(-1) == pytest.approx(0.3)
    assert CountOutcome(level=2.0).largest_effect(-1) == 2.0
    assert ContinuousOutcome().largest_effect(1) == np.inf


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: BinaryOutcome(level=1.2), "between 0 and 1"),
        (lambda: ContinuousOutcome(sd=0.0), "sd"),
        (lambda: CountOutcome(level=0.0), "level"),
        (lambda: CountOutcome(level=1.0, dispersion=-1), "dispersion"),
        (lambda: OrdinalOutcome(probabilities=(0.5, 0.6)), "add up to 1"),
        (lambda: totals(BinaryOutcome(level=0.9), effect=0.2, icc=0.1), "range 0 to 1"),
        (lambda: totals(CountOutcome(level=0.1), effect=-0.2, icc=0.1), "negative"),
        (
            lambda: totals(BinaryOutcome(level=0.5), effect=0.2, icc=0.1, variance_at="both"),
            "both",
        ),
    ],
)
def test_impossible_outcomes_are_named(build, words):
    with pytest.raises(InputError, match=words):
        build()
