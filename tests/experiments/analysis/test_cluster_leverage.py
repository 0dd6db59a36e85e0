import numpy as np
import pytest

from experiments.analysis.cluster_leverage import identifying_clusters, working_moments
from experiments.analysis.cluster_robust import cluster_robust_fit
from experiments.analysis.statsmodels_ols import row_moments

N_CLUSTERS = 9


def rows():
    rng = np.random.default_rng(11)
    g = np.repeat(np.arange(N_CLUSTERS), rng.integers(3, 8, N_CLUSTERS))
    block = g // 3
    x = np.column_stack([np.ones(len(g)), g % 2, rng.normal(size=len(g))]).astype(float)
    return g, block, x, rng.normal(size=len(g))


def dense_traces(g, design, contrasts, power):
    """Mean and products of the sandwich from n x n matrices."""
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    left = np.eye(len(g)) - hat
    vectors = np.zeros((len(contrasts), N_CLUSTERS, len(g)))
    for cluster in range(N_CLUSTERS):
        own = g == cluster
        values, basis = np.linalg.eigh(left[np.ix_(own, own)])
        safe = np.where(values > 1e-8, values, 1.0)
        adjusted = basis @ np.diag(np.where(values > 1e-8, safe**power, 0.0)) @ basis.T
        for s, contrast in enumerate(contrasts):
            vectors[s, cluster] = left[:, own] @ adjusted @ design[own] @ bread @ contrast
    p = np.einsum("sgi,thi->stgh", vectors, vectors)
    return np.einsum("stgg->st", p), np.einsum("stgh,uwgh->stuw", p, p)


@pytest.mark.parametrize("absorbed", [False, True])
@pytest.mark.parametrize(("correction", "power"), [("CR1", 0.0), ("CR2", -0.5), ("CR3", -1.0)])
def test_traces_equal_those_of_dense_matrices(correction, power, absorbed):
    g, block, x, y = rows()
    names = ("(intercept)", "treated", "x")
    moments = row_moments(x, y, g, columns=names)
    groups = np.arange(N_CLUSTERS) // 3 if absorbed else None
    fit = cluster_robust_fit(moments, correction=correction, absorbed=groups)
    dummies = (block[:, None] == np.arange(1, 3)).astype(float)
    design = np.column_stack([x, dummies]) if absorbed else x
    contrasts = np.zeros((2, design.shape[1]))
    contrasts[0, 1], contrasts[1, 1:3] = 1.0, (0.5, 2.0)
    mean, products = dense_traces(g, design, contrasts, power)
    own = contrasts[:, 1:3] if absorbed else contrasts[:, :3]
    found = working_moments(fit.leverage, fit.adjusted, fit.leverage.whitening.T @ own.T)
    assert found[0] == pytest.approx(mean, rel=1e-10)
    assert found[1] == pytest.approx(products, rel=1e-9)


def carriers(treated, block=None):
    g = np.repeat(np.arange(len(treated)), 4)
    x = np.column_stack([np.ones(len(g)), np.asarray(treated, dtype=float)[g]])
    y = np.sin(np.arange(len(g)))
    fit = cluster_robust_fit(
        row_moments(x, y, g, columns=("(intercept)", "treated")), absorbed=block
    )
    place = fit.columns.index("treated")
    return identifying_clusters(fit.leverage, fit.leverage.whitening[place])


def test_clusters_that_carry_a_contrast_are_found():
    assert carriers([0, 0, 0, 0, 1, 0]) == (4,)
    assert carriers([1, 1, 0, 1, 1, 1]) == (2,)
    assert carriers([1, 0, 0, 0, 1, 0, 0]) == (0, 4)
    assert carriers([1, 0, 1, 0, 1, 0]) == ()


def test_with_absorbed_blocks_only_comparisons_inside_blocks_count():
    # Blocks of one arm say nothing, so the first pair alone carries the contrast.
    assert len(carriers([1, 0, 1, 1, 0, 0], block=[0, 0, 1, 1, 2, 2])) == 1
    assert carriers([1, 0, 1, 0, 1, 0], block=[0, 0, 1, 1, 2, 2]) == ()
    # One of each of two pairs: without them no pair is left.
    assert len(carriers([1, 0, 1, 0, 1, 1], block=[0, 0, 1, 1, 2, 2])) == 2
