import numpy as np

from experiments.engine.cluster_table import cluster_table
from experiments.engine.grouped_scan import grouped_scan


def test_one_row_per_cluster(rows):
    rows["score"] += 1000
    rows["age"] += 10_000
    table = grouped_scan(
        rows,
        cluster="zone",
        arm="arm",
        stratum="block",
        outcomes=["sorted", "score"],
        factors=["sex"],
        numeric=["age"],
    )
    clusters = cluster_table(table, outcome="score")
    by_zone = (
        rows.groupby("zone")
        .agg(n=("age", "size"), mean=("score", "mean"), var=("score", "var"), age=("age", "mean"))
        .loc[clusters.labels.tolist()]
    )
    np.testing.assert_array_equal(clusters.n, by_zone["n"])
    np.testing.assert_allclose(clusters.means, by_zone["mean"], rtol=1e-13)
    variance = (clusters.sum_yy - clusters.sum_y**2 / clusters.n) / (clusters.n - 1)
    np.testing.assert_allclose(variance, by_zone["var"], rtol=1e-10)
    np.testing.assert_allclose(clusters.covariates["age"], by_zone["age"], rtol=1e-13)
    arms = rows.groupby("zone")["arm"].first().loc[clusters.labels.tolist()]
    assert clusters.arm_labels[clusters.arm].tolist() == arms.tolist()
    blocks = rows.groupby("zone")["block"].first().loc[clusters.labels.tolist()]
    assert clusters.stratum_labels[clusters.stratum].tolist() == blocks.astype(str).tolist()
    assert clusters.n_clusters == 12


def test_strata_that_vary_inside_a_cluster_are_marked(rows):
    table = grouped_scan(rows, cluster="zone", arm="arm", stratum="sex", outcomes=["sorted"])
    clusters = cluster_table(table, outcome="sorted")
    assert clusters.stratum.tolist() == [-1] * 12


def test_without_arms_there_is_one_nameless_arm(rows):
    table = grouped_scan(rows, cluster="zone", arm=None, outcomes=["sorted"])
    clusters = cluster_table(table, outcome="sorted")
    assert clusters.arm.tolist() == [0] * 12
    assert clusters.stratum is None
