import json
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.matched_pairs import paired_difference
from experiments.errors import AssumptionError, InputError

# R's t.test and estimatr agree to rounding; made by zone_matched_pairs.R.
TOLERANCE = 1e-10
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "zone_matched_pairs.json").read_text("utf-8")
)
G = np.arange(1, 19)
PAIR = (G + 1) // 2
TREATED = (G + PAIR) % 2 == 1
SIZE = 5 + (11 * G) % 23
MEAN = 30 + 6 * np.sin(PAIR) + 2 * np.cos(4 * G) + 1.5 * TREATED
UNIT_MEAN = np.array(
    [MEAN[g - 1] + np.sin(g * np.arange(1, n + 1)).mean() for g, n in zip(G, SIZE, strict=True)]
)


@pytest.mark.parametrize(
    ("case", "means", "sizes"), [("paired", MEAN, None), ("weighted", UNIT_MEAN, SIZE)]
)
def test_equals_r(case, means, sizes):
    found = paired_difference(means, TREATED, PAIR, sizes=sizes)
    for name, value in REFERENCE[case].items():
        assert getattr(found, name) == pytest.approx(value, rel=TOLERANCE), name


@pytest.mark.parametrize("sizes", [None, SIZE])
def test_order_of_clusters_and_names_of_arms_and_pairs_do_not_matter(sizes):
    order = np.random.default_rng(0).permutation(18)
    here = paired_difference(MEAN, TREATED, PAIR, sizes=sizes)
    there = paired_difference(
        MEAN[order],
        ~TREATED[order],
        [f"commune {p}" for p in PAIR[order]],
        sizes=None if sizes is None else sizes[order],
    )
    assert there.estimate == pytest.approx(-here.estimate)
    assert there.p_value == pytest.approx(here.p_value)


def test_equal_sizes_weigh_nothing():
    plain = paired_difference(MEAN, TREATED, PAIR)
    sized = paired_difference(MEAN, TREATED, PAIR, sizes=np.full(18, 7))
    assert sized.estimate == pytest.approx(plain.estimate)
    assert sized.std_error == pytest.approx(plain.std_error)


def test_blocks_of_three_compare_arm_means_within_blocks():
    block = np.repeat(np.arange(5), 3)
    treated = np.tile([True, False, False], 5)
    y = np.random.default_rng(1).normal(size=15)
    found = paired_difference(y, treated, block)
    by_hand = y[0::3] - (y[1::3] + y[2::3]) / 2
    assert found.differences == pytest.approx(by_hand)
    assert found.estimate == pytest.approx(by_hand.mean())
    assert any("blocks" in note for note in found.warnings)


def test_level_holds_with_eight_pairs_that_differ():
    rng = np.random.default_rng(5)
    pair, treated = np.repeat(np.arange(8), 2), np.tile([True, False], 8)
    p = [
        paired_difference(
            np.repeat(5 * rng.normal(size=8), 2) + rng.normal(size=16), treated, pair
        ).p_value
        for _ in range(2_000)
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.012)


def test_refuses_broken_pairs_by_name():
    keep = ~np.isin(G, (5, 18))
    with pytest.raises(AssumptionError, match="pair '3', '9' lacks a treated or a control"):
        paired_difference(MEAN[keep], TREATED[keep], PAIR[keep])
    with pytest.raises(AssumptionError, match="2 pairs"):
        paired_difference(MEAN[:4], TREATED[:4], PAIR[:4])
    with pytest.raises(AssumptionError, match="same in every pair"):
        paired_difference(PAIR + TREATED, TREATED, PAIR)
    with pytest.raises(InputError, match="positive"):
        paired_difference(MEAN, TREATED, PAIR, sizes=SIZE - SIZE.min())


def test_says_what_few_pairs_can_show():
    found = paired_difference(MEAN[:8], TREATED[:8], PAIR[:8])
    assert "4 pairs leave 3 degrees of freedom" in found.warnings[0]
    assert "0.125" in found.warnings[0]
