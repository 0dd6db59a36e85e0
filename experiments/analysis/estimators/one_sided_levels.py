"""Strata and factor levels with only 0, or only 1, which say nothing on ratios of the arms."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.analysis.trial_data import TrialData
from experiments.engine.design_columns import outcome_index
from experiments.engine.grouped_table import GroupedTable
from experiments.engine.row_selection import select_rows

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """Rows of one level whose outcomes are all ``outcome``."""

    name: str
    outcome: int
    rows: npt.NDArray[np.bool_]


def without_one_sided_levels(trial: TrialData) -> tuple[TrialData, tuple[str, ...]]:
    """Leave out strata and factor levels with only 0, or for a 0/1 outcome only 1.

    The coefficient of such a level runs to infinity, its rows' likelihood to 1 whatever the
    other coefficients and random intercepts are: the likelihood's supremum is the maximum
    without these rows, and the arms' coefficients and information are those of that maximum
    (complete separation in one covariate, Heinze & Schemper 2002; counts of 0, Correia et al.
    2019). A GEE that keeps them has standard errors that depend on the reference level.

    Parameters
    ----------
    trial : TrialData
        Of any outcome; a gaussian one has no such levels.

    Returns
    -------
    tuple of TrialData and tuple of str
        The trial with the rows that remain in its table, and one warning a level. As given where
        no level is one-sided, or where an arm would be left without rows.

    References
    ----------
    Heinze & Schemper (2002), Statistics in Medicine 21, 2409-2419; Correia, Guimaraes & Zylkin
    (2019), arXiv:1903.01633.
    """
    if trial.family == "gaussian":
        return trial, ()
    table, warnings = trial.table, list[str]()
    while (level := _one_sided_level(trial, table)) is not None:
        units = float(table.n[level.rows].sum())
        warnings.append(
            f"{level.name}: every outcome is {level.outcome}, so its coefficient is infinite and "
            f"its {units:.0f} rows hold nothing on ratios of the arms; they were left out, of the "
            "counts and of the arm means too"
        )
        table = select_rows(table, ~level.rows)
    if len(np.unique(table.arm)) < len(trial.arms):
        return trial, ()
    return replace(trial, table=table), tuple(warnings)


def _one_sided_level(trial: TrialData, table: GroupedTable) -> _Level | None:
    y = outcome_index(table, trial.outcome)
    events = table.sums[:, y] + table.centre[y] * table.n
    grouped = [(name, table.factors[name], table.factor_levels[name]) for name in trial.factors]
    if trial.block is not None and table.stratum is not None:
        grouped.insert(0, (str(trial.plan.block), table.stratum, table.stratum_labels))
    for name, codes, labels in grouped:
        units = np.bincount(codes, table.n, minlength=len(labels))
        share = np.bincount(codes, events, minlength=len(labels)) / np.maximum(units, 1)
        extreme = share <= _ROUNDING
        if trial.family == "binomial":
            extreme |= share >= 1 - _ROUNDING
        for code in np.flatnonzero(extreme & (units > 0)):
            rows = codes == code
            return _Level(name=f"{name} = {labels[code]}", outcome=round(share[code]), rows=rows)
    return None
