"""Part of a grouped table: some of its rows, with only the clusters that remain."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from experiments.engine.grouped_table import GroupedTable


def select_rows(table: GroupedTable, keep: npt.NDArray[np.bool_]) -> GroupedTable:
    """Keep the grouped rows where ``keep`` is true and drop clusters left without any.

    Parameters
    ----------
    keep
        Shape (R,).
    """
    used, cluster = np.unique(table.cluster[keep], return_inverse=True)
    return replace(
        table,
        cluster=cluster.astype(np.int64),
        cluster_labels=table.cluster_labels[used],
        arm=table.arm[keep],
        stratum=None if table.stratum is None else table.stratum[keep],
        factors={name: codes[keep] for name, codes in table.factors.items()},
        n=table.n[keep],
        sums=table.sums[keep],
        products=table.products[keep],
    )
