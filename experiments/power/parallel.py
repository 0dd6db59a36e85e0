"""Parallel cluster-randomised trials: variance of one arm against the control."""

import math
from dataclasses import dataclass, replace
from typing import Literal, Self

from experiments.errors import InputError
from experiments.power.contrast import Contrast
from experiments.power.design_effect import (
    BaselineAnalysis,
    Components,
    Weighting,
    explained,
    mean_variance,
    over_waves,
)
from experiments.power.outcome import Outcome, VarianceAt
from experiments.power.wald_power import Reference

FEW_CLUSTERS_PER_ARM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelDesign:
    """Clusters drawn into a control and one or more treated arms, then measured in waves.

    The test of each treated arm against the control is a t test on cluster summaries with
    ``k1 + k0 - 2`` degrees of freedom, less one for each cluster-level covariate.

    Attributes
    ----------
    outcome
        Kind of outcome with its control level.
    effect
        Difference from the control (log odds ratio for ordinal outcomes), signed.
    clusters
        Clusters in each treated arm.
    units
        Mean number of units per cluster and wave.
    icc
        Intraclass correlation of units in the same wave, in [0, 1).
    control_clusters
        Clusters in the control arm; as many as in a treated arm by default.
    cv
        Coefficient of variation of the number of units per cluster.
    weighting
        How the analysis weighs clusters of unequal size; see
        :func:`~experiments.power.design_effect.design_effect`.
    arms
        Arms, the control among them.
    multiplicity
        ``"bonferroni"`` divides the level of significance by the number of treated arms, a
        lower bound for Holm's procedure; ``"none"`` does not.
    waves, baseline_waves
        Waves of measurement after and before the start.
    baseline_analysis
        Waves before the start as a covariate, or subtracted.
    cluster_autocorrelation
        Correlation of a cluster's true means at two waves. Needed with several waves.
    individual_autocorrelation
        Correlation of a unit's own deviations at two waves: 0 for repeated cross-sections,
        positive for a cohort.
    cluster_r2, unit_r2, covariates
        Share of the variance between and within clusters that covariates explain, and how many
        of them are cluster-level covariates; for information other than baseline waves.
    level
        One minus the level of significance of the whole trial.
    variance_at
        Whose level sets the variances.
    reference
        Reference distribution of the test.
    """

    outcome: Outcome
    effect: float
    clusters: float
    units: float
    icc: float
    control_clusters: float | None = None
    cv: float = 0.0
    weighting: Weighting = "size"
    arms: int = 2
    multiplicity: Literal["bonferroni", "none"] = "bonferroni"
    waves: int = 1
    baseline_waves: int = 0
    baseline_analysis: BaselineAnalysis = "ancova"
    cluster_autocorrelation: float | None = None
    individual_autocorrelation: float = 0.0
    cluster_r2: float = 0.0
    unit_r2: float = 0.0
    covariates: int = 0
    level: float = 0.95
    variance_at: VarianceAt = "each arm"
    reference: Reference = "noncentral t"

    def __post_init__(self) -> None:
        _check_shares(self)
        if self.clusters <= 0 or not self.units >= 1 or self.cv < 0:
            message = "clusters must be positive, units at least 1 and cv at least 0"
            raise InputError(message)
        if self.arms < 2 or self.waves < 1 or min(self.baseline_waves, self.covariates) < 0:
            message = "a trial has at least 2 arms and 1 wave after the start"
            raise InputError(message)
        if self.cluster_autocorrelation is None and (self.waves > 1 or self.baseline_waves > 0):
            message = (
                "cluster_autocorrelation: needed with several waves; 0.8 is a common assumption, "
                "1 means that clusters keep their level between waves"
            )
            raise InputError(message)
        if self.baseline_waves > 0 and (self.cluster_r2 > 0 or self.unit_r2 > 0):
            message = (
                "baseline_waves and cluster_r2 or unit_r2 say the same thing twice: "
                "keep the waves, or the share of variance explained"
            )
            raise InputError(message)
        if self.cluster_r2 > 0 and self.covariates == 0:
            message = "covariates: a positive cluster_r2 needs at least one cluster-level covariate"
            raise InputError(message)

    @property
    def most_waves(self) -> int:
        """Largest number of waves that a search may try."""
        return 10**9

    @property
    def fewest_clusters(self) -> float:
        """Least clusters per treated arm that leave a degree of freedom."""
        return (self._adjusted() + 3 + (self._adjusted() > 0)) / (1 + self._ratio())

    def total_clusters(self) -> float:
        """Clusters in all arms."""
        return self.clusters * (self.arms - 1) + self._controls()

    def contrast(self) -> Contrast:
        """Precision of one treated arm against the control.

        Arm means of cluster summaries have variance ``mean_variance / k`` (Donner & Klar 2000).
        A covariate fitted on few clusters costs degrees of freedom and, for q normal covariates
        over K clusters, the factor ``1 + q / (K - q - 3)`` (the expected imbalance of the
        covariates between arms).

        Raises
        ------
        InputError
            Too few clusters for the covariates, or the effect leaves the outcome's range.
        """
        control, treated = self.outcome.components(
            effect=self.effect, icc=self.icc, variance_at=self.variance_at
        )
        clusters = self.clusters + self._controls()
        variance = self._arm_variance(treated) / self.clusters
        variance += self._arm_variance(control) / self._controls()
        independent = treated.total / self.clusters + control.total / self._controls()
        design_effect = variance * self.units * self.waves / independent
        adjusted = self._adjusted()
        if adjusted and self.reference != "normal":
            spare = clusters - adjusted - 3
            if spare <= 0:
                message = (
                    f"{clusters:g} clusters in the two arms are too few to adjust for "
                    f"{adjusted} cluster-level covariates: {adjusted + 4} or more are needed"
                )
                raise InputError(message)
            variance *= 1 + adjusted / spare
        comparisons = self.arms - 1 if self.multiplicity == "bonferroni" else 1
        return Contrast(
            std_error=math.sqrt(variance),
            df=clusters - 2 - adjusted,
            level=1 - (1 - self.level) / comparisons,
            design_effect=design_effect,
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
        """Return the design with values changed; the control arm grows with the others."""
        changed = replace(
            self,
            effect=self.effect if effect is None else effect,
            icc=self.icc if icc is None else icc,
            units=self.units if units is None else units,
            waves=self.waves if waves is None else waves,
        )
        if clusters is None:
            return changed
        controls = None if self.control_clusters is None else clusters * self._ratio()
        return replace(changed, clusters=clusters, control_clusters=controls)

    def caveats(self) -> tuple[str, ...]:
        """What a reader must know before using the power of this design."""
        notes = []
        fewest = min(self.clusters, self._controls())
        if fewest < FEW_CLUSTERS_PER_ARM:
            draws = math.comb(math.floor(self.clusters + self._controls()), math.floor(fewest))
            notes.append(
                f"Fewer than {FEW_CLUSTERS_PER_ARM} clusters in an arm: the {draws} ways to draw "
                f"them allow no exact p-value below {min(1.0, 2 / draws):.2g}, and the t test "
                "rests on normal cluster means that cannot be checked."
            )
        if self.cv > 1:
            notes.append(
                "Cluster sizes vary with a coefficient above 1: corrections for unequal sizes "
                "are expansions that lose accuracy there; simulate."
            )
        if self.arms > 2:
            how = (
                "shared equally between" if self.multiplicity == "bonferroni" else "kept whole for"
            )
            notes.append(
                f"The level of significance is {how} the {self.arms - 1} comparisons with "
                "the control."
            )
        return tuple(notes)

    def _controls(self) -> float:
        return self.clusters if self.control_clusters is None else self.control_clusters

    def _ratio(self) -> float:
        return self._controls() / self.clusters

    def _adjusted(self) -> int:
        """Cluster-level covariates whose slopes are estimated."""
        baseline = self.baseline_waves > 0 and self.baseline_analysis == "ancova"
        return self.covariates + int(baseline)

    def _arm_variance(self, components: Components) -> float:
        averaged = over_waves(
            explained(components, cluster_r2=self.cluster_r2, unit_r2=self.unit_r2),
            units=self.units,
            waves=self.waves,
            baseline_waves=self.baseline_waves,
            cluster_autocorrelation=(
                1.0 if self.cluster_autocorrelation is None else self.cluster_autocorrelation
            ),
            individual_autocorrelation=self.individual_autocorrelation,
            analysis=self.baseline_analysis,
        )
        return mean_variance(averaged, units=self.units, cv=self.cv, weighting=self.weighting)


def _check_shares(design: ParallelDesign) -> None:
    """Refuse correlations and shares outside [0, 1] and a level outside (0, 1)."""
    if not 0 <= design.icc < 1:
        message = f"icc: {design.icc} is outside [0, 1)"
        raise InputError(message)
    if not 0 < design.level < 1:
        message = f"level: {design.level} is outside (0, 1)"
        raise InputError(message)
    shares = ("cluster_autocorrelation", "individual_autocorrelation", "cluster_r2", "unit_r2")
    for name in shares:
        value = getattr(design, name)
        if value is not None and not 0 <= value <= 1:
            message = f"{name}: {value} is outside [0, 1]"
            raise InputError(message)
