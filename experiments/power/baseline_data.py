"""Assumptions of a power calculation, estimated from a table of baseline measurements."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.analysis.intraclass_correlation import (
    IccMethod,
    IntraclassCorrelation,
    intraclass_correlation,
)
from experiments.power.outcome import OutcomeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineEstimates:
    """What a baseline wave says about the outcome before the trial.

    Attributes
    ----------
    icc
        Intraclass correlation with its interval and the distribution of cluster sizes.
    mean, sd
        Mean and standard deviation over all units.
    """

    icc: IntraclassCorrelation
    mean: float
    sd: float

    def settings(self, kind: OutcomeKind) -> dict[str, Any]:
        """Settings of a :class:`~experiments.power.power_plan.PowerPlan` that follow from them.

        Ordinal outcomes keep their declared categories.
        """
        known: dict[str, Any] = {
            "icc": {
                "estimate": min(self.icc.estimate, 0.999),
                "low": min(self.icc.ci_low, 0.999),
                "high": min(self.icc.ci_high, 0.999),
                "level": self.icc.level,
            },
            "units": self.icc.mean_cluster_size,
            "cv": self.icc.cv_cluster_size,
        }
        if kind in {"binary", "count"}:
            known["baseline_level"] = self.mean
        if kind == "continuous":
            known["sd"] = self.sd
        return known


def baseline_estimates(
    *,
    n: npt.ArrayLike,
    sum_y: npt.ArrayLike,
    sum_yy: npt.ArrayLike,
    centre: float = 0.0,
    method: IccMethod = "anova",
    level: float = 0.95,
) -> BaselineEstimates:
    """Estimate the ICC, the cluster sizes, the level and the spread from baseline sums.

    Parameters
    ----------
    n, sum_y, sum_yy
        Units, sum and sum of squares of the outcome about ``centre`` in each cluster, shape (G,).
    method, level
        As in :func:`~experiments.analysis.intraclass_correlation.intraclass_correlation`.

    Raises
    ------
    AssumptionError
        Fewer than two clusters, or no cluster with two units.
    """
    icc = intraclass_correlation(n=n, sum_y=sum_y, sum_yy=sum_yy, method=method, level=level)
    total = float(np.sum(np.asarray(n, dtype=float)))
    mean = float(np.sum(np.asarray(sum_y, dtype=float))) / total
    spread = float(np.sum(np.asarray(sum_yy, dtype=float))) / total - mean**2
    return BaselineEstimates(icc=icc, mean=centre + mean, sd=float(np.sqrt(max(0.0, spread))))
