import numpy as np
import pytest

from experiments.analysis.contrast import check_variation, contrast_weights
from experiments.errors import AssumptionError, InputError


def test_a_contrast_is_a_name_or_weights():
    columns = ("(intercept)", "letter", "visit")
    assert contrast_weights("visit", columns=columns).tolist() == [0, 0, 1]
    assert contrast_weights([0, 1, -1], columns=columns).tolist() == [0, 1, -1]


@pytest.mark.parametrize("contrast", ["call", [1, 0], [0, 0, 0], [0, np.inf, 0], [[0, 1, 0]]])
def test_an_unusable_contrast_names_the_columns(contrast):
    with pytest.raises(InputError, match="letter, visit"):
        contrast_weights(contrast, columns=("(intercept)", "letter", "visit"))


def test_a_dropped_column_has_no_effect_of_its_own():
    with pytest.raises(AssumptionError, match="'visit' is collinear"):
        contrast_weights("visit", columns=("(intercept)", "letter"), dropped=("visit",))


def test_variation_is_judged_against_the_outcome():
    check_variation(1e-20, np.array([1.0]), outcome_square=1e-36)
    with pytest.raises(AssumptionError, match="does not vary"):
        check_variation(1e-12, np.array([1.0]), outcome_square=1e6)
