"""One row per cluster: its arm, stratum, size and outcome sums."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.design_columns import outcome_index
from experiments.engine.grouped_table import Codes, Floats, GroupedTable, Labels
from experiments.engine.table_validation import refuse_arms_within_clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTable:
    """Sums of one outcome and means of the numeric covariates in each cluster.

    Attributes
    ----------
    labels
        Cluster labels, shape (G,).
    arm
        Codes into ``arm_labels``, shape (G,); -1 where the arm varies inside the cluster.
    stratum
        Codes into ``stratum_labels``, shape (G,), or None; -1 where it varies inside.
    arm_labels, stratum_labels
        Sorted text labels; the latter empty without strata.
    n
        Units in each cluster, shape (G,).
    sum_y, sum_yy
        Sum and sum of squares of the outcome about ``centre``, shape (G,).
    centre
        What was subtracted from the outcome before summing.
    covariates
        Mean of each numeric covariate in each cluster (not centred), shape (G,).
    """

    labels: Labels
    arm: Codes
    stratum: Codes | None
    arm_labels: Labels
    stratum_labels: Labels
    n: Floats
    sum_y: Floats
    sum_yy: Floats
    centre: float
    covariates: dict[str, Floats]

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.n)

    @property
    def means(self) -> Floats:
        """Mean outcome of each cluster, not centred, shape (G,)."""
        return self.centre + self.sum_y / self.n


def cluster_table(
    table: GroupedTable, *, outcome: str, arms_within_clusters: bool = False
) -> ClusterTable:
    """Sums of one outcome in each cluster.

    Parameters
    ----------
    arms_within_clusters
        Whether a cluster may have rows in several arms.

    Raises
    ------
    InputError
        If the outcome was not read, or a cluster has several arms and may not.
    """
    y = outcome_index(table, outcome)
    start = np.flatnonzero(np.diff(table.cluster, prepend=-1))
    arm = _constant_code(table.arm, start)
    if not arms_within_clusters:
        refuse_arms_within_clusters(table, arm < 0)
    n, sums = np.add.reduceat(table.n, start), np.add.reduceat(table.sums, start)
    return ClusterTable(
        labels=table.cluster_labels,
        arm=arm,
        stratum=None if table.stratum is None else _constant_code(table.stratum, start),
        arm_labels=table.arm_labels,
        stratum_labels=table.stratum_labels,
        n=n,
        sum_y=sums[:, y],
        sum_yy=np.add.reduceat(table.products[:, y, y], start),
        centre=float(table.centre[y]),
        covariates={
            name: table.centre[j] + sums[:, j] / n
            for j, name in enumerate(table.covariates, start=table.n_outcomes)
        },
    )


def _constant_code(codes: Codes, start: Codes) -> Codes:
    """Code of each cluster's rows, -1 where they differ."""
    lowest = np.minimum.reduceat(codes, start)
    return np.where(lowest == np.maximum.reduceat(codes, start), lowest, -1)
