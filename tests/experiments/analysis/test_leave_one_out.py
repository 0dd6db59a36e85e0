import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.cluster_means import difference_in_means
from experiments.analysis.cluster_robust import cluster_robust_fit, coefficient_test
from experiments.analysis.leave_one_out import (
    influence_figure,
    leave_one_cluster_out,
    leave_one_out_cr2,
    leave_one_out_difference,
)
from experiments.engine.cluster_moments import ClusterMoments
from experiments.errors import AssumptionError, InputError


def zones(n):
    return [f"zone {k}" for k in range(n)]


def refitted(y, treated, stratum=None):
    def estimate(kept):
        found = difference_in_means(
            y[kept], treated[kept], stratum=None if stratum is None else stratum[kept]
        )
        return found.estimate, found.std_error, found.p_value

    return leave_one_cluster_out(estimate, clusters=zones(len(y)))


@given(st.integers(0, 10_000), st.integers(4, 30), st.booleans())
@settings(max_examples=40, deadline=None)
def test_closed_form_equals_refitting(seed, size, stratified):
    rng = np.random.default_rng(seed)
    y = 1e3 + rng.normal(size=2 * size)
    treated = rng.permutation(np.arange(2 * size) < size)
    stratum = np.where(np.cumsum(treated) % 2 == 0, "a", "b") if stratified else None
    try:
        slow = refitted(y, treated, stratum)
    except AssumptionError:
        return
    fast = leave_one_out_difference(y, treated, clusters=zones(2 * size), stratum=stratum)
    assert fast.estimate == pytest.approx(slow.estimate, rel=1e-8, nan_ok=True)
    assert fast.std_error == pytest.approx(slow.std_error, rel=1e-7, nan_ok=True)
    assert fast.p_value == pytest.approx(slow.p_value, rel=1e-6, nan_ok=True)
    assert (fast.significance_flips == slow.significance_flips).all()


def test_finds_the_zone_that_carries_the_result():
    y = np.array([5.0, 5.2, 4.9, 5.1, 5.05, 4.95, 5.0, 5.1, 4.9, 5.2, 5.0, 9.0])
    treated = np.arange(12) >= 6
    found = leave_one_out_difference(y, treated, clusters=zones(12))
    assert np.argmax(np.abs(found.change)) == 11
    assert found.change[11] == pytest.approx(
        (found.estimate[11] - found.full_estimate) / found.full_std_error
    )
    assert found.estimate[11] == pytest.approx(y[6:11].mean() - y[:6].mean())


def test_reports_changes_of_sign_and_significance_by_name():
    y = np.array([1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 0.9, 1.1])
    treated = np.tile([False, True], 4)
    y[7] += 1
    found = leave_one_out_difference(y + 0.02 * treated, treated, clusters=zones(8))
    assert list(np.flatnonzero(found.sign_flips)) == []
    lower = leave_one_out_difference(y - 0.2 * treated, treated, clusters=zones(8))
    assert list(np.flatnonzero(lower.sign_flips)) == [7]
    assert any("changes sign without cluster zone 7" in note for note in lower.warnings)
    steady = np.array([0.0, 3, 0.1, 3.1, 0.2, 3.2, 0.1, 9])
    turned = leave_one_out_difference(steady, treated, clusters=zones(8))
    assert turned.full_p > 0.05
    assert list(np.flatnonzero(turned.significance_flips)) == [7]
    assert any("significance at 0.05 turns on cluster zone 7" in note for note in turned.warnings)


def test_clusters_that_cannot_be_spared_are_named():
    y, treated = np.array([1.0, 2, 4, 8, 9]), np.array([True, True, False, False, False])
    for found in (
        leave_one_out_difference(y, treated, clusters=zones(5)),
        refitted(y, treated),
    ):
        assert np.isnan(found.p_value[:2]).all()
        assert np.isfinite(found.p_value[2:]).all()
        assert any("cannot be analysed without cluster zone 0, zone 1" in n for n in found.warnings)
    with pytest.raises(InputError, match="4 cluster labels for 5"):
        leave_one_out_difference(y, treated, clusters=zones(4))


def test_order_does_not_matter():
    rng = np.random.default_rng(1)
    y, treated, order = rng.normal(size=14), np.arange(14) % 2 == 0, rng.permutation(14)
    here = leave_one_out_difference(y, treated, clusters=zones(14))
    there = leave_one_out_difference(
        y[order], ~treated[order], clusters=[f"zone {k}" for k in order]
    )
    assert there.estimate == pytest.approx(-here.estimate[order])
    assert there.p_value == pytest.approx(here.p_value[order])


def test_figure_shows_the_most_influential_first_and_marks_changes():
    y = np.array([0.0, 3, 0.1, 3.1, 0.2, 3.2, 0.1, 9])
    found = leave_one_out_difference(y, np.tile([False, True], 4), clusters=zones(8))
    axes = influence_figure(found).axes[0]
    assert axes.get_yticklabels()[-1].get_text() == "zone 7"
    marks = {line.get_label(): line for line in axes.lines}
    assert marks["conclusion changes"].get_color() == "#D55E00"
    assert marks["conclusion changes"].get_marker() != marks["same conclusion"].get_marker()
    assert "unit of the outcome" in axes.get_xlabel()


def test_figure_of_many_clusters_keeps_forty():
    rng = np.random.default_rng(2)
    found = leave_one_out_difference(
        rng.normal(size=90), np.arange(90) % 2 == 0, clusters=zones(90)
    )
    axes = influence_figure(found).axes[0]
    assert len(axes.get_yticks()) == 40
    assert "40 most influential" in axes.get_title()


@given(st.integers(0, 10_000), st.integers(4, 30))
@settings(max_examples=30, deadline=None)
def test_closed_form_of_cr2_equals_refitting(seed, clusters):
    rng = np.random.default_rng(seed)
    n, treated = rng.integers(2, 300, clusters).astype(float), np.arange(clusters) % 2 == 1
    means = 50 + rng.normal(size=clusters) + treated
    design = np.column_stack([np.ones(clusters), treated])

    def estimate(kept):
        x, size = design[kept], n[kept]
        moments = ClusterMoments(
            clusters=np.array(zones(clusters), dtype=object)[kept],
            columns=("(intercept)", "arm"),
            xx=size[:, None, None] * x[:, :, None] * x[:, None, :],
            xy=(size * means[kept])[:, None] * x,
            yy=size * (means[kept] ** 2 + 1),
            n=size,
        )
        found = coefficient_test(cluster_robust_fit(moments), "arm")
        return found.estimate, found.std_error, found.p_value

    slow = leave_one_cluster_out(estimate, clusters=zones(clusters))
    fast = leave_one_out_cr2(means, treated, n=n, clusters=zones(clusters))
    assert fast.full_p == pytest.approx(slow.full_p, rel=1e-7)
    assert fast.estimate == pytest.approx(slow.estimate, rel=1e-7, abs=1e-10, nan_ok=True)
    assert fast.std_error == pytest.approx(slow.std_error, rel=1e-7, nan_ok=True)
    assert fast.p_value == pytest.approx(slow.p_value, rel=1e-6, nan_ok=True)
    assert fast.warnings == slow.warnings
