"""Per-cluster cross-products: all that least squares and its cluster-robust variances need."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMoments:
    """Cross-products of a design matrix and one outcome, summed within each cluster.

    Attributes
    ----------
    clusters
        Labels, shape (G,).
    columns
        Names of the p design columns, the intercept first where there is one.
    xx
        ``X_g' W_g X_g`` for each cluster, shape (G, p, p).
    xy
        ``X_g' W_g y_g``, shape (G, p).
    yy
        ``y_g' W_g y_g``, shape (G,).
    n
        Units in each cluster, unweighted, shape (G,).
    """

    clusters: npt.NDArray[np.object_]
    columns: tuple[str, ...]
    xx: Floats
    xy: Floats
    yy: Floats
    n: Floats

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.n)
