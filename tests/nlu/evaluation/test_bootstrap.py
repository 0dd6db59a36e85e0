import numpy as np
import pytest
from scipy import stats

from nlu.evaluation.bootstrap import bootstrap_interval, family_members


def mean_of(values):
    return lambda rows: float(values[rows].mean())


def test_members_of_a_family_are_gathered_in_order_of_appearance():
    members = family_members(["b", "a", "b", "c", "a"])
    assert [rows.tolist() for rows in members] == [[0, 2], [1, 4], [3]]


def test_the_estimate_is_the_statistic_of_all_rows_and_lies_within_the_limits():
    values = np.random.default_rng(0).random(60)
    interval = bootstrap_interval(mean_of(values), [str(row // 3) for row in range(60)])
    assert interval.estimate == pytest.approx(values.mean())
    assert interval.low < interval.estimate < interval.high
    assert interval.level == 0.95


def test_limits_are_percentiles_of_the_sampling_distribution():
    values = np.random.default_rng(1).normal(size=400)
    families = [str(row) for row in range(400)]
    for level in (0.8, 0.95):
        interval = bootstrap_interval(mean_of(values), families, draws=2000, level=level)
        half = stats.norm.ppf((1 + level) / 2) * values.std() / np.sqrt(400)
        assert interval.high - interval.estimate == pytest.approx(half, rel=0.12)
        assert interval.estimate - interval.low == pytest.approx(half, rel=0.12)


def test_the_interval_follows_the_seed():
    values = np.random.default_rng(2).random(40)
    families = [str(row // 2) for row in range(40)]
    first = bootstrap_interval(mean_of(values), families, seed=1)
    assert bootstrap_interval(mean_of(values), families, seed=1) == first
    assert bootstrap_interval(mean_of(values), families, seed=2) != first


def test_whole_families_are_drawn():
    families = ["a", "a", "a", "b", "c", "c"]
    sizes = {"a": [0, 1, 2], "b": [3], "c": [4, 5]}
    drawn = []

    def record(rows):
        drawn.append(rows.tolist())
        return 0.0

    bootstrap_interval(record, families, draws=50)
    for rows in drawn:
        for members in sizes.values():
            assert len({rows.count(row) for row in members}) == 1


def test_draws_where_the_statistic_is_undefined_are_left_out():
    special = np.array([True] + [False] * 9)

    def share(rows):
        return 0.5 if special[rows].any() else float("nan")

    interval = bootstrap_interval(share, [str(row) for row in range(10)])
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_a_statistic_that_is_never_defined_has_no_limits():
    interval = bootstrap_interval(lambda rows: float("nan"), ["a", "b"])
    assert np.isnan([interval.estimate, interval.low, interval.high]).all()


def test_families_cover_about_95_percent_where_rows_would_not():
    # 60 families of 4 rows that are right or wrong together nine times of ten; true rate 0.7.
    rng = np.random.default_rng(3)
    by_family = by_row = 0
    trials = 200
    for trial in range(trials):
        common = np.repeat(rng.random(60) < 0.7, 4)
        own = rng.random(240) < 0.7
        right = np.where(rng.random(240) < 0.9, common, own).astype(float)
        family = bootstrap_interval(
            mean_of(right), [str(row // 4) for row in range(240)], draws=200, seed=trial
        )
        row = bootstrap_interval(
            mean_of(right), [str(row) for row in range(240)], draws=200, seed=trial
        )
        by_family += family.low <= 0.7 <= family.high
        by_row += row.low <= 0.7 <= row.high
    # Binomial noise of 200 trials is 1.5 %; the percentile method itself loses a percent or so.
    assert 0.90 <= by_family / trials <= 0.99
    assert by_row / trials < 0.80
