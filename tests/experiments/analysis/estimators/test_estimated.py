import numpy as np
import pytest

from experiments.analysis.estimators.estimated import arm_means


@pytest.mark.parametrize("control", [-0.01, 1.01])
def test_a_share_that_adjusting_pushed_out_of_range_has_no_arm_means(read, trial_rows, control):
    trial = read(trial_rows(), outcome="sorted")
    settings = {"treated": 0.5, "covariance": np.eye(2), "df": 6.0}
    assert arm_means(trial, control=control, **settings) is None
    kept = arm_means(trial, control=0.4, **settings)
    assert (kept.control, kept.treated, kept.share) == (0.4, 0.5, True)


def test_means_may_have_any_value(read, trial_rows):
    trial = read(trial_rows())
    found = arm_means(trial, control=-3.0, treated=900.0, covariance=np.eye(2), df=6.0)
    assert not found.share
