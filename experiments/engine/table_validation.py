"""What can be wrong with a trial once its rows are grouped: clusters and arms."""

import numpy as np
import numpy.typing as npt

from experiments.engine.grouped_table import GroupedTable
from experiments.engine.name_list import listed
from experiments.errors import InputError

_MOST_ONE_ROW_CLUSTERS = 500
_MOST_ARMS = 20
_SHOWN = 3


def check_clusters(table: GroupedTable, *, max_clusters: int, max_groups: int) -> None:
    """Refuse a cluster column that identifies units, and keys with too many combinations."""
    n_units = int(table.n.sum())
    # A short table may hold one row for each cluster; a long one holds units.
    unit_like = table.n_clusters == n_units > _MOST_ONE_ROW_CLUSTERS
    if table.n_clusters > max_clusters or unit_like:
        raise InputError(
            f"Column '{table.cluster_column}' has {table.n_clusters:,} different values in "
            f"{n_units:,} rows, so it identifies units, not clusters. Name the column of the "
            "group that was randomised, such as a zone, a school or a practice (max_clusters sets "
            "how many are allowed)."
        )
    if len(table.n) > max_groups:
        raise InputError(
            f"Clusters, arms, strata and covariates make more than {max_groups:,} combinations. "
            "Use fewer covariates, or round numeric ones."
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
