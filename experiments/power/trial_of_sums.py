"""A trial's data straight from per-cluster sums, for simulation with the real estimators."""

import numpy as np
import numpy.typing as npt

from experiments.analysis.plan import AnalysisPlan
from experiments.analysis.trial_data import TrialData, trial_data
from experiments.engine.grouped_table import GroupedTable

Floats = npt.NDArray[np.float64]


def trial_of_sums(
    *,
    n: Floats,
    sum_y: Floats,
    sum_yy: Floats,
    arm: npt.NDArray[np.int8],
    plan: AnalysisPlan,
    block: npt.NDArray[np.int64] | None = None,
) -> TrialData:
    """Make the data of one trial without covariates from what each cluster summed to.

    Parameters
    ----------
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome, shape (G,).
    arm
        Codes, 0 the control, shape (G,); the arms are labelled by their codes.
    plan
        Settings, whose first outcome this is.
    block
        Stratum of each cluster, shape (G,).
    """
    places = np.arange(len(n), dtype=np.int64)
    labels = np.array([str(code) for code in range(int(arm.max()) + 1)], dtype=object)
    strata = np.array([], dtype=object)
    if block is not None:
        strata = np.array([str(code) for code in range(int(block.max()) + 1)], dtype=object)
    table = GroupedTable(
        cluster=places,
        arm=arm.astype(np.int64),
        stratum=block,
        factors={},
        cluster_labels=places.astype(str).astype(object),
        arm_labels=labels,
        stratum_labels=strata,
        factor_levels={},
        numeric=(plan.outcomes[0],),
        n_outcomes=1,
        numeric_as_keys=False,
        centre=np.zeros(1),
        n=n,
        sums=sum_y[:, None],
        products=sum_yy[:, None, None],
        n_rows=int(n.sum()),
        n_dropped=0,
    )
    return trial_data(table, plan, outcome=plan.outcomes[0])
