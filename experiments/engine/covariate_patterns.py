"""Rows that share cluster and covariates, as counts: what likelihood and GEE estimators need."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariatePatterns:
    """Grouped rows, sorted by cluster; one pattern is one distinct design row in one cluster.

    Attributes
    ----------
    clusters
        Labels, shape (G,).
    columns
        Names of the p design columns, the intercept first.
    start
        Index of each cluster's first pattern, then R, shape (G + 1,).
    x
        Design rows, shape (R, p).
    n
        Units in each pattern, shape (R,).
    sum_y, sum_yy
        Sum and sum of squares of the outcome in each pattern, shape (R,).
    """

    clusters: npt.NDArray[np.object_]
    columns: tuple[str, ...]
    start: npt.NDArray[np.int64]
    x: Floats
    n: Floats
    sum_y: Floats
    sum_yy: Floats

    @property
    def n_clusters(self) -> int:
        """Number of clusters G."""
        return len(self.start) - 1

    @property
    def cluster(self) -> npt.NDArray[np.int64]:
        """Cluster code of each pattern, shape (R,)."""
        return np.repeat(np.arange(self.n_clusters), np.diff(self.start))
