import numpy as np
import pandas as pd
import pytest

from experiments.design.cluster_frame import cluster_frame
from experiments.design.covariate_columns import covariate_columns
from experiments.errors import InputError


@pytest.fixture
def table():
    frame = pd.DataFrame(
        {
            "zone": ["A", "B", "C"],
            "income": ["1e4", "-2", "3.5"],
            "slip": ["1", "2O", "3"],
            "code": [1, 2, 1],
            "type": ["flat", "house", "mixed"],
            "same": [4, 4, 4],
        }
    )
    return cluster_frame(frame, cluster_column="zone")


def test_numbers_stay_and_factors_become_indicators(table):
    columns = covariate_columns(table, ["income", "type"], reference_level=False)
    assert columns.covariates == ("income", "type", "type")
    assert columns.levels == ("", "house", "mixed")
    np.testing.assert_array_equal(columns.values, [[10_000, 0, 0], [-2, 1, 0], [3.5, 0, 1]])
    every = covariate_columns(table, ["type"], reference_level=True)
    assert every.levels == ("flat", "house", "mixed")


def test_codes_of_categories_are_factors_when_told(table):
    columns = covariate_columns(table, ["code"], categorical=["code"], reference_level=False)
    assert columns.levels == ("2",)


def test_a_slip_in_a_numeric_column_is_an_error_not_a_factor(table):
    with pytest.raises(InputError, match="'2O' is not a number"):
        covariate_columns(table, ["slip"], reference_level=False)


def test_a_constant_covariate_is_refused(table):
    with pytest.raises(InputError, match=r"column same: the covariate is constant \(4"):
        covariate_columns(table, ["same"], reference_level=False)
