import numpy as np
import pytest

from experiments.analysis.estimators.mantel_haenszel import risk_difference, risk_ratio
from experiments.errors import AssumptionError


@pytest.fixture(scope="module")
def rows(trial_rows):
    return trial_rows(clusters=16)


def counts(rows):
    table = rows.groupby(["block", "arm"])["sorted"].agg(["sum", "size"]).unstack()
    events, n = table["sum"], table["size"]
    return (events[arm].to_numpy() for arm in ("nudge", "control")), (
        n[arm].to_numpy() for arm in ("nudge", "control")
    )


def test_pools_shares_with_the_weights_of_mantel_and_haenszel(read, rows):
    (a, b), (n1, n0) = counts(rows)
    weight = n1 * n0 / (n1 + n0)
    trial = read(rows, outcome="sorted", strata="block")
    (difference,), (ratio,) = risk_difference(trial), risk_ratio(trial)
    expected = np.sum(weight * (a / n1 - b / n0)) / weight.sum()
    assert difference.effect.estimate == pytest.approx(expected)
    assert ratio.effect.estimate == pytest.approx(
        np.sum(a * n0 / (n1 + n0)) / np.sum(b * n1 / (n1 + n0))
    )
    assert ratio.effect.ci_low < ratio.effect.estimate < ratio.effect.ci_high
    assert ratio.effect.scale == "ratio"
    assert difference.effect.extra == {"n_strata": 2}


def test_other_outcomes_and_trials_without_strata_are_refused(read, rows):
    with pytest.raises(AssumptionError, match="needs strata; use zone-welch"):
        risk_difference(read(rows, outcome="sorted"))
    with pytest.raises(AssumptionError, match="needs 0/1 values in column 'score'"):
        risk_ratio(read(rows, strata="block"))
