"""Stepped-wedge trials: precision of the effect under the planned schedule."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import stats

from experiments.errors import InputError
from experiments.power.contrast import Contrast
from experiments.power.outcome import Outcome
from experiments.power.wald_power import Reference
from experiments.power.wedge_schedule import schedule_of, with_extra_periods
from experiments.power.wedge_variance import components_from_correlations, effect_variance

Floats = npt.NDArray[np.float64]
SIZE_NODES = 25
FEW_CLUSTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedWedgeDesign:
    """Clusters that all change from control to treatment, in drawn order.

    Power is that of generalised least squares on cluster-period means with known variances and
    fixed period effects. Its t test has ``clusters - 2`` degrees of freedom, as that of two arms
    of so many clusters: cautious, for the comparison is partly within clusters.

    Attributes
    ----------
    outcome
        Kind of outcome with its control level; variances are taken at the mean of both arms'
        levels, as ``swCRTdesign``.
    effect
        Difference from the control, signed.
    sequences
        One word per sequence, as
        :func:`~experiments.power.wedge_schedule.stepped_wedge_sequences` gives them.
    clusters
        Clusters per sequence.
    units
        Mean number of units per cluster and period.
    icc
        Intraclass correlation of units in the same period, in [0, 1).
    cluster_autocorrelation
        Correlation of a cluster's true means at two periods.
    individual_autocorrelation
        Correlation of a unit's own deviations at two periods: 0 for repeated cross-sections,
        positive for a closed cohort.
    treatment_sd, treatment_correlation
        Standard deviation of the effect between clusters, and its correlation with their level.
    cv
        Coefficient of variation of cluster sizes; information is averaged over gamma sizes.
    cluster_sizes
        Known sizes instead: one per cluster, sequence by sequence; ``units`` and ``cv`` are then
        ignored. Each is a number, or a tuple of one number per period.
    extra_periods
        Treated periods added after the last step.
    level
        One minus the level of significance.
    reference
        Reference distribution of the test.
    """

    outcome: Outcome
    effect: float
    sequences: tuple[str, ...]
    clusters: float
    units: float
    icc: float
    cluster_autocorrelation: float = 1.0
    individual_autocorrelation: float = 0.0
    treatment_sd: float = 0.0
    treatment_correlation: float = 0.0
    cv: float = 0.0
    cluster_sizes: tuple[float, ...] | tuple[tuple[float, ...], ...] = ()
    extra_periods: int = 0
    level: float = 0.95
    reference: Reference = "noncentral t"

    def __post_init__(self) -> None:
        for name in ("icc", "cluster_autocorrelation", "individual_autocorrelation"):
            if not 0 <= getattr(self, name) <= 1 or (name == "icc" and self.icc == 1):
                message = f"{name}: {getattr(self, name)} is outside [0, 1]"
                raise InputError(message)
        if self.individual_autocorrelation == 1:
            message = "individual_autocorrelation: 1 leaves no residual; 0.9 is very high already"
            raise InputError(message)
        if self.clusters <= 0 or not self.units >= 1 or self.cv < 0 or self.extra_periods < 0:
            message = "clusters must be positive, units at least 1, cv and extra periods at least 0"
            raise InputError(message)
        if not 0 < self.level < 1:
            message = f"level: {self.level} is outside (0, 1)"
            raise InputError(message)
        if self.cluster_sizes and len(self.cluster_sizes) != self.total_clusters():
            message = (
                f"cluster_sizes: {len(self.cluster_sizes)} given for {self.total_clusters():g} "
                "clusters; one per cluster is expected, sequence by sequence"
            )
            raise InputError(message)
        schedule_of(self.sequences)

    @property
    def waves(self) -> int:
        """Treated periods added after the last step."""
        return self.extra_periods

    @property
    def most_waves(self) -> int:
        """Largest number of extra periods that a search may try."""
        return 50

    @property
    def fewest_clusters(self) -> float:
        """Least clusters per sequence that leave a degree of freedom."""
        return 3 / len(self.sequences)

    def total_clusters(self) -> float:
        """Clusters in all sequences."""
        return self.clusters * len(self.sequences)

    def schedule(self) -> Floats:
        """Treatment of each sequence in each period, shape (S, J), NaN where not observed."""
        return schedule_of(with_extra_periods(self.sequences, self.extra_periods))

    def contrast(self) -> Contrast:
        """Precision of the effect; the design effect is against a two-arm parallel trial.

        Raises
        ------
        AssumptionError
            Treatment cannot be told from the periods in this schedule.
        """
        _, unit = self.outcome.components(effect=self.effect, icc=self.icc, variance_at="pooled")
        components = components_from_correlations(
            between=unit.between,
            within=unit.within,
            cluster_autocorrelation=self.cluster_autocorrelation,
            individual_autocorrelation=self.individual_autocorrelation,
            treatment_sd=self.treatment_sd,
            treatment_correlation=self.treatment_correlation,
        )
        schedule, sizes, weights = self._rows()
        variance = effect_variance(schedule, sizes, components, weights=weights)
        cells = np.broadcast_to(sizes if sizes.ndim == 2 else sizes[:, None], schedule.shape)
        total = float(np.sum(weights[:, None] * np.where(np.isnan(schedule), 0.0, cells)))
        return Contrast(
            std_error=math.sqrt(variance),
            df=self.total_clusters() - 2,
            level=self.level,
            design_effect=variance * total / (4 * unit.total),
        )

    def largest_effect(self, sign: int) -> float:
        """Largest effect in that direction that leaves the outcome in its range, unsigned."""
        return self.outcome.largest_effect(sign)

    def vary(
        self,
        *,
        effect: float | None = None,
        icc: float | None = None,
        clusters: float | None = None,
        units: float | None = None,
        waves: int | None = None,
    ) -> Self:
        """Return the design with values changed; ``waves`` are extra periods.

        Raises
        ------
        InputError
            Clusters or units are to change although each cluster's size was given.
        """
        if self.cluster_sizes and (clusters is not None or units is not None):
            message = (
                "cluster_sizes fixes the clusters and their units: to vary them, give units "
                "and cv instead"
            )
            raise InputError(message)
        return replace(
            self,
            effect=self.effect if effect is None else effect,
            icc=self.icc if icc is None else icc,
            clusters=self.clusters if clusters is None else clusters,
            units=self.units if units is None else units,
            extra_periods=self.extra_periods if waves is None else waves,
        )

    def caveats(self) -> tuple[str, ...]:
        """What a reader must know before using the power of this design."""
        notes = []
        if self.total_clusters() < FEW_CLUSTERS:
            notes.append(
                f"Fewer than {FEW_CLUSTERS} clusters in the stepped wedge: the variances that "
                "weigh the comparisons cannot be estimated well, so real power is lower."
            )
        if self.cluster_autocorrelation == 1:
            notes.append(
                "The cluster autocorrelation is taken as 1: if clusters drift over the periods, "
                "power is lower; 0.8 is a common assumption."
            )
        return tuple(notes)

    def _rows(self) -> tuple[Floats, Floats, Floats]:
        """Schedule, sizes and number of clusters of each distinct kind of cluster."""
        schedule = self.schedule()
        if self.cluster_sizes:
            sizes = np.array(self.cluster_sizes, dtype=float)
            rows = np.repeat(schedule, round(self.clusters), axis=0)
            return rows, sizes, np.ones(len(rows))
        nodes = _gamma_nodes(self.units, self.cv)
        rows = np.repeat(schedule, len(nodes), axis=0)
        weights = np.full(len(rows), self.clusters / len(nodes))
        return rows, np.tile(nodes, len(schedule)), weights


def _gamma_nodes(mean: float, cv: float) -> Floats:
    """Equally likely sizes with the mean and spread of a gamma law, raised to 1 where below."""
    if cv == 0 or math.isinf(mean):
        return np.array([mean])
    middle = (np.arange(SIZE_NODES) + 0.5) / SIZE_NODES
    nodes = stats.gamma.ppf(middle, 1 / cv**2, scale=mean * cv**2)
    return np.asarray(np.maximum(nodes * mean / nodes.mean(), 1.0))
