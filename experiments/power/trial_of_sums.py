"""A trial's data straight from sums of its clusters, for simulation with the real estimators."""

import numpy as np
import numpy.typing as npt

from experiments.analysis.plan import AnalysisPlan
from experiments.analysis.trial_data import TrialData, trial_data
from experiments.engine.grouped_table import GroupedTable
from experiments.power.simulated_cells import SimulatedCells

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PERIOD = "period"


def trial_of_sums(
    *,
    n: Floats,
    sum_y: Floats,
    sum_yy: Floats,
    arm: npt.NDArray[np.int8],
    plan: AnalysisPlan,
    block: Ints | None = None,
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
    table = _grouped(
        plan,
        cluster=np.arange(len(n), dtype=np.int64),
        arm=arm.astype(np.int64),
        n=n,
        sum_y=sum_y,
        sum_yy=sum_yy,
        covariates={},
        block=block,
        period=None,
    )
    return trial_data(table, plan, outcome=plan.outcomes[0])


def trial_of_cells(cells: SimulatedCells, place: int, plan: AnalysisPlan) -> TrialData:
    """Make the data of one simulated trial, grouped as the plan has its rows grouped.

    Parameters
    ----------
    place
        Which of the S trials.
    plan
        Where it names :data:`PERIOD`, as the period or as a covariate, periods stay apart; else
        they are pooled. Its other covariates are :func:`covariate_names`.
    """
    n, sum_y, sum_yy = cells.n[place], cells.sum_y[place], cells.sum_yy[place]
    by_period = PERIOD in (plan.period, *plan.covariates)
    arm, n_periods = cells.arm[place], n.shape[1]
    if not by_period:
        n, sum_y, sum_yy = (part.sum(axis=1, keepdims=True) for part in (n, sum_y, sum_yy))
    cluster, period, level = np.nonzero(n)
    kept = (cluster, period, level)
    order = np.lexsort([cells.levels[level], period, arm[cluster, period], cluster])
    cluster, period, level = (part[order] for part in kept)
    kept = (cluster, period, level)
    names = covariate_names(cells.covariates.shape[-1], of_units=len(cells.levels) > 1)
    values = [*cells.covariates[place].T[:, cluster]]
    if len(values) < len(names):
        values.append(cells.levels[level])
    table = _grouped(
        plan,
        cluster=cluster,
        arm=arm[cluster, period].astype(np.int64),
        n=n[kept],
        sum_y=sum_y[kept],
        sum_yy=sum_yy[kept],
        covariates=dict(zip(names, values, strict=True)),
        block=None,
        period=(period, n_periods) if by_period else None,
    )
    return trial_data(
        table,
        plan,
        outcome=plan.outcomes[0],
        factors=[name for name in plan.covariates if name == PERIOD],
        numeric=names,
    )


def covariate_names(of_clusters: int, *, of_units: bool) -> tuple[str, ...]:
    """Names of so many simulated covariates of clusters, then that of units if there is one."""
    return (*(f"cluster_{j + 1}" for j in range(of_clusters)), *(("unit",) if of_units else ()))


def period_labels(n_periods: int) -> tuple[str, ...]:
    """Labels of periods that sort in time."""
    width = len(str(n_periods))
    return tuple(f"period {t + 1:0{width}d}" for t in range(n_periods))


def _grouped(
    plan: AnalysisPlan,
    *,
    cluster: Ints,
    arm: Ints,
    n: Floats,
    sum_y: Floats,
    sum_yy: Floats,
    covariates: dict[str, Floats],
    block: Ints | None,
    period: tuple[Ints, int] | None,
) -> GroupedTable:
    """Sorted grouped rows whose covariates are constant in each."""
    values = np.column_stack([np.ones(len(n)), *covariates.values()])
    sums = n[:, None] * values
    products = sums[:, :, None] * values[:, None, :]
    # The column of ones stood for the outcome.
    products[:, 0] = products[:, :, 0] = sum_y[:, None] * values
    sums[:, 0], products[:, 0, 0] = sum_y, sum_yy
    return GroupedTable(
        cluster=cluster,
        arm=arm,
        stratum=block,
        factors={} if period is None else {PERIOD: period[0]},
        cluster_labels=np.arange(int(cluster.max()) + 1).astype(str).astype(object),
        arm_labels=_labels(arm),
        stratum_labels=np.array([], dtype=object) if block is None else _labels(block),
        factor_levels={}
        if period is None
        else {PERIOD: np.array(period_labels(period[1]), dtype=object)},
        numeric=(plan.outcomes[0], *covariates),
        n_outcomes=1,
        numeric_as_keys=bool(covariates),
        centre=np.zeros(1 + len(covariates)),
        n=n,
        sums=sums,
        products=products,
        n_rows=int(n.sum()),
        n_dropped=0,
    )


def _labels(codes: Ints) -> npt.NDArray[np.object_]:
    return np.array([str(code) for code in range(int(codes.max()) + 1)], dtype=object)
