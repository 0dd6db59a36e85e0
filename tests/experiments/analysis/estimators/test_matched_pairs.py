import numpy as np
import pytest
from scipy import stats

from experiments.analysis.estimators.matched_pairs import matched_pairs
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=12)


def paired_means(rows):
    means = rows.groupby(["pair", "arm"])["score"].mean().unstack()
    return means["nudge"].to_numpy(), means["control"].to_numpy()


def test_equals_a_paired_t_test_of_cluster_means(read, rows):
    (one,) = matched_pairs(read(rows, pairs="pair"))
    test = stats.ttest_rel(*paired_means(rows))
    assert one.effect.p_value == pytest.approx(test.pvalue)
    assert one.effect.df == test.df == 5
    interval = test.confidence_interval()
    assert (one.effect.ci_low, one.effect.ci_high) == pytest.approx((interval.low, interval.high))
    assert one.effect.extra == {"n_pairs": 6}


def test_the_unit_estimand_weighs_pairs_by_their_units(read, rows):
    (one,) = matched_pairs(read(rows, pairs="pair", estimand="unit"))
    nudge, control = paired_means(rows)
    sizes = rows.groupby("pair").size().to_numpy()
    assert one.effect.estimate == pytest.approx(np.average(nudge - control, weights=sizes))
    assert "weighted by the pairs' sizes" in one.effect.method


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (lambda rows: rows[rows["zone"] != "z05"], "1 levels of 'pair' .*'p2' holds z04"),
        (
            lambda rows: rows.assign(pair=rows["pair"].replace("p3", "p2")),
            "'p2' holds z04, z05, z06, z07",
        ),
        (
            lambda rows: rows.assign(arm=rows["arm"].where(rows["zone"] != "z04", "nudge")),
            "'p2' holds z04, z05",
        ),
    ],
)
def test_levels_that_are_not_two_clusters_in_two_arms_are_named(read, rows, alter, words):
    with pytest.raises(AssumptionError, match=words + ".*leave out whole pairs"):
        matched_pairs(read(alter(rows), pairs="pair"))


def test_pairs_of_several_arms_inform_their_own_contrast(read, trial_rows):
    rows = trial_rows(clusters=12)
    half = rows["zone"].isin([f"z{place:02d}" for place in (1, 3, 5)])
    rows["arm"] = rows["arm"].where(~half, "letter")
    letter, nudge = matched_pairs(read(rows, pairs="pair"))
    assert letter.effect.extra == nudge.effect.extra == {"n_pairs": 3}
    (alone,) = matched_pairs(read(rows[rows["pair"] > "p2"], pairs="pair"))
    assert nudge.effect.estimate == pytest.approx(alone.effect.estimate)
    assert any("hold only one of the two arms" in note for note in nudge.effect.warnings)


def test_strata_may_be_compared_like_pairs(read, rows):
    rows = rows.assign(block="b" + (rows["zone"].str[1:].astype(int) // 4).astype(str))
    (one,) = matched_pairs(read(rows, strata="block"))
    means = rows.groupby(["block", "arm", "zone"])["score"].mean().groupby(["block", "arm"]).mean()
    gaps = means.unstack()["nudge"] - means.unstack()["control"]
    assert one.effect.estimate == pytest.approx(gaps.mean())
    assert one.effect.df == 2


def test_without_pairs_another_method_is_named(read, rows):
    with pytest.raises(AssumptionError, match="give pairs, or use zone-t or zone-welch"):
        matched_pairs(read(rows))
