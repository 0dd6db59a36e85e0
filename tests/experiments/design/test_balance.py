import numpy as np
import pytest

from experiments.design.balance import balance_figure, balance_table, standardised_differences
from experiments.design.cluster_frame import cluster_frame

NAMES = ["location", "inciis", "uptodate", "hispanic"]
ODD_TREATED = np.tile([1, 0], 8).astype(np.int8)


@pytest.fixture
def table(dickinson):
    found = cluster_frame(dickinson, cluster_column="county")
    return balance_table(found, NAMES, ODD_TREATED, arms=["even", "odd"])


def test_standardised_differences_are_those_of_base_r(table):
    """tests/experiments/references/balance_scores.R, to nine digits."""
    rows = {row.name: row for row in table.rows}
    assert rows["location = Urban"].differences[0] == pytest.approx(0, abs=1e-12)
    assert rows["inciis"].differences[0] == pytest.approx(0.3351469702, rel=1e-9)
    assert rows["uptodate"].differences[0] == pytest.approx(0.8087527719, rel=1e-9)
    assert rows["hispanic"].differences[0] == pytest.approx(0.2935597035, rel=1e-9)
    assert [row.flagged for row in table.rows] == [False, False, True, True, True]


def test_levels_of_a_factor_are_shares_of_clusters(table):
    urban = next(row for row in table.rows if row.level == "Urban")
    assert urban.means == (0.5, 0.5)


def test_swapping_arms_flips_the_sign_and_order_of_covariates_is_kept(dickinson, table):
    found = cluster_frame(dickinson.sample(frac=1, random_state=1), cluster_column="county")
    swapped = balance_table(found, NAMES, 1 - ODD_TREATED, arms=["odd", "even"])
    assert [row.covariate for row in swapped.rows] == [row.covariate for row in table.rows]
    for one, other in zip(table.rows, swapped.rows, strict=True):
        assert one.differences[0] == pytest.approx(-other.differences[0])


def test_an_arm_of_one_cluster_is_compared_on_the_scale_of_all():
    values = np.array([[1.0], [2.0], [6.0]])
    found = standardised_differences(values, np.array([0, 0, 1], np.int8), n_arms=2)
    assert found[0, 0] == pytest.approx(4.5 / values.std(ddof=1))


def test_csv_has_a_line_a_covariate_and_no_minus_zero(table):
    lines = table.to_csv().splitlines()
    assert (
        lines[0] == "covariate,level,mean even,mean odd,standardised difference odd - even,flagged"
    )
    assert lines[1] == "location,Rural,0.500000,0.500000,0.000000,no"
    assert len(lines) == 6


def test_figure_names_covariates_axes_and_arms(table):
    axes = balance_figure(table).axes[0]
    assert axes.get_xlabel().startswith("Standardised difference from even")
    assert axes.get_ylabel() == "Covariate"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [row.name for row in table.rows]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["odd"]
