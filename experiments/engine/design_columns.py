"""Design matrix of grouped rows: intercept and dummies, before numeric covariates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.engine.grouped_table import Codes, Floats, GroupedTable, Labels
from experiments.engine.name_list import listed
from experiments.engine.table_validation import check_arm, check_factor_levels
from experiments.errors import InputError

# Two gigabytes of doubles.
_MOST_CELLS = 250_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignColumns:
    """Columns that are constant within a grouped row, for the grouped rows kept.

    Attributes
    ----------
    clusters
        Labels of the clusters kept, shape (G,).
    start
        Index of each cluster's first kept row, then R, shape (G + 1,).
    kept
        Index of each kept row in the table, shape (R,).
    names
        Names of the columns, the intercept first.
    values
        Ones and dummies, shape (R, q).
    """

    clusters: Labels
    start: Codes
    kept: Codes
    names: tuple[str, ...]
    values: Floats


def design_columns(
    table: GroupedTable,
    *,
    control: str,
    factors: Sequence[str],
    stratum_dummies: bool,
    arms: Sequence[str] | None,
) -> DesignColumns:
    """Intercept, one dummy per other arm, then dummies of stratum and factors.

    Of strata and factors, the first level among the rows kept has no dummy.

    Parameters
    ----------
    control
        Arm without a dummy.
    arms
        Arms whose rows are kept, the control among them; None keeps all.

    Raises
    ------
    InputError
        If an arm, a factor or the stratum does not exist, or a factor has too many levels.
    """
    kept = _kept_rows(table, control, arms)
    names, blocks = ["(intercept)"], [np.ones((len(kept), 1))]
    others = [code for code, label in enumerate(table.arm_labels) if label != control]
    present = [code for code in others if np.any(table.arm[kept] == code)]
    names += [str(table.arm_labels[code]) for code in present]
    blocks.append(_dummies(table.arm[kept], present))
    grouped: list[tuple[str, Codes, Labels]] = []
    if stratum_dummies:
        if table.stratum is None:
            raise InputError("Stratum dummies need a stratum column; none was read.")
        grouped.append(("stratum", table.stratum, table.stratum_labels))
    for factor in factors:
        if factor not in table.factors:
            raise InputError(
                f"'{factor}' was not read as a factor; the factors are "
                f"{listed(list(table.factors)) or 'none'}."
            )
        check_factor_levels(table, factor)
        grouped.append((factor, table.factors[factor], table.factor_levels[factor]))
    _refuse_too_many_cells(len(kept), {name: len(labels) for name, _, labels in grouped})
    for name, codes, labels in grouped:
        levels = np.unique(codes[kept])[1:].tolist()
        names += [f"{name}[{labels[level]}]" for level in levels]
        blocks.append(_dummies(codes[kept], levels))
    clusters = table.cluster[kept]
    first = np.flatnonzero(np.diff(clusters, prepend=-1))
    return DesignColumns(
        clusters=table.cluster_labels[clusters[first]],
        start=np.append(first, len(kept)),
        kept=kept,
        names=tuple(names),
        values=np.hstack(blocks),
    )


def outcome_index(table: GroupedTable, outcome: str) -> int:
    """Index of an outcome among the table's numeric columns.

    Raises
    ------
    InputError
        If it was not read as an outcome.
    """
    if outcome not in table.outcomes:
        raise InputError(
            f"'{outcome}' was not read as an outcome; the outcomes are {listed(table.outcomes)}."
        )
    return table.outcomes.index(outcome)


def covariate_indices(table: GroupedTable, numeric: Sequence[str]) -> list[int]:
    """Indices of numeric covariates among the table's numeric columns.

    Raises
    ------
    InputError
        If one was not read as a numeric covariate.
    """
    for name in numeric:
        if name not in table.covariates:
            raise InputError(
                f"'{name}' was not read as a numeric covariate; they are "
                f"{listed(table.covariates) or 'none'}."
            )
    return [table.n_outcomes + table.covariates.index(name) for name in numeric]


def _kept_rows(table: GroupedTable, control: str, arms: Sequence[str] | None) -> Codes:
    for arm in [control, *(arms or ())]:
        check_arm(table, arm)
    if arms is None:
        return np.arange(len(table.n))
    if control not in arms or len(set(arms)) < 2:
        raise InputError(
            f"Arms to compare must be the control '{control}' and at least one other; "
            f"they are {listed(list(arms))}."
        )
    return np.flatnonzero(np.isin(table.arm_labels, list(arms))[table.arm])


def _refuse_too_many_cells(n_rows: int, n_levels: Mapping[str, int]) -> None:
    if n_rows * sum(n_levels.values()) > _MOST_CELLS:
        name = max(n_levels, key=n_levels.__getitem__)
        raise InputError(
            f"'{name}' has {n_levels[name]:,} levels, too many for a column each in a model of "
            f"{n_rows:,} groups of rows. Group its values into fewer levels, or leave it out."
        )


def _dummies(codes: Codes, levels: list[int]) -> Floats:
    return np.equal(codes[:, None], np.array(levels, dtype=np.int64)).astype(np.float64)
