"""One estimated effect with its uncertainty, its method and its caveats."""

from dataclasses import dataclass, field
from typing import Any, Literal

Scale = Literal[
    "difference",
    "ratio",
    "log_ratio",
    "odds_ratio",
    "log_odds_ratio",
    "cohens_h",
    "hedges_g",
    "number_needed_to_treat",
]
Estimand = Literal["cluster", "unit", "given the cluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectEstimate:
    """Effect of one arm against the control on one outcome.

    Attributes
    ----------
    outcome
        Outcome column.
    contrast
        Arm and control, as ``"arm vs control"``.
    estimand
        Whose average: ``"cluster"``, ``"unit"``, or ``"given the cluster"`` for a mixed model.
    estimate, std_error
        On ``scale``; the standard error is None where the method gives none.
    df
        Degrees of freedom of the reference t distribution; None where none is used.
    ci_low, ci_high
        Interval at ``level``; infinite where the method cannot bound that side.
    p_value
        Two-sided.
    scale
        ``"difference"`` is in units of the outcome: 0.05 is five points for a share.
    method, estimator
        What was computed, in words, and the estimator's name in a plan.
    reference
        Paper followed.
    warnings
        What a reader must know before using the number.
    n_clusters, n_units
        By arm label, the two arms of the contrast only, and what the estimator used of them.
    n_clusters_in_both
        Clusters with rows in both arms, counted under each.
    icc, design_effect
        Intraclass correlation by analysis of variance, and variance inflation against
        independent rows; None where not estimable.
    level
        Coverage of the interval, e.g. 0.95.
    p_adjusted, adjustment
        P value corrected for the declared family of comparisons, and the correction.
    extra
        Method-specific figures (number of draws, admissible allocations, variance components).
    """

    outcome: str
    contrast: str
    estimate: float
    std_error: float | None
    df: float | None
    ci_low: float
    ci_high: float
    p_value: float
    scale: Scale
    method: str
    estimator: str
    reference: str
    estimand: Estimand
    n_clusters: dict[str, int]
    n_units: dict[str, int]
    n_clusters_in_both: int = 0
    warnings: tuple[str, ...] = ()
    icc: float | None = None
    design_effect: float | None = None
    level: float = 0.95
    p_adjusted: float | None = None
    adjustment: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
