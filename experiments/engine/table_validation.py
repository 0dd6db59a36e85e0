"""What can be wrong with a trial once its rows are grouped: clusters and arms."""

import numpy as np
import numpy.typing as npt

from experiments.engine.grouped_table import GroupedTable
from experiments.engine.name_list import listed
from experiments.errors import InputError

# Units randomised one by one; draws of randomisation inference take 20 kB for each.
_MOST_ONE_ROW_CLUSTERS = 200_000
_MOST_ARMS = 20
_MANY_LEVELS = 20
_ROWS_PER_LEVEL = 5
_SHOWN = 3


def check_clusters(table: GroupedTable, *, max_clusters: int, max_groups: int) -> None:
    """Refuse more clusters, or combinations of keys, than can be held."""
    n_units = int(table.n.sum())
    unit_like = table.n_clusters == n_units > _MOST_ONE_ROW_CLUSTERS
    if table.n_clusters > max_clusters or unit_like:
        raise InputError(
            f"Column '{table.cluster_column}' has {table.n_clusters:,} different values in "
            f"{n_units:,} rows, so it identifies units, not clusters. Name the column of the "
            "group that was randomised, such as a zone, a school or a practice (max_clusters sets "
            "how many are allowed). Of units randomised one by one, "
            f"{_MOST_ONE_ROW_CLUSTERS:,} can be analysed."
        )
    if len(table.n) > max_groups:
        raise InputError(
            f"Clusters, arms, strata and covariates make more than {max_groups:,} combinations. "
            "Use fewer covariates, or round numeric ones."
        )


def check_spellings(table: GroupedTable) -> None:
    """Refuse labels of clusters, arms or strata that differ by spaces or capitals only."""
    for column, labels in (
        (table.arm_column, table.arm_labels),
        (table.cluster_column, table.cluster_labels),
        (table.stratum_column, table.stratum_labels),
    ):
        spellings: dict[str, str] = {}
        for label in labels.tolist():
            other = spellings.setdefault(" ".join(label.split()).casefold(), label)
            if other is not label:
                raise InputError(
                    f"Column '{column}' has the labels '{other}' and '{label}', which differ by "
                    "spaces or capitals only and would count as two. Write them the same way; or, "
                    "if they are two, give them other names."
                )


def check_factor_levels(table: GroupedTable, factor: str) -> None:
    """Refuse a factor with so many levels that it is an identifier or a measurement."""
    n_levels, n_units = len(table.factor_levels[factor]), int(table.n.sum())
    most = max(_MANY_LEVELS, min(n_units / 2, max(table.n_clusters, n_units / _ROWS_PER_LEVEL)))
    if n_levels > most:
        raise InputError(
            f"Column '{factor}' is text with {n_levels:,} different values in {n_units:,} rows, "
            f"such as {listed(table.factor_levels[factor].tolist(), most=3)}: too many for the "
            "levels of a factor. If it is a measurement, store it as numbers, with a point before "
            "decimals; otherwise group its values into a few levels, or leave it out."
        )


def check_arms(table: GroupedTable) -> None:
    """Refuse a single arm, and an arm column with so many values that it is something else."""
    if table.arm_column is None:
        return
    arms = table.arm_labels
    if len(arms) > _MOST_ARMS:
        raise InputError(
            f"Column '{table.arm_column}' has {len(arms):,} different values "
            f"({listed(arms.tolist(), most=5)}), more than the {_MOST_ARMS} arms a trial can have. "
            "Is it an identifier or a measurement? Name the column of the arms."
        )
    if len(arms) < 2:
        raise InputError(
            f"Column '{table.arm_column}' has one value only, {listed(arms.tolist())}, in all "
            f"{int(table.n.sum()):,} rows. A comparison needs at least two arms: check that no "
            "arm was filtered out or lost as missing."
        )


def check_arm(table: GroupedTable, arm: str) -> None:
    """Refuse an arm, such as a control, that does not occur."""
    if arm not in table.arm_labels:
        raise InputError(
            f"Arm '{arm}' does not occur in column '{table.arm_column}', whose arms are "
            f"{listed(table.arm_labels.tolist())}. Write it as it is written there."
        )


def refuse_arms_within_clusters(table: GroupedTable, varying: npt.NDArray[np.bool_]) -> None:
    """Refuse clusters with more than one arm, naming the first and their units in each arm.

    ``varying`` marks such clusters, shape (G,).
    """
    if not varying.any():
        return
    named = []
    for cluster in np.flatnonzero(varying)[:_SHOWN]:
        inside = table.cluster == cluster
        counts = np.bincount(table.arm[inside], table.n[inside], minlength=len(table.arm_labels))
        parts = [
            f"'{table.arm_labels[arm]}' ({counts[arm]:,.0f} rows)" for arm in counts.nonzero()[0]
        ]
        named.append(f"'{table.cluster_labels[cluster]}' has {' and '.join(parts)}")
    more = " ..." if varying.sum() > _SHOWN else ""
    raise InputError(
        f"Column '{table.arm_column}' varies inside {varying.sum():,} of {table.n_clusters:,} "
        f"clusters ('{table.cluster_column}'): {'; '.join(named)}{more}. Give each cluster one "
        "arm; or, if arms were assigned inside clusters or change over time, choose an analysis "
        "for that and say arms_within_clusters=True."
    )
