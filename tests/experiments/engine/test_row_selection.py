import numpy as np

from experiments.engine.cluster_moments import cluster_moments
from experiments.engine.cluster_table import cluster_table
from experiments.engine.grouped_scan import grouped_scan
from experiments.engine.row_selection import select_rows


def read(rows):
    return grouped_scan(
        rows, cluster="zone", arm="arm", outcomes=["score"], stratum="block", factors=["sex"]
    )


def test_kept_rows_are_those_of_a_scan_without_the_others(rows):
    table = read(rows)
    gone = ["z3", "z11"]
    kept = ~np.isin(table.cluster_labels[table.cluster], gone)
    part = cluster_table(select_rows(table, kept), outcome="score")
    alone = cluster_table(read(rows[~rows["zone"].isin(gone)]), outcome="score")
    assert list(part.labels) == list(alone.labels)
    assert list(part.n) == list(alone.n)
    assert np.allclose(part.means, alone.means)
    assert list(part.arm_labels[part.arm]) == list(alone.arm_labels[alone.arm])
    assert list(part.stratum_labels[part.stratum]) == list(alone.stratum_labels[alone.stratum])


def test_part_of_every_cluster_may_be_kept(rows):
    table = read(rows)
    women = table.factors["sex"] == list(table.factor_levels["sex"]).index("f")
    part = select_rows(table, women)
    alone = read(rows[rows["sex"] == "f"])
    assert part.n_clusters == table.n_clusters
    settings = {"outcome": "score", "control": "control", "stratum_dummies": True}
    assert np.allclose(cluster_moments(part, **settings).xx, cluster_moments(alone, **settings).xx)
    assert part.stratum is not None
    assert part.n.sum() == (rows["sex"] == "f").sum()
