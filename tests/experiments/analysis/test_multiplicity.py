import numpy as np
import pytest
from scipy import stats

from experiments.analysis.multiplicity import adjust_intervals, adjust_p_values
from experiments.errors import AssumptionError, InputError

P_VALUES = np.array([0.001, 0.04, 0.03, 0.2, 0.012])
# R p.adjust, ../references/scales_multiplicity.R.
R_ADJUSTED = {
    "bonferroni": (0.005, 0.2, 0.15, 1, 0.06),
    "holm": (0.005, 0.09, 0.09, 0.2, 0.048),
    "hochberg": (0.005, 0.08, 0.08, 0.2, 0.048),
    "benjamini-hochberg": (0.005, 0.05, 0.05, 0.2, 0.03),
    "benjamini-yekutieli": (
        0.0114166666667, 0.114166666667, 0.114166666667, 0.456666666667, 0.0685,
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", R_ADJUSTED)
def test_reproduces_r(method):
    found = adjust_p_values(P_VALUES, family=["outcome"] * 5, method=method)
    assert found.adjusted == pytest.approx(R_ADJUSTED[method], rel=1e-10)
    assert np.array_equal(found.rejected, found.adjusted <= 0.05)


@pytest.mark.parametrize("method", R_ADJUSTED)
def test_families_are_never_pooled(method):
    labels = ["quality", "weight", "quality", "weight", "weight"]
    together = adjust_p_values(P_VALUES, family=labels, method=method)
    for name in ("quality", "weight"):
        rows = [place for place, label in enumerate(labels) if label == name]
        alone = adjust_p_values(P_VALUES[rows], family=[name] * len(rows), method=method)
        assert together.adjusted[rows] == pytest.approx(alone.adjusted)
        assert set(together.family_size[rows]) == {len(rows)}


def test_order_does_not_matter():
    order = [3, 1, 4, 0, 2]
    labels = list("aabab")
    one = adjust_p_values(P_VALUES, family=labels, method="holm")
    other = adjust_p_values(
        P_VALUES[order], family=[labels[place] for place in order], method="holm"
    )
    assert other.adjusted == pytest.approx(one.adjusted[order])


def correlated_statistics(runs, k, df, rng):
    """T statistics of k arms against one control of equal size, no effect anywhere."""
    bars = rng.normal(size=(runs, k + 1))
    sigma = np.sqrt(rng.chisquare(df, runs) / df)
    return (bars[:, 1:] - bars[:, :1]) / np.sqrt(2) / sigma[:, None]


@pytest.mark.parametrize("method", ["bonferroni", "hochberg"])
def test_familywise_error_of_four_arms_with_ten_degrees_of_freedom(method):
    statistics = correlated_statistics(2000, 4, 10, np.random.default_rng(1))
    p_values = 2 * stats.t.sf(np.abs(statistics), 10)
    labels = np.repeat(np.arange(2000), 4).astype(str)
    found = adjust_p_values(p_values.ravel(), family=list(labels), method=method)
    wrong = found.rejected.reshape(2000, 4).any(axis=1).mean()
    raw = (p_values <= 0.05).any(axis=1).mean()
    assert wrong <= 0.05 + 3 * 0.0049
    assert raw > 0.1


def test_holm_rejects_more_but_errs_in_the_same_trials_as_bonferroni():
    statistics = correlated_statistics(12, 4, 10, np.random.default_rng(6))
    statistics += np.array([0, 0, 1, 2])
    p_values = 2 * stats.t.sf(np.abs(statistics), 10).ravel()
    labels = list(np.repeat(np.arange(12), 4).astype(str))
    holm, bonferroni = (
        adjust_p_values(p_values, family=labels, method=method).rejected.reshape(12, 4)
        for method in ("holm", "bonferroni")
    )
    assert np.array_equal(holm.any(axis=1), bonferroni.any(axis=1))
    assert np.all(holm >= bonferroni)


def test_bonferroni_intervals_are_wider_by_the_size_of_the_family():
    found = adjust_intervals(
        estimates=[1.0, 2.0, 3.0], std_errors=[1, 1, 2], df=[8, 8, np.inf],
        family=["a", "a", "b"], method="bonferroni",
    )  # fmt: skip
    assert found.ci_high - [1, 2, 3] == pytest.approx(
        [stats.t.isf(0.0125, 8), stats.t.isf(0.0125, 8), 2 * stats.norm.isf(0.025)]
    )


def test_bonferroni_intervals_hold_together():
    statistics = correlated_statistics(2000, 4, 10, np.random.default_rng(2))
    labels = list(np.repeat(np.arange(2000), 4).astype(str))
    found = adjust_intervals(
        estimates=statistics.ravel(), std_errors=np.ones(8000), df=10, family=labels,
        method="bonferroni",
    )  # fmt: skip
    holds = ((found.ci_low < 0) & (found.ci_high > 0)).reshape(2000, 4).all(axis=1).mean()
    assert holds >= 0.95 - 3 * 0.0049


@pytest.mark.parametrize("method", ["benjamini-hochberg", "benjamini-yekutieli"])
def test_false_coverage_rate_of_selected_effects(method):
    # Ten comparisons of 2,000 trials, half with an effect; only what is selected is reported.
    rng = np.random.default_rng(4)
    truth = np.tile([0.0, 0, 0, 0, 0, 2, 2, 3, 3, 4], 2000)
    seen = truth + rng.normal(size=len(truth))
    labels = list(np.repeat(np.arange(2000), 10).astype(str))
    found = adjust_intervals(
        estimates=seen, std_errors=np.ones(len(seen)), df=np.inf, family=labels, method=method
    )
    chosen = np.isfinite(found.ci_low)
    missed = chosen & ((truth < found.ci_low) | (truth > found.ci_high))
    rates = missed.reshape(2000, 10).sum(axis=1) / np.maximum(
        chosen.reshape(2000, 10).sum(axis=1), 1
    )
    assert rates.mean() <= 0.055
    # Ordinary intervals of the selected effects miss more often than they say.
    ordinary = chosen & (np.abs(truth - seen) > 1.96)
    assert ordinary.sum() / chosen.sum() > 0.06
    adjusted = adjust_p_values(
        2 * stats.norm.sf(np.abs(seen)), family=labels, method=method
    ).rejected
    assert np.array_equal(chosen, adjusted)


@pytest.mark.parametrize("method", ["holm", "hochberg"])
def test_refuses_intervals_of_stepwise_procedures(method):
    with pytest.raises(AssumptionError, match="bonferroni"):
        adjust_intervals(
            estimates=[1, 2], std_errors=[1, 1], df=9, family=["a", "a"], method=method
        )


def test_says_what_a_correction_needs():
    found = adjust_p_values([0.01, 0.02], family=["a", "a"], method="benjamini-hochberg")
    assert found.controls == "false discovery rate"
    assert "positively dependent" in found.warnings[0]
    alone = adjust_p_values([0.01, 0.02], family=["a", "b"], method="holm")
    assert alone.adjusted == pytest.approx([0.01, 0.02])
    assert "nothing was adjusted" in alone.warnings[0]


@pytest.mark.parametrize(
    ("values", "family", "method", "named"),
    [
        ([0.1, 1.2], ["a", "a"], "holm", "place 2"),
        ([0.1, np.nan], ["a", "a"], "holm", "place 2"),
        ([0.1, 0.2], ["a"], "holm", "one label"),
        ([0.1, 0.2], "ab", "holm", "one label"),
        ([0.1, 0.2], ["a", "a"], "sidak", "known are"),
    ],
)
def test_refuses(values, family, method, named):
    with pytest.raises(InputError, match=named):
        adjust_p_values(values, family=family, method=method)


def test_refuses_intervals_without_a_standard_error():
    with pytest.raises(InputError, match="std_errors"):
        adjust_intervals(estimates=[1.0], std_errors=[0.0], df=9, family=["a"], method="bonferroni")
    with pytest.raises(InputError, match="df"):
        adjust_intervals(estimates=[1.0], std_errors=[1.0], df=0, family=["a"], method="bonferroni")


def test_refuses_an_error_rate_that_is_none():
    with pytest.raises(InputError, match="error rate"):
        adjust_p_values([0.1], family=["a"], method="holm", alpha=1.5)
